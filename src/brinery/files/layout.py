"""Where things are in a file: the trailer at its end, and the memory of buffers within its stream."""

from __future__ import annotations

import os
from typing import IO, NamedTuple

from brinery.errors import IntegrityError
from brinery.trust import FRAME_HEADER, Manifest, OpenedFile, find_trailer, is_of_file, opened_file

__all__ = ["Layout", "layout_of", "skeleton_of"]

# Most trailers are shorter; of longer ones the rest is read once that is known.
GUESS = 16 * 1024
AFTER_SIZE = 12  # from the size of a trailer to the end of the file

BINBYTES, BINBYTES8, BYTEARRAY8 = b"B", b"\x8e", b"\x96"
NEXT_BUFFER, READONLY_BUFFER = b"\x97", b"\x98"


class Layout(NamedTuple):
    """What the trailer of a file says, and how many bytes the file has."""

    opened: OpenedFile
    size: int

    @property
    def manifest(self) -> Manifest:
        """What the file was written with, and where its bytes belong."""
        return self.opened.manifest


def layout_of(file: IO[bytes]) -> Layout | None:
    """The layout of an open file, or None if it was not written by :func:`brinery.dump`.

    Reads the end of the file only.

    Raises:
        IntegrityError: It was, and its trailer is damaged.
    """
    size = file.seek(0, os.SEEK_END)
    tail = read_tail(file, size, min(size, GUESS))
    length = int.from_bytes(tail[-AFTER_SIZE : 4 - AFTER_SIZE], "little") + FRAME_HEADER
    if len(tail) < length and len(tail) < size:
        tail = read_tail(file, size, min(length, size))
    trailer = find_trailer(memoryview(tail))
    if not is_of_file(trailer):
        return None
    trailer_size = len(tail) - len(trailer.payload)
    return Layout(opened_file(trailer, size - trailer_size), size)


def read_tail(file: IO[bytes], size: int, length: int) -> bytes:
    file.seek(size - length)
    return file.read(length)


def skeleton_of(parts: list[tuple[memoryview, int]]) -> bytes:
    """The stream with its buffers out of band.

    Args:
        parts: What comes before each buffer, and the size of the buffer; last, what comes after all of them, and 0.

    Raises:
        IntegrityError: A buffer is not where the manifest says.
    """
    return b"".join(without_header(part, size) if size else part for part, size in parts)


def without_header(part: memoryview, size: int) -> bytes:
    """What comes before a buffer, with an opcode that takes the buffer from outside at its end."""
    long, short = bytes(part[-9:]), bytes(part[-5:])
    if long == BYTEARRAY8 + size.to_bytes(8, "little"):
        return bytes(part[:-9]) + NEXT_BUFFER
    if long == BINBYTES8 + size.to_bytes(8, "little"):
        return bytes(part[:-9]) + NEXT_BUFFER + READONLY_BUFFER
    if size < 1 << 32 and short == BINBYTES + size.to_bytes(4, "little"):
        return bytes(part[:-5]) + NEXT_BUFFER + READONLY_BUFFER
    raise IntegrityError("the manifest of the file does not fit its stream: a buffer is not where it says")
