"""Memory that the contents of a file are read into."""

from __future__ import annotations

import contextlib
import io
import mmap
import os
from collections.abc import Callable
from functools import partial
from typing import IO

from brinery.errors import IntegrityError

__all__ = ["descriptor_of", "mapped", "new_memory", "reader_of"]

# From here on a mapping of its own is faster: the system can give it pages of 2 MiB.
OWN_MAPPING = 4 << 20


def new_memory(size: int) -> memoryview:
    """Writable memory of so many bytes, all zero, which goes when nobody uses it any more.

    >>> len(new_memory(100)), len(new_memory(5_000_000))
    (100, 5000000)
    """
    if size < OWN_MAPPING:
        return memoryview(bytearray(size))
    # Private: a fork gets a copy, as of any other memory.
    private = {"flags": mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS} if hasattr(mmap, "MAP_PRIVATE") else {}
    mapping = mmap.mmap(-1, size, **private)
    if hasattr(mmap, "MADV_HUGEPAGE"):
        # A kernel without them takes ordinary pages.
        with contextlib.suppress(OSError):
            mapping.madvise(mmap.MADV_HUGEPAGE)
    return memoryview(mapping)


def mapped(file: IO[bytes]) -> memoryview:
    """All of a file as memory, which is read as it is looked at. What is written to it stays in this process.

    Raises:
        ValueError: It is none of the system's files, or is empty.
    """
    descriptor = descriptor_of(file)
    if descriptor is None:
        raise ValueError("only a file of the system can be mapped: load it without mmap=True")
    return memoryview(mmap.mmap(descriptor, 0, access=mmap.ACCESS_COPY))


def reader_of(file: IO[bytes]) -> Callable[[memoryview, int], None] | None:
    """What fills memory from an offset of a file, by several threads at a time; None where there is only one place.

    It raises IntegrityError where the file ends before.
    """
    descriptor = descriptor_of(file)
    return partial(read_at, descriptor) if descriptor is not None and hasattr(os, "preadv") else None


def read_at(descriptor: int, view: memoryview, offset: int) -> None:
    """Fill the view from somewhere in a file.

    Raises:
        IntegrityError: The file ends before.
    """
    while view:
        count = os.preadv(descriptor, [view], offset)
        if not count:
            raise IntegrityError("the file has become shorter while it was read")
        view = view[count:]
        offset += count


def descriptor_of(file: IO[bytes]) -> int | None:
    """The descriptor of a file whose content is what the system reads from it; None of others, as of a GzipFile."""
    raw = getattr(file, "raw", file)
    return raw.fileno() if type(raw) is io.FileIO else None
