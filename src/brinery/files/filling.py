"""The bytes of a file, read into the memory that they are to have, and verified meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import IO

from brinery.errors import IntegrityError
from brinery.files.checking import checking
from brinery.files.memory import reader_of
from brinery.trust import Manifest, OpenedFile, hash_of

__all__ = ["fill"]

# Bytes of compressed data at a time, so that little memory is needed for what they unfold to.
STEP = 64 * 1024

Advance = Callable[[int], None]  # told how many bytes were read


def fill(file: IO[bytes], opened: OpenedFile, parts: list[memoryview], advance: Advance) -> None:
    """Fill the parts of the stream one after the other.

    Raises:
        IntegrityError: The file is not what was written.
    """
    file.seek(0)
    if opened.manifest.compression:
        fill_from_compressed(file, opened.manifest, parts, advance)
    else:
        fill_from_plain(file, opened, parts, advance)


def fill_from_plain(file: IO[bytes], opened: OpenedFile, parts: list[memoryview], advance: Advance) -> None:
    """Read the regions, each of which is a part, and check what was read; where the file allows it, several at once."""
    regions = opened.manifest.regions
    memory = {region.offset: part for region, part in zip(regions, filter(len, parts), strict=True)}
    read_at = reader_of(file)
    waiting = []
    with checking(opened) as checks:
        for chunk in opened.manifest.chunks():
            start = chunk.offset - chunk.region.offset
            view = memory[chunk.region.offset][start : start + chunk.size]
            if read_at is None:
                read_exactly(file, view)
                checks.take(chunk, view)
                advance(chunk.size)
            else:
                wait = checks.take(chunk, view, partial(read_at, view, chunk.offset))
                waiting.append((wait, chunk.size))
        for wait, size in waiting:
            wait()
            advance(size)


def read_exactly(file: IO[bytes], view: memoryview) -> None:
    """Fill the view.

    Raises:
        IntegrityError: The file ends before.
    """
    while view:
        count = file.readinto(view)  # type: ignore[attr-defined]
        if not count:
            raise IntegrityError("the file has become shorter while it was read")
        view = view[count:]


def fill_from_compressed(
    file: IO[bytes], manifest: Manifest, parts: list[memoryview], advance: Callable[[int], None]
) -> None:
    """Read a compressed file, verify each chunk, and decompress it.

    Raises:
        IntegrityError: It is not what was written, or unfolds to something else than it says.
    """
    import zstandard

    filling = Filling(parts)
    stream = zstandard.ZstdDecompressor(max_window_size=1 << 31).decompressobj()
    try:
        for chunk in manifest.chunks():
            memory = memoryview(bytearray(chunk.size))
            read_exactly(file, memory)
            if hash_of(memory) != chunk.hash:
                raise manifest.damage([chunk])
            for start in range(0, chunk.size, STEP):
                filling.take(stream.decompress(memory[start : start + STEP]))
            advance(chunk.size)
    except zstandard.ZstdError as error:
        raise IntegrityError(f"the compressed stream is damaged: {error}") from None
    if filling.left:
        raise IntegrityError(f"the compressed stream ends {filling.left:,} bytes too early")


class Filling:
    """Pieces of a stream, put into parts of memory one after the other."""

    def __init__(self, parts: list[memoryview]) -> None:
        """Begin with the first."""
        self.left = sum(map(len, parts))
        self._parts = iter(parts)
        self._part = memoryview(b"")

    def take(self, data: bytes) -> None:
        """Put these bytes where the last ones ended.

        Raises:
            IntegrityError: There is no room for so many.
        """
        if len(data) > self.left:
            raise IntegrityError("the compressed stream unfolds to more than the manifest of the file says")
        self.left -= len(data)
        rest = memoryview(data)
        while rest:
            while not self._part:
                self._part = next(self._parts)
            count = min(len(rest), len(self._part))
            self._part[:count] = rest[:count]
            self._part, rest = self._part[count:], rest[count:]
