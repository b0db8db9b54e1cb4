"""Files that were changed: every bit counts, and what is whole is told from what is not."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import brinery
from brinery.errors import DecodeError, IntegrityError
from brinery.files import verify
from brinery.files.describing import required_layout

LARGE = 64 * 1024
SMALL = {"name": "small", "values": [1, 2.5, None], "array": np.arange(10)}


def bytes_of(obj: Any, **options: Any) -> bytes:
    file = io.BytesIO()
    brinery.dump(obj, file, **options)
    return file.getvalue()


def flipped(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


@pytest.mark.parametrize(
    "options", [{}, {"sign": False}, {"compress": True}, {"compress": True, "sign": False}], ids=str
)
def test_one_bit_flipped_anywhere_in_a_small_file_is_found(options: Any) -> None:
    data = bytes_of(SMALL, **options)
    for place in range(len(data)):
        changed = io.BytesIO(flipped(data, place * 8 + place % 8))
        with pytest.raises(IntegrityError):
            brinery.load(changed)


@pytest.mark.parametrize("options", [{}, {"sign": False}, {"compress": True}], ids=str)
@pytest.mark.parametrize("mmap", [False, True])
def test_bits_flipped_in_a_large_file_are_found(tmp_path: Path, options: Any, mmap: bool) -> None:
    if mmap and "compress" in options:
        options = {}
    array = np.random.default_rng(1).integers(0, 256, 9_000_000, dtype="u1")
    data = bytes_of([array, "text", array[:LARGE].copy()], **options)
    path = tmp_path / "object.pkl"
    for place in np.random.default_rng(2).integers(0, len(data) * 8, 50).tolist():
        path.write_bytes(flipped(data, place))
        with pytest.raises(IntegrityError):
            brinery.load(path, mmap=mmap, verify="full")


@given(st.data())
def test_what_is_cut_short_or_appended_to_or_put_together_is_found(data: st.DataObject) -> None:
    options = data.draw(st.sampled_from([{}, {"sign": False}, {"compress": True}]))
    one, other = bytes_of(SMALL, **options), bytes_of({"other": np.arange(20)}, **options)
    cut = data.draw(st.integers(1, len(one) - 1))
    appended = data.draw(st.binary(min_size=1, max_size=30))
    spliced = one[:cut] + other[cut:]
    for changed in (one[:cut], one + appended, appended + one, other + one, spliced, one[:cut] + one[cut + 1 :]):
        if changed not in {one, other}:
            with pytest.raises(DecodeError):
                brinery.load(io.BytesIO(changed))


def test_the_message_says_what_is_damaged_and_how_much_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "object.pkl"
    array = np.zeros(10_000_000, "u1")
    brinery.dump({"a": array}, path)
    data = bytearray(path.read_bytes())
    data[6_000_000] ^= 1
    path.write_bytes(data)
    found = verify(path)
    assert [(each.region.kind, each.offset <= 6_000_000 < each.offset + each.size) for each in found.damaged] == [
        ("buffer", True)
    ]
    assert not found.is_whole
    with pytest.raises(
        IntegrityError, match=r"in the memory of an array or buffer\. 5,8.* of 10,000,\d+ bytes are whole"
    ):
        brinery.load(path)


def test_mapping_looks_at_the_opcodes_and_leaves_memory_alone_unless_it_is_told_to(tmp_path: Path) -> None:
    path = tmp_path / "object.pkl"
    brinery.dump([np.zeros(LARGE, "u1"), "text"], path)
    data = path.read_bytes()
    buffer = next(each for each in verify_regions(path) if each.kind == "buffer")
    path.write_bytes(flipped(data, (buffer.offset + 5) * 8))
    assert brinery.load(path, mmap=True)[0][5] == 1
    with pytest.raises(IntegrityError, match="memory of an array"):
        brinery.load(path, mmap=True, verify="full")
    path.write_bytes(flipped(data, (buffer.offset + buffer.size + 5) * 8))
    with pytest.raises(IntegrityError, match="opcodes"):
        brinery.load(path, mmap=True)


def verify_regions(path: Path) -> Any:
    with path.open("rb") as file:
        return required_layout(file, path).manifest.regions


def test_verify_reads_all_of_a_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "object.pkl"
    for options in ({}, {"compress": True}, {"sign": False}):
        brinery.dump([np.zeros(9_000_000, "u1"), "text"], path, **options)
        told: list[tuple[int, int]] = []
        assert verify(path, progress=lambda *each: told.append(each)).is_whole
        assert told[-1][0] == told[-1][1]
