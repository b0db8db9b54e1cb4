"""An object in a file: what comes back, for brinery and for the stdlib, whole or compressed or mapped."""

from __future__ import annotations

import gzip
import io
import json
import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

import brinery
from brinery.codec import outline
from brinery.errors import DecodeError, EncodeError, UntrustedError
from tests.strategies import difference, graphs

LARGE = 64 * 1024
ARRAYS = {
    "numbers": np.arange(100_000.0),
    "bytes": np.arange(LARGE, dtype="u1"),
    "columns": np.asfortranarray(np.arange(40_000.0).reshape(200, 200)),
    "fixed": np.arange(20_000.0),
    "times": np.arange(20_000).astype("M8[s]"),
    "structured": np.zeros(9_000, [("a", "i4"), ("b", "f8")]),
    "text": np.array(["a", "bc"] * 20_000),
    "small": np.arange(3),
}
ARRAYS["fixed"].flags.writeable = False
PAYLOADS = [b"b" * LARGE, bytearray(LARGE + 1), "t" * (LARGE + 2), "ü" * LARGE, *ARRAYS.values()]


def same(one: Any, other: Any) -> bool:
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and one.flags.writeable == other.flags.writeable and (one == other).all()
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and one == other


@given(graphs())
def test_what_was_written_comes_back(obj: Any) -> None:
    file = io.BytesIO()
    brinery.dump(obj, file)
    for data in (file.getvalue(), compressed(obj)):
        assert difference(obj, brinery.load(io.BytesIO(data))) is None


def compressed(obj: Any) -> bytes:
    file = io.BytesIO()
    brinery.dump(obj, file, compress="zstd")
    return file.getvalue()


@given(st.lists(st.sampled_from(PAYLOADS), max_size=6), st.booleans())
def test_large_memory_comes_back_however_it_is_read(tmp_path_factory: Any, parts: list[Any], signed: bool) -> None:
    path = tmp_path_factory.mktemp("large") / "object.pkl"
    brinery.dump(parts, path, sign=signed)
    found = [
        brinery.load(path), brinery.load(path, mmap=True), brinery.load(path, mmap=True, verify="full"),
        brinery.loads(path.read_bytes()), brinery.load(io.BytesIO(compressed(parts))), pickle.loads(path.read_bytes()),
    ]  # fmt: skip
    assert all(same(parts, each) for each in found)


def test_the_stdlib_reads_files_in_a_fresh_process_that_has_no_brinery(tmp_path: Path) -> None:
    path = tmp_path / "object.pkl"
    frame = pd.DataFrame({"a": np.arange(30_000), "b": np.arange(30_000.0)})
    brinery.dump({**ARRAYS, "frame": frame, "plain": [1, {"x": (2.5, None)}]}, path)
    program = (
        "import pickle, sys; sys.modules['brinery'] = None\n"
        f"found = pickle.load(open({str(path)!r}, 'rb'))\n"
        "print(found['numbers'].sum(), found['columns'][3, 4], found['frame']['b'].sum(), found['plain'])"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=tmp_path)
    expected = [ARRAYS["numbers"].sum(), ARRAYS["columns"][3, 4], frame["b"].sum(), [1, {"x": (2.5, None)}]]
    assert told.stdout.strip() == " ".join(str(each) for each in expected)


def test_a_compressed_file_is_zstd_around_the_plain_pickle(tmp_path: Path) -> None:
    brinery.dump(ARRAYS, tmp_path / "plain")
    brinery.dump(ARRAYS, tmp_path / "small", compress=True, level=5)
    unfolded = zstandard.ZstdDecompressor().decompressobj().decompress((tmp_path / "small").read_bytes())
    assert (tmp_path / "plain").read_bytes().startswith(unfolded)
    assert same(pickle.loads(unfolded), ARRAYS)
    assert brinery.info(tmp_path / "small").compression == {"name": "zstd", "level": 5}


def test_memory_is_aligned_in_the_file_and_when_it_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "object.pkl"
    brinery.dump(list(ARRAYS.values()), path)
    data = path.read_bytes()
    payloads = outline(data)[2]
    assert len(payloads) == len(ARRAYS) - 1
    assert all(offset % 64 == 0 for offset, _ in payloads)
    for mmap in (False, True):
        loaded = brinery.load(path, mmap=mmap)
        assert all(each.ctypes.data % 16 == 0 for each in loaded if each.nbytes >= LARGE)


