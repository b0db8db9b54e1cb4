"""Files in a store that speaks S3, and on web servers: as on this machine, whole or absent, and only what is asked for."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import obstore
import pytest
from obstore.store import S3Store

import brinery
from brinery.errors import DecodeError, IntegrityError, UntrustedError
from brinery.files import convert, optimize, recover, sign, verify
from brinery.files.remote import RemoteFile
from tests.files.servers import s3_server, web_server
from tests.files.test_dump_load import ARRAYS, Own, same

LARGE = {"a": np.arange(3_000_000.0), "b": [Own()], "c": np.ones((1000, 1000))}  # 32 MB


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    with s3_server(tmp_path_factory.mktemp("s3")) as found:
        yield found


@pytest.fixture
def bucket(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> str:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return "s3://tests"


def content(address: str) -> bytes:
    return bytes(obstore.get(S3Store("tests"), address.removeprefix("s3://tests/")).bytes())


def keep(address: str, data: bytes) -> None:
    obstore.put(S3Store("tests"), address.removeprefix("s3://tests/"), data)


@pytest.mark.parametrize("obj", [[1, 2.5], ARRAYS, LARGE], ids=["small", "arrays", "large"])
@pytest.mark.parametrize("compress", [None, "zstd"])
def test_what_is_written_there_is_read_there(bucket: str, obj: Any, compress: Any) -> None:
    brinery.dump(obj, f"{bucket}/model.pkl", compress=compress, metadata={"run": 7})
    found = brinery.load(f"{bucket}/model.pkl")
    assert difference_free(found, obj)
    assert brinery.info(f"{bucket}/model.pkl").metadata == {"run": 7}
    assert verify(f"{bucket}/model.pkl").is_whole
    if compress is None:
        assert difference_free(pickle.loads(content(f"{bucket}/model.pkl")), obj)


def difference_free(found: Any, obj: Any) -> bool:
    if obj is LARGE:
        return type(found["b"][0]) is Own and same([found["a"], found["c"]], [obj["a"], obj["c"]])
    return same(found, obj)


def test_after_an_error_what_was_there_is_there(bucket: str) -> None:
    brinery.dump([1], f"{bucket}/kept.pkl")

    def stop(done: int, total: int) -> None:
        if done > 20_000_000:
            raise RuntimeError("enough")

    for name in ("kept", "none"):
        with pytest.raises(RuntimeError, match="enough"):
            brinery.dump(LARGE, f"{bucket}/{name}.pkl", progress=stop)
    assert brinery.load(f"{bucket}/kept.pkl") == [1]
    with pytest.raises(FileNotFoundError, match=r"none\.pkl"):
        brinery.load(f"{bucket}/none.pkl")


def test_a_flipped_bit_is_found(bucket: str) -> None:
    brinery.dump(ARRAYS, f"{bucket}/flipped.pkl")
    data = bytearray(content(f"{bucket}/flipped.pkl"))
    data[len(data) // 2] ^= 1
    keep(f"{bucket}/flipped.pkl", data)
    with pytest.raises(IntegrityError):
        brinery.load(f"{bucket}/flipped.pkl")
    assert not verify(f"{bucket}/flipped.pkl").is_whole
    assert recover(f"{bucket}/flipped.pkl").damaged


def test_a_file_that_is_replaced_while_it_is_read_is_not_mixed_with_the_new_one(bucket: str) -> None:
    brinery.dump(LARGE, f"{bucket}/replaced.pkl")
    file = brinery.open(f"{bucket}/replaced.pkl")
    brinery.dump({**LARGE, "a": LARGE["a"] + 1}, f"{bucket}/replaced.pkl")
    with pytest.raises(IntegrityError, match="replaced"):
        file["a"].load()


def test_only_what_is_used_is_fetched(bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    brinery.dump(LARGE, f"{bucket}/parts.pkl")
    fetched: list[int] = []
    original = RemoteFile.read_at

    def counted(self: RemoteFile, view: memoryview, offset: int) -> None:
        fetched.append(len(view))
        original(self, view, offset)

    monkeypatch.setattr(RemoteFile, "read_at", counted)
    file = brinery.open(f"{bucket}/parts.pkl")
    assert file.keys() == ["a", "b", "c"]
    assert type(file["b"][0].load()) is Own
    assert sum(fetched) < 100_000
    assert same(file["c"].load(), LARGE["c"])
    assert same(file["c"].load(), LARGE["c"])
    assert 8_000_000 <= sum(fetched) < 8_100_000


def test_files_of_others_are_read_and_judged(bucket: str) -> None:
    keep(f"{bucket}/stock.pkl", pickle.dumps([Own(), 1]))
    with pytest.raises(UntrustedError):
        brinery.load(f"{bucket}/stock.pkl")
    assert brinery.load(f"{bucket}/stock.pkl", trust=[Own])[1] == 1
    sign(f"{bucket}/stock.pkl")
    assert brinery.load(f"{bucket}/stock.pkl")[1] == 1


def test_files_are_made_of_files(bucket: str, tmp_path: Path) -> None:
    brinery.dump(ARRAYS, tmp_path / "here")
    convert(tmp_path / "here", f"{bucket}/there", compress="zstd")
    optimize(f"{bucket}/there")
    convert(f"{bucket}/there", tmp_path / "back")
    assert same(brinery.load(tmp_path / "back"), ARRAYS)


def test_what_cannot_be_done_from_afar_says_so(bucket: str) -> None:
    brinery.dump([1], f"{bucket}/file")
    with pytest.raises(ValueError, match="mapped"):
        brinery.load(f"{bucket}/file", mmap=True)
    with pytest.raises(ValueError, match="a log grows"):
        brinery.open_log(f"{bucket}/log")
    with pytest.raises(ValueError, match="names no file"):
        brinery.dump([1], "s3://tests")
    with pytest.raises(ValueError, match="can only be read"):
        brinery.dump([1], "https://example.org/file")


def test_credentials_that_are_wrong_are_not_told(bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a-secret-that-is-wrong")
    for call in (lambda: brinery.load(f"{bucket}/file"), lambda: brinery.dump([1], f"{bucket}/file")):
        with pytest.raises(OSError, match=r"not allowed|privileges") as caught:
            call()
        assert "secret" not in str(caught.value)


def test_profiles_are_found_where_boto3_is(
    bucket: str, environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    brinery.dump([1], f"{bucket}/file")
    keys = [f"{name.lower()} = {environment[name]}" for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")]
    (tmp_path / "credentials").write_text("\n".join(["[default]", *keys]))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    assert brinery.load(f"{bucket}/file") == [1]


@pytest.mark.parametrize("ranges", [True, False], ids=["ranges", "no ranges"])
def test_files_on_the_web_are_read(tmp_path: Path, ranges: bool) -> None:
    brinery.dump(ARRAYS, tmp_path / "file")
    joblib.dump([np.arange(5)], tmp_path / "joblib")
    with web_server(ranges=ranges) as server:
        # What has a signature in its address may only be asked for with GET.
        server.files = {
            "/a%20model.pkl?X-Signature=abc%2Fd": (tmp_path / "file").read_bytes(),
            "/joblib": (tmp_path / "joblib").read_bytes(),
        }
        address = f"{server.address}/a%20model.pkl?X-Signature=abc%2Fd"
        assert same(brinery.load(address), ARRAYS)
        assert same(brinery.open(address)["numbers"].load(), ARRAYS["numbers"])
        assert brinery.info(address).path == f"{server.address}/a%20model.pkl"
        assert same(brinery.load(f"{server.address}/joblib"), [np.arange(5)])
        assert not [each for each in server.asked if each[0] != "GET"]
        with pytest.raises(FileNotFoundError) as caught:
            brinery.load(f"{server.address}/nothing?X-Signature=abc")
    assert "Signature" not in str(caught.value)
    with pytest.raises(OSError, match=r"a%20model\.pkl"):
        brinery.info(address.replace("Signature=abc", "Signature=abd"))


def test_what_is_no_file_of_brinery_says_so(bucket: str) -> None:
    keep(f"{bucket}/page", b"<html>")
    with pytest.raises(DecodeError):
        brinery.load(f"{bucket}/page")


def test_without_the_extra_it_says_which() -> None:
    code = "import sys; sys.modules['obstore'] = None; import brinery; brinery.load('s3://a/b')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr.splitlines()[-1].endswith("takes obstore: pip install 'brinery[remote]'")


def test_commands_take_addresses(bucket: str) -> None:
    brinery.dump([1], f"{bucket}/file")
    command = Path(sys.executable).with_name("brinery")
    for arguments in (["info"], ["verify"], ["optimize"]):
        done = subprocess.run([command, *arguments, f"{bucket}/file"], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert f"{bucket}/file" in done.stdout
