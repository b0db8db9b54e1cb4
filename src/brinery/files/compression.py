"""zstd files: one ordinary frame around the pickle.

Source: RFC 8878, Zstandard, 3.1.1 (frames and blocks).
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import Any, Literal

__all__ = ["Compression", "compressor_for", "frame_end"]

MOST_HEADER = 18  # bytes
RLE = 1  # a block that is one byte, however often
# From here on several threads compress, which makes files a little larger.
THREADED = 8 << 20
# What one thread does at a time, which zstd would have twice as large up to some level: the last one is waited for.
JOB = 4 << 20
LOW = 5


class Compression:
    """How a stream is to be compressed."""

    def __init__(self, level: int) -> None:
        """With zstd, of this level."""
        self.level = level

    def described(self) -> dict[str, Any]:
        """What the manifest says of it."""
        return {"name": "zstd", "level": self.level}

    def compressed(self, parts: Iterable[memoryview], total: int) -> Iterator[bytes]:
        """The parts as one frame, piece by piece."""
        import zstandard

        compressor = zstandard.ZstdCompressor(compression_params=self._parameters(total))
        stream = compressor.compressobj(size=total)
        for part in parts:
            for start in range(0, len(part), STEP):
                if piece := stream.compress(part[start : start + STEP]):
                    yield piece
        yield stream.flush()

    def _parameters(self, total: int) -> Any:
        import zstandard

        threads: dict[str, int] = {}
        if total >= THREADED:
            threads = {"threads": os.cpu_count() or 1, "job_size": JOB if self.level <= LOW else 0}
        return zstandard.ZstdCompressionParameters.from_level(
            self.level, source_size=total, write_content_size=True, **threads
        )


STEP = 1 << 20


def compressor_for(compress: Literal["zstd"] | bool | None, level: int) -> Compression | None:
    """What was asked for; None for nothing.

    Raises:
        ValueError: There is no such compression, or no such level.
    """
    if compress is None or compress is False:
        return None
    if compress is not True and compress != "zstd":
        raise ValueError(f"compress must be 'zstd' or nothing, not {compress!r}")
    if not 1 <= level <= 22:
        raise ValueError(f"level must be from 1 to 22, not {level!r}")
    return Compression(level)


def frame_end(data: memoryview) -> int | None:
    """Where the first frame of a zstd file ends, by the sizes of its blocks; None where that cannot be told.

    >>> import zstandard
    >>> frame = zstandard.compress(b"some bytes")
    >>> frame_end(memoryview(frame + b"more")) == len(frame)
    True
    """
    import zstandard

    try:
        at = zstandard.frame_header_size(bytes(data[:MOST_HEADER]))
        has_checksum = zstandard.get_frame_parameters(bytes(data[:MOST_HEADER])).has_checksum
    except zstandard.ZstdError:
        return None
    last = 0
    while not last:
        header = int.from_bytes(data[at : at + 3], "little")
        last, kind, size = header & 1, header >> 1 & 3, header >> 3
        at += 3 + (1 if kind == RLE else size)
        if at > len(data):
            return None
    return at + (4 if has_checksum else 0)
