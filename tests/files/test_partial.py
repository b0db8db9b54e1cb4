"""A look into a file: parts are what they are in the whole, and what is not asked for is not read."""

from __future__ import annotations

import gzip
import os
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import brinery
from brinery.errors import DecodeError, IntegrityError, UntrustedError
from tests.files.test_dump_load import ARRAYS, Own, same
from tests.strategies import difference, graphs


@given(st.dictionaries(st.text(max_size=5), graphs(), max_size=4))
def test_each_part_is_what_it_is_in_the_whole(tmp_path_factory: Any, obj: dict[str, Any]) -> None:
    path = tmp_path_factory.mktemp("parts") / "file"
    brinery.dump(obj, path)
    file = brinery.open(path)
    assert file.keys() == list(obj)
    for key, value in obj.items():
        # What parts shared, each has for itself.
        assert difference(pickle.loads(pickle.dumps(value)), file[key].load()) is None


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    brinery.dump(
        {"arrays": ARRAYS, "model": Own(), "list": list(range(5000)), "frame": pd.DataFrame({"a": [1, 2]})}, path
    )
    return path


def test_parts_by_keys_numbers_and_names(path: Path) -> None:
    file = brinery.open(path)
    assert file.keys() == ["arrays", "model", "list", "frame"]
    assert len(file["list"]) == 5000
    assert file["list"][4999].load() == 4999
    assert [each.load() for each in file["list"]] == list(range(5000))
    assert file["model"]["value"].load() == 5
    assert "model" in file
    assert "nothing" not in file
    assert same(file["arrays"].load(), ARRAYS)
    assert file["frame"].load()["a"].tolist() == [1, 2]
    assert type(file["model"].load()) is Own
    assert "file" in repr(file["model"])
    assert "arrays" in str(file)
    with pytest.raises(KeyError, match="nothing"):
        file["nothing"]


def test_arrays_are_mapped_and_as_numpy_takes_them(path: Path) -> None:
    part = brinery.open(path)["arrays"]["numbers"]
    assert same(np.asarray(part), ARRAYS["numbers"])
    loaded = part.load()
    loaded[:] = 0
    assert same(part.load(), np.zeros(100_000))  # the same memory
    assert same(brinery.load(path)["arrays"]["numbers"], ARRAYS["numbers"])


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["bare", "gzip"])
def test_other_files_too(tmp_path: Path, pack: Any) -> None:
    (tmp_path / "file").write_bytes(pack(pickle.dumps({"a": [Own(), 1], "b": ARRAYS["numbers"]}, 4)))
    file = brinery.open(tmp_path / "file")
    assert same(file["b"].load(), ARRAYS["numbers"])
    with pytest.raises(UntrustedError):
        file["a"].load()
    assert brinery.open(tmp_path / "file", trust=[Own])["a"][0].load().value == 5


def test_compressed_files_too(tmp_path: Path) -> None:
    brinery.dump({"a": ARRAYS, "b": 1}, tmp_path / "file", compress=True)
    assert same(brinery.open(tmp_path / "file")["a"]["columns"].load(), ARRAYS["columns"])


def test_a_damaged_file_is_told(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[60] ^= 1
    path.write_bytes(data)
    with pytest.raises(IntegrityError):
        brinery.open(path)
    for content in (b"", b"nothing", pickle.dumps([1])[:-2]):
        path.write_bytes(content)
        with pytest.raises(DecodeError):
            brinery.open(path)


def test_little_of_a_large_file_is_read(tmp_path: Path) -> None:
    brinery.dump({"large": np.zeros(50_000_000, "u1"), "small": [1]}, tmp_path / "file")
    before = pages()
    file = brinery.open(tmp_path / "file")
    assert file["small"].load() == [1]
    assert file["large"].load().nbytes == 50_000_000
    assert pages() - before < 20_000_000


def pages() -> int:
    """Resident memory, in bytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
