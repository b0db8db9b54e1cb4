"""Replacing a file: the old content or the new, and nothing else in the folder."""

from __future__ import annotations

import errno
import os
import resource
import stat
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from brinery.files import atomic
from brinery.files.atomic import replaced

ROOT = os.geteuid() == 0


def write(path: Path, content: bytes, **options: Any) -> None:
    with replaced(path, **options) as file:
        file.write(content)


def names(folder: Path) -> list[str]:
    return sorted(os.listdir(folder))


@pytest.mark.parametrize("durable", [True, False])
def test_the_content_is_there_once_the_block_ends_and_not_before(tmp_path: Path, durable: bool) -> None:
    path = tmp_path / "file"
    write(path, b"old", durable=durable)
    with replaced(path, durable=durable) as file:
        file.write(b"new")
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"
    assert names(tmp_path) == ["file"]


@pytest.mark.parametrize("size", [0, 1 << 21, 1 << 23])
def test_what_was_reserved_and_not_needed_is_given_back(tmp_path: Path, size: int) -> None:
    path = tmp_path / "file"
    write(path, b"x" * (1 << 22), size=size)
    assert path.read_bytes() == b"x" * (1 << 22)


@pytest.mark.parametrize("error", [ValueError("broken"), KeyboardInterrupt(), OSError(errno.ENOSPC, "full")])
def test_an_error_leaves_what_was_there(tmp_path: Path, error: BaseException) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def fail() -> None:
        with replaced(path) as file:
            file.write(b"new" * 10_000)
            raise error

    with pytest.raises(type(error)):
        fail()
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["file"]


def test_new_files_have_the_mode_of_new_files_and_replaced_ones_keep_theirs(tmp_path: Path) -> None:
    for mask in (0o022, 0o077):
        before = os.umask(mask)
        try:
            write(tmp_path / f"new{mask}", b"")
        finally:
            os.umask(before)
        assert stat.S_IMODE((tmp_path / f"new{mask}").stat().st_mode) == 0o666 & ~mask
    path = tmp_path / "file"
    path.write_bytes(b"old")
    for mode in (0o600, 0o644, 0o660):
        path.chmod(mode)
        write(path, b"new")
        assert stat.S_IMODE(path.stat().st_mode) == mode


def test_while_it_is_written_nobody_else_can_read_it(tmp_path: Path) -> None:
    with replaced(tmp_path / "file") as file:
        assert stat.S_IMODE(os.fstat(file.fileno()).st_mode) == 0o600


@pytest.mark.skipif(not ROOT, reason="giving files to others takes root")
def test_the_owner_stays(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    os.chown(path, 12345, 23456)
    write(path, b"new")
    assert (path.stat().st_uid, path.stat().st_gid) == (12345, 23456)


def test_a_link_stays_and_what_it_leads_to_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    link, target = tmp_path / "link", tmp_path / "there" / "file"
    link.symlink_to(target)
    for content in (b"old", b"new"):
        write(link, content)  # at first it leads nowhere
        assert link.is_symlink()
        assert target.read_bytes() == content
    assert names(tmp_path / "there") == ["file"]


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError, match="is a folder"):
        write(tmp_path, b"")


def test_devices_and_pipes_are_written_to(tmp_path: Path) -> None:
    write(Path(os.devnull), b"gone")
    os.mkfifo(tmp_path / "pipe")
    reading = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    write(tmp_path / "pipe", b"through")
    assert os.read(reading, 100) == b"through"
    os.close(reading)
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


def test_a_folder_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write(tmp_path / "missing" / "file", b"")


READ_ONLY = """
import os, sys
from brinery.files.atomic import replaced
os.setuid(65534)
try:
    with replaced(sys.argv[1]) as file:
        file.write(b"new")
except PermissionError as error:
    print(error.strerror)
"""


@pytest.mark.skipif(
    not ROOT, reason="root may write anywhere, so that the test becomes somebody else, which takes root"
)
def test_a_folder_that_cannot_be_written_to_is_told_and_the_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    path.chmod(0o666)
    for each in (tmp_path, *tmp_path.parents):
        if str(each).startswith("/tmp/"):
            each.chmod(0o755)
    told = subprocess.run([sys.executable, "-c", READ_ONLY, path], capture_output=True, text=True, check=True)
    assert "no file can be made in the folder" in told.stdout
    assert path.read_bytes() == b"old"


@pytest.mark.parametrize("size", [100, 10_000, 1_000_000])
def test_a_limit_on_the_size_of_files_is_an_error_with_the_path_and_the_old_file_stays(
    tmp_path: Path, size: int
) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50, before[1]))
    try:
        with pytest.raises(OSError, match="untouched") as caught:
            write(path, b"x" * size)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert (caught.value.errno, caught.value.filename) == (errno.EFBIG, str(path))
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["file"]


@pytest.fixture
def full_disk(tmp_path: Path) -> Any:
    """A file system of 256 KiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", folder], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("a small file system cannot be mounted here: " + mounted.stderr.decode())
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_full_disk_leaves_the_old_file_and_room(full_disk: Path) -> None:
    path = full_disk / "file"
    write(path, b"old" * 1000)
    for _ in range(3):
        with pytest.raises(OSError, match="untouched") as caught:
            write(path, b"x" * 500_000)
        assert caught.value.errno == errno.ENOSPC
        assert path.read_bytes() == b"old" * 1000
        assert names(full_disk) == ["file"]
    write(path, b"new")
    assert path.read_bytes() == b"new"


@pytest.mark.parametrize("call", ["fsync", "replace", "fchmod"])
def test_errors_of_the_system_leave_the_old_file(tmp_path: Path, monkeypatch: Any, call: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def fail(*_: Any) -> None:
        raise OSError(errno.EIO, "the disk is broken")

    with monkeypatch.context() as patched:
        patched.setattr(atomic.os, call, fail)
        with pytest.raises(OSError, match="the disk is broken"):
            write(path, b"new")
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["file"]


def test_what_a_dead_writer_left_goes_with_the_next_write_and_what_a_living_one_writes_stays(tmp_path: Path) -> None:
    path = tmp_path / "file"
    dead = tmp_path / f".file.99-0123abcd{atomic.SUFFIX}"
    dead.write_bytes(b"half")
    others = [
        ".file.99-0123abcd",
        f".file2.99-0123abcd{atomic.SUFFIX}",
        f"file.99-0123abcd{atomic.SUFFIX}",
        ".file.txt",
    ]
    for name in others:
        (tmp_path / name).write_bytes(b"not ours")
    with replaced(path) as file:
        assert not dead.exists()
        write(path, b"of another writer")
        file.write(b"of this one")
    assert path.read_bytes() == b"of this one"
    assert names(tmp_path) == sorted([*others, "file"])


def test_many_writers_at_once_each_write_a_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    contents = [bytes([number]) * 50_000 for number in range(8)]
    failed: list[BaseException] = []

    def work(content: bytes) -> None:
        try:
            for _ in range(20):
                write(path, content, durable=False)
                assert path.read_bytes() in contents
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=[content]) for content in contents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert path.read_bytes() in contents
    assert names(tmp_path) == ["file"]