def test_mapped_arrays_can_be_written_to_and_the_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "object.pkl"
    brinery.dump(ARRAYS["numbers"], path)
    before = path.read_bytes()
    loaded = brinery.load(path, mmap=True)
    loaded[:] = 0
    assert path.read_bytes() == before
    assert same(brinery.load(path), ARRAYS["numbers"])


def test_a_mapped_object_outlives_the_file_that_replaces_its_own(tmp_path: Path) -> None:
    path = tmp_path / "object.pkl"
    brinery.dump(ARRAYS["numbers"], path)
    loaded = brinery.load(path, mmap=True)
    brinery.dump(np.zeros(100_000), path)
    assert same(loaded, ARRAYS["numbers"])


def test_loaded_memory_is_not_shared_with_forks(tmp_path: Path) -> None:
    path = tmp_path / "object.pkl"
    brinery.dump(np.zeros(1_000_000), path)
    loaded = brinery.load(path)
    child = os.fork()
    if child == 0:
        loaded[0] = 1
        os._exit(0)
    os.waitpid(child, 0)
    assert loaded[0] == 0


def test_mutable_bytes_are_what_they_were_and_not_memory_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "object.pkl"
    brinery.dump([bytearray(LARGE)], path)
    loaded = brinery.load(path, mmap=True)
    loaded[0].append(1)
    assert type(loaded[0]) is bytearray


def test_one_object_twice_is_one_object(tmp_path: Path) -> None:
    path = tmp_path / "object.pkl"
    array, content = np.arange(LARGE), b"b" * LARGE
    brinery.dump([array, content, array, content, array[5:]], path)
    for mmap in (False, True):
        one, two, three, four, view = brinery.load(path, mmap=mmap)
        assert one is three
        assert two is four
        assert np.shares_memory(one, view)


def test_files_can_be_written_to_and_read_from_where_they_stand(tmp_path: Path) -> None:
    with open(tmp_path / "file", "w+b") as file:
        brinery.dump(ARRAYS, file)
        file.seek(0)
        assert same(brinery.load(file), ARRAYS)


def test_a_pipe_can_be_read() -> None:
    data = io.BytesIO()
    brinery.dump({"a": 1}, data)
    reading, writing = os.pipe()
    os.write(writing, data.getvalue())
    os.close(writing)
    with os.fdopen(reading, "rb") as file:
        assert brinery.load(file) == {"a": 1}


class Own:
    def __init__(self) -> None:
        self.value = 5


def test_what_the_user_wrote_loads_in_full_and_what_nobody_signed_by_the_vetted_list(tmp_path: Path) -> None:
    for options in ({}, {"compress": True}):
        brinery.dump([Own(), ARRAYS], tmp_path / "mine", **options)
        assert brinery.load(tmp_path / "mine")[0].value == 5
        brinery.dump([Own(), ARRAYS], tmp_path / "nobodys", sign=False, **options)
        with pytest.raises(UntrustedError, match="not signed"):
            brinery.load(tmp_path / "nobodys")
        assert brinery.load(tmp_path / "nobodys", trust=[Own])[0].value == 5
        brinery.dump(ARRAYS, tmp_path / "data", sign=False, **options)
        assert same(brinery.load(tmp_path / "data"), ARRAYS)


def test_another_users_file_is_opened_by_the_vetted_list_until_the_key_is_trusted(tmp_path: Path) -> None:
    path = tmp_path / "object.pkl"
    program = f"import brinery, fractions, collections; brinery.dump([lambda x: x + 1, fractions.Fraction(1, 2)], {str(path)!r})"
    environment = {**os.environ, "BRINERY_HOME": str(tmp_path / "theirs")}
    subprocess.run([sys.executable, "-c", program], check=True, env=environment)
    assert brinery.info(path).signed_by is None
    with pytest.raises(UntrustedError, match="not trusted"):
        brinery.load(path)
    mine = {**os.environ, "BRINERY_HOME": str(tmp_path / "mine")}
    reading = f"import brinery; print(brinery.load({str(path)!r})[0](41), brinery.info({str(path)!r}).signed_by)"
    command = str(Path(sys.executable).parent / "brinery")
    subprocess.run([command, "keys", "trust", "ada", brinery.info(path).signer], check=True, env=mine)
    told = subprocess.run([sys.executable, "-c", reading], check=True, env=mine, capture_output=True, text=True)
    assert told.stdout.split() == ["42", "ada"]


