"""What is saved of damaged files: what was written before the damage, and nothing that was not."""

from __future__ import annotations

import gzip
import os
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import brinery
from brinery.errors import DecodeError, IntegrityError, UntrustedError
from tests.files.test_dump_load import Own, same


def records(count: int) -> list[Any]:
    return [{"number": number, "text": f"text {number}", "parts": [number, (number, None)]} for number in range(count)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "file"


@given(st.data())
def test_a_list_that_was_cut_short_is_a_beginning_of_it(tmp_path_factory: Any, data: st.DataObject) -> None:
    path = tmp_path_factory.mktemp("cut") / "file"
    expected = records(1000)
    if data.draw(st.booleans()):
        brinery.dump(expected, path)
    else:
        path.write_bytes(pickle.dumps(expected, data.draw(st.sampled_from([2, 4, 5]))))
    size = path.stat().st_size
    os.truncate(path, 500 + (size - 501) * data.draw(st.integers(0, 10_000)) // 10_000)
    saved = brinery.recover(path)
    count = len(saved.object)
    assert saved.object[: count - 1] == expected[: count - 1]
    assert not saved.is_complete or saved.object == expected
    assert saved.problems or saved.is_complete
    # What the last one had got to when it broke off may be left of it.
    assert saved.object[-1:] == expected[count - 1 : count] or not saved.is_complete


def test_a_dict_that_was_cut_short_keeps_its_whole_entries(path: Path) -> None:
    expected = {f"key {number}": np.full(3, number) for number in range(3000)}
    brinery.dump(expected, path)
    os.truncate(path, path.stat().st_size * 3 // 4)
    saved = brinery.recover(path).object
    assert 1000 < len(saved) < 3000
    assert all(same(value, expected[key]) for key, value in list(saved.items())[:-1])


def test_damaged_memory_is_named_and_the_rest_is_there(path: Path) -> None:
    obj = {"a": np.arange(1_000_000.0), "b": np.arange(1_000_000.0), "c": Own()}
    brinery.dump(obj, path)
    data = bytearray(path.read_bytes())
    data[1_000_000] ^= 255
    path.write_bytes(data)
    saved = brinery.recover(path)
    assert saved.is_complete
    assert [each.region.kind for each in saved.damaged] == ["buffer"]
    assert (saved.object["a"] != obj["a"]).sum() == 1
    assert same(saved.object["b"], obj["b"])
    assert type(saved.object["c"]) is Own


def test_opcodes_behind_a_damage_are_not_believed(path: Path) -> None:
    expected = records(200_000)
    brinery.dump(expected, path)
    data = bytearray(path.read_bytes())
    place = data.index(b"text 150000")
    data[place] ^= 255
    path.write_bytes(data)
    saved = brinery.recover(path)
    assert not saved.is_complete
    count = len(saved.object)
    assert 50_000 < count < 150_000
    assert saved.object[: count - 1] == expected[: count - 1]


def test_damaged_opcodes_are_believed_on_request_and_are_nobodys(path: Path) -> None:
    brinery.dump([Own(), *records(100)], path)
    data = bytearray(path.read_bytes())
    data[data.index(b"text 50")] ^= 1
    path.write_bytes(data)
    with pytest.raises(IntegrityError, match="nothing could be saved"):
        brinery.recover(path)
    with pytest.raises(UntrustedError):
        brinery.recover(path, unverified=True)
    saved = brinery.recover(path, unverified=True, trust=[Own])
    assert saved.object[51]["text"] == "uext 50"
    assert saved.object[52:] == records(100)[51:]
    assert not saved.is_complete
    assert saved.problems


def test_what_was_shared_is_shared_and_objects_with_half_a_state_are_left_out(path: Path) -> None:
    shared = [1, 2]
    path.write_bytes(pickle.dumps([shared, Own(), shared, {"a": shared, "b": Own()}])[:-20])
    saved = brinery.recover(path, trust=[Own])
    assert saved.object == [shared, saved.object[1], shared, {"a": shared}]
    assert saved.object[0] is saved.object[2] is saved.object[3]["a"]
    assert saved.object[1].value == 5


def test_a_file_that_lost_its_end_is_nobodys(path: Path) -> None:
    brinery.dump([1, 2, Own()], path)
    os.truncate(path, path.stat().st_size - 5)
    with pytest.raises(UntrustedError):
        brinery.recover(path)
    saved = brinery.recover(path, trust=[Own])
    assert saved.is_complete
    assert type(saved.object[2]) is Own


@pytest.mark.parametrize("compress", [True, False])
def test_compressed_files_are_unfolded_as_far_as_they_go(path: Path, compress: bool) -> None:
    expected = records(50_000)
    if compress:
        brinery.dump(expected, path, compress=True)
    else:
        path.write_bytes(gzip.compress(pickle.dumps(expected)))
    os.truncate(path, path.stat().st_size // 2)
    saved = brinery.recover(path)
    count = len(saved.object)
    assert 1000 < count < 50_000
    assert saved.object[: count - 1] == expected[: count - 1]


def test_a_whole_file_is_what_it_is(path: Path) -> None:
    brinery.dump([1, 2.5], path)
    saved = brinery.recover(path)
    assert (saved.object, saved.is_complete, saved.damaged, saved.problems) == ([1, 2.5], True, (), ())


@pytest.mark.parametrize("data", [b"", b"\x80\x05", b"no pickle at all"])
def test_where_there_is_nothing_it_says_so(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    with pytest.raises(DecodeError):
        brinery.recover(path)
