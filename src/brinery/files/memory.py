"""Memory that the contents of a file are read into."""

from __future__ import annotations

import contextlib
import io
import mmap
from typing import IO

__all__ = ["descriptor_of", "mapped", "new_memory"]

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


def descriptor_of(file: IO[bytes]) -> int | None:
    """The descriptor of a file whose content is what the system reads from it; None of others, as of a GzipFile."""
    raw = getattr(file, "raw", file)
    return raw.fileno() if type(raw) is io.FileIO else None