def test_metadata_is_told_without_the_object(tmp_path: Path) -> None:
    path = tmp_path / "object.pkl"
    brinery.dump(ARRAYS, path, metadata={"run": 7, "tags": ["a", {"b": None}]})
    told = brinery.info(path)
    assert told.metadata == {"run": 7, "tags": ["a", {"b": None}]}
    assert told.packages["numpy"] == np.__version__
    assert "numpy.dtype" in told.globals
    assert (told.buffers, told.buffers_size + ARRAYS["times"].nbytes) == (
        6,
        sum(each.nbytes for each in ARRAYS.values() if each.nbytes >= LARGE),
    )
    assert json.loads(json.dumps(told.to_dict()))["python"].count(".") == 2
    assert "signed by you" in str(told)


@pytest.mark.parametrize("metadata", [{"a": object()}, {"a": float("nan")}, {1j: 2}])
def test_metadata_that_json_has_no_way_to_write_is_refused_and_nothing_is_written(
    tmp_path: Path, metadata: Any
) -> None:
    with pytest.raises(EncodeError, match="metadata"):
        brinery.dump([1], tmp_path / "object.pkl", metadata=metadata)
    assert list(tmp_path.iterdir()) == []


def test_an_object_that_cannot_be_written_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "object.pkl"
    brinery.dump("old", path)
    with pytest.raises(EncodeError, match=r"\[1\]"):
        brinery.dump([1, (each for each in ())], path)
    assert brinery.load(path) == "old"
    assert os.listdir(tmp_path) == ["object.pkl"]


@pytest.mark.parametrize("options", [{"compress": "lz4"}, {"compress": True, "level": 30}, {"unpicklable": "drop"}])
def test_options_that_there_are_not_are_refused(tmp_path: Path, options: Any) -> None:
    with pytest.raises(ValueError, match="must be"):
        brinery.dump([1], tmp_path / "object.pkl", **options)
    assert list(tmp_path.iterdir()) == []


def test_a_compressed_file_is_not_mapped(tmp_path: Path) -> None:
    brinery.dump([1], tmp_path / "object.pkl", compress=True)
    with pytest.raises(ValueError, match="cannot be mapped"):
        brinery.load(tmp_path / "object.pkl", mmap=True)


def test_info_of_another_file_says_so(tmp_path: Path) -> None:
    (tmp_path / "other.pkl").write_bytes(pickle.dumps([1]))
    with pytest.raises(DecodeError, match="has no manifest"):
        brinery.info(tmp_path / "other.pkl")


def test_progress_is_told_to_the_end(tmp_path: Path) -> None:
    for options in ({}, {"compress": True}):
        written: list[tuple[int, int]] = []
        read: list[tuple[int, int]] = []
        brinery.dump(ARRAYS, tmp_path / "object.pkl", progress=lambda *told: written.append(told), **options)
        brinery.load(tmp_path / "object.pkl", progress=lambda *told: read.append(told))
        for told in (written, read):
            assert told == sorted(told)
            assert told[-1][0] == told[-1][1] > 0


@pytest.mark.parametrize("size", [0, 1, 100, 5_000_000])
def test_any_size(tmp_path: Path, size: int) -> None:
    data = np.random.default_rng(1).integers(0, 256, size, dtype="u1")
    brinery.dump(data, tmp_path / "object.pkl")
    assert same(brinery.load(tmp_path / "object.pkl"), data)
    assert same(brinery.load(tmp_path / "object.pkl", mmap=True, verify="full"), data)


def test_files_within_files_are_read_as_they_are_and_not_mapped(tmp_path: Path) -> None:
    brinery.dump(ARRAYS, tmp_path / "file")
    (tmp_path / "file.gz").write_bytes(gzip.compress((tmp_path / "file").read_bytes()))
    with gzip.open(tmp_path / "file.gz") as file:
        assert same(brinery.load(file), ARRAYS)
    with gzip.open(tmp_path / "file.gz") as file, pytest.raises(ValueError, match="mapped"):
        brinery.load(file, mmap=True)
