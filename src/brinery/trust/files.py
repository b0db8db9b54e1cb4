"""The files that keys are kept in: where, who may read them, and how they are written."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from brinery.errors import KeyFileError

__all__ = ["check_folder", "home", "locked", "read_checked", "write_private"]


def home() -> Path:
    """The folder of the user's keys: ``BRINERY_HOME``, or ``brinery`` in the system's place for configuration."""
    if given := os.environ.get("BRINERY_HOME"):
        return Path(given)
    from platformdirs import user_config_path

    return user_config_path("brinery", appauthor=False)


def read_checked(path: Path, *, secret: bool) -> str | None:
    """The text of a file that nobody else can have a say in, or None if there is none.

    Args:
        path: The file.
        secret: Whether others may not even read it.

    Raises:
        KeyFileError: Others may; the message says what to do.
    """
    try:
        # What is looked at is what is read.
        with path.open(encoding="utf-8") as file:
            check_owner(path, os.fstat(file.fileno()), 0o077 if secret else 0o022)
            return file.read()
    except FileNotFoundError:
        return None
    except UnicodeDecodeError:
        raise KeyFileError(f"{path} is not text") from None


def check_folder(folder: Path) -> None:
    """Refuse a folder in which others can put files of theirs in the place of the user's; there need not be one.

    Raises:
        KeyFileError: Others can; the message says what to do.
    """
    try:
        status = folder.stat()
    except OSError:
        return  # whoever reads the files in it is told
    check_owner(folder, status, 0o022)


def check_owner(path: Path, status: os.stat_result, forbidden: int) -> None:
    """Refuse a file whose owner or permissions let others in."""
    if status.st_uid not in {os.geteuid(), 0}:
        raise KeyFileError(
            f"{path} belongs to another user (uid {status.st_uid}). "
            "Set BRINERY_HOME to a folder of your own, or BRINERY_KEY to a key"
        )
    if status.st_mode & forbidden:
        what, mode = ("read or change", "600") if forbidden & 0o044 else ("change", "go-w")
        raise KeyFileError(
            f"others can {what} {path} (mode {stat.S_IMODE(status.st_mode):04o}). Run: chmod {mode} {path}"
        )


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Alone in the folder, which is made if there is none, among all processes that ask."""
    from fcntl import LOCK_EX, flock

    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        flock(descriptor, LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def write_private(path: Path, text: str) -> None:
    """Put a file with that text in place, whole or not at all, for the user alone."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with open(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
