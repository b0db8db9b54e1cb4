"""Files made of files: the object stays what it is, nothing runs, and nobody is made to vouch for anything."""

from __future__ import annotations

import gzip
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import brinery
from brinery.errors import DecodeError, IntegrityError, UntrustedError
from brinery.files import convert, optimize, sign, verify
from brinery.files.describing import required_layout
from tests.files.test_dump_load import ARRAYS, Own, same

# Protocol 4 has no way to say that an array is read-only.
OBJECT = {
    **{name: each for name, each in ARRAYS.items() if each.flags.writeable},
    "list": [1, [2.5, "a"], "a", "a"],
    "more": {"list": [ARRAYS["numbers"]]},
}


def written(folder: Path, **options: Any) -> Path:
    brinery.dump(OBJECT, folder / "source", metadata={"run": 7}, **options)
    return folder / "source"


@pytest.mark.parametrize("options", [{}, {"compress": True}, {"sign": False}], ids=str)
@pytest.mark.parametrize("compress", [None, "zstd"])
@pytest.mark.parametrize("protocol", [None, 4, 5])
def test_conversions_keep_the_object_and_what_is_known_of_it(
    tmp_path: Path, options: Any, compress: Any, protocol: int | None
) -> None:
    source, target = written(tmp_path, **options), tmp_path / "target"
    before = brinery.info(source)
    convert(source, target, compress=compress, protocol=protocol)
    assert same(brinery.load(target), OBJECT)
    assert verify(target).is_whole
    after = brinery.info(target)
    assert (after.metadata, after.packages, after.signed_by) == (before.metadata, before.packages, before.signed_by)
    assert (after.compression is None, after.protocol) == (compress is None, protocol or 5)


def test_a_conversion_may_replace_its_source_and_mapping_works_after(tmp_path: Path) -> None:
    path = written(tmp_path, compress=True)
    convert(path, path)
    assert same(brinery.load(path, mmap=True), OBJECT)


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["bare", "gzip"])
def test_pickles_of_others_get_a_manifest_and_no_signature(tmp_path: Path, pack: Any) -> None:
    (tmp_path / "source").write_bytes(pack(pickle.dumps([Own(), 1])))
    convert(tmp_path / "source", tmp_path / "target")
    told = brinery.info(tmp_path / "target")
    assert (told.signed_by, told.globals, told.objects) == (None, ("tests.files.test_dump_load.Own",), 10)
    with pytest.raises(UntrustedError):
        brinery.load(tmp_path / "target")
    assert brinery.load(tmp_path / "target", trust=[Own])[1] == 1


def test_what_is_signed_loads_in_full(tmp_path: Path) -> None:
    for data in (pickle.dumps(Own()), gzip.compress(pickle.dumps(Own()))):
        (tmp_path / "file").write_bytes(data)
        sign(tmp_path / "file")
        assert brinery.load(tmp_path / "file").value == 5
        assert brinery.info(tmp_path / "file").signed_by == "you"


def test_an_attack_does_not_run_when_it_is_converted_optimized_or_signed(tmp_path: Path) -> None:
    path, marker = tmp_path / "file", tmp_path / "marker"
    for action in (sign, optimize, lambda path: convert(path, path, compress=True)):
        path.write_bytes(b"cos\nsystem\n(S'touch " + str(marker).encode() + b"'\ntR.")
        action(path)
        assert not marker.exists()


@pytest.mark.parametrize(
    "data", [b"", b"no pickle", pickle.dumps([1])[:-1], pickle.dumps([1]) + b"rest", b"PK\x03\x04"]
)
def test_what_is_no_whole_pickle_is_refused_and_stays(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(data)
    for action in (sign, optimize, lambda path: convert(path, path)):
        with pytest.raises(DecodeError):
            action(path)
    assert path.read_bytes() == data


def test_a_damaged_file_is_not_made_whole_by_signing(tmp_path: Path) -> None:
    path = written(tmp_path)
    data = bytearray(path.read_bytes())
    data[1000] ^= 1
    path.write_bytes(data)
    with pytest.raises(IntegrityError):
        sign(path)


def test_optimizing_leaves_out_what_nobody_fetches_and_keeps_memory_aligned(tmp_path: Path) -> None:
    path = tmp_path / "file"
    brinery.dump(OBJECT, path, protocol=5)
    before = path.stat().st_size
    saved = optimize(path)
    assert saved == before - path.stat().st_size
    assert same(brinery.load(path), OBJECT)
    assert same(brinery.load(path, mmap=True), OBJECT)
    assert same(pickle.loads(path.read_bytes()), OBJECT)
    with path.open("rb") as file:
        buffers = required_layout(file, path).manifest.buffers
    assert len(buffers) == 5
    assert all(offset % 64 == 0 for offset, _ in buffers)
    (tmp_path / "stock").write_bytes(pickle.dumps([[str(number)] for number in range(1000)]))
    assert optimize(tmp_path / "stock") > 0 or brinery.load(tmp_path / "stock")[999] == ["999"]


def run(*arguments: Any, status: int = 0, answer: str = "") -> str:
    command = Path(sys.executable).parent / "brinery"
    done = subprocess.run([command, *map(str, arguments)], capture_output=True, text=True, input=answer, check=False)
    assert done.returncode == status, done.stderr
    return done.stdout + done.stderr


def test_commands(tmp_path: Path) -> None:
    path = written(tmp_path)
    assert "signed by you" in run("info", path)
    assert '"run": 7' in run("info", path, "--json")
    assert "whole" in run("verify", path)
    assert "bytes to" in run("convert", path, tmp_path / "small", "--compress", "zstd")
    assert brinery.info(tmp_path / "small").compression is not None
    assert "bytes to" in run("optimize", path)
    data = bytearray(path.read_bytes())
    data[5000] ^= 1
    path.write_bytes(data)
    assert "were changed" in run("verify", path, tmp_path / "small", status=1)
    assert '"whole": false' in run("verify", path, "--json", status=1)
    assert "all of the object" in run("recover", path, tmp_path / "saved", status=1)
    assert same(brinery.load(tmp_path / "saved")["text"], OBJECT["text"])
    assert "kept" in run("recover", path, path, status=2)
    (tmp_path / "stock").write_bytes(pickle.dumps(np.float64(2)))
    assert "has no manifest" in run("info", tmp_path / "stock", status=1)
    assert "numpy" in run("sign", tmp_path / "stock", status=1, answer="n\n")
    assert "signed" in run("sign", tmp_path / "stock", answer="y\n")
    assert brinery.info(tmp_path / "stock").signed_by == "you"
