"""Where a file is: on this machine, or behind an address."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from brinery.files.atomic import replaced
from brinery.files.remote import is_remote, open_remote, shown, uploaded

__all__ = ["Path", "name_of", "opened_to_read", "opened_to_replace", "size_of", "where"]

Path = str | os.PathLike[str]


@contextmanager
def opened_to_read(path: Path) -> Iterator[IO[bytes]]:
    """The file, open for reading, with nothing between it and what reads it.

    Raises:
        OSError: It cannot be read.
    """
    if isinstance(path, str) and is_remote(path):
        yield open_remote(path)
    else:
        with open(path, "rb", buffering=0) as file:
            yield file


@contextmanager
def opened_to_replace(path: Path, *, size: int, durable: bool) -> Iterator[IO[bytes]]:
    """A file that is in the place of `path` once the block ends, whole; see :func:`brinery.files.atomic.replaced`.

    Raises:
        OSError: It cannot be written; what was there is untouched.
    """
    if isinstance(path, str) and is_remote(path):
        with uploaded(path) as upload:
            yield upload
    else:
        with replaced(path, size=size, durable=durable) as file:
            yield file


def size_of(path: Path) -> int:
    """Its size, in bytes.

    Raises:
        OSError: It cannot be read.
    """
    with opened_to_read(path) as file:
        return file.seek(0, os.SEEK_END)


def where(path: Path) -> str:
    """The whole of its name, for messages."""
    return shown(path) if isinstance(path, str) and is_remote(path) else os.fspath(path)


def name_of(path: Path) -> str:
    """The last part of its name, for messages."""
    return os.path.basename(where(path))
