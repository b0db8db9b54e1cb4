"""Compressed data, unfolded piece by piece under a budget."""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Callable, Iterator
from typing import Any

from brinery.peeking.budget import MIB, Budget, OverBudgetError

_SLICE = 16 * 1024  # bytes of input at a time: deflate makes at most 1,032 times as much of it
_ZSTD_SLICE = 512  # a block of 4 bytes makes 128 KiB
_MEMORY = 128 * MIB  # that a stream may ask for as its window
_ERRORS = (zlib.error, lzma.LZMAError, OSError, ValueError, EOFError, MemoryError)


def unfolded(data: memoryview, format: str, budget: Budget) -> tuple[memoryview, tuple[str, str] | None]:
    """What the data unfolds to, and the code and message of what is wrong with it; all that came before that is kept.

    The memory used is at most the budget.
    """
    content = bytearray()
    wrong = None
    try:
        for piece in _CODECS[format](data):
            budget.take(len(piece))
            content += piece
    except OverBudgetError as error:
        wrong = ("limit", str(error))
    except _ERRORS as error:
        wrong = ("broken", f"the {format} data is broken: {error}")
    return memoryview(content).toreadonly(), wrong


def is_compressed(format: str) -> bool:
    """Whether :func:`unfolded` knows the format."""
    return format in _CODECS


def raw_deflate(data: memoryview) -> Iterator[bytes]:
    """The pieces of deflated data without a header, as in zip files; what is behind its end is left out."""
    yield from _deflated(data, -zlib.MAX_WBITS, members=1)


def _deflated(data: memoryview, window: int, members: int | None = None) -> Iterator[bytes]:
    at = 0
    while at < len(data) and members != 0:
        member = zlib.decompressobj(window)
        while at < len(data) and not member.eof:
            piece = data[at : at + _SLICE]
            yield member.decompress(piece)
            at += len(piece)
        if not member.eof:
            raise EOFError("it ends too early")
        at -= len(member.unused_data)
        members = None if members is None else members - 1


def _blocks(data: memoryview, new: Callable[[], Any]) -> Iterator[bytes]:
    """For bz2 and lzma, whose decompressors can be asked for a part of what a piece of input unfolds to."""
    at = 0
    while at < len(data):
        member = new()
        while not member.eof:
            piece = data[at : at + MIB] if member.needs_input else b""
            if member.needs_input and not piece:
                raise EOFError("it ends too early")
            yield member.decompress(piece, MIB)
            at += len(piece)
        at -= len(member.unused_data)


def _zstd(data: memoryview) -> Iterator[bytes]:
    import zstandard

    decompressor = zstandard.ZstdDecompressor(max_window_size=_MEMORY)
    at = 0
    while at < len(data):
        frame = decompressor.decompressobj()
        while at < len(data) and not frame.eof:
            piece = data[at : at + _ZSTD_SLICE]
            try:
                yield frame.decompress(piece)
            except zstandard.ZstdError as error:
                raise ValueError(str(error)) from error
            at += len(piece)
        if not frame.eof:
            raise EOFError("it ends too early")
        at -= len(frame.unused_data)


def _xz() -> Any:
    return lzma.LZMADecompressor(lzma.FORMAT_AUTO, memlimit=_MEMORY)


_CODECS: dict[str, Callable[[memoryview], Iterator[bytes]]] = {
    "gzip": lambda data: _deflated(data, 16 + zlib.MAX_WBITS),
    "zlib": lambda data: _deflated(data, zlib.MAX_WBITS),
    "bz2": lambda data: _blocks(data, bz2.BZ2Decompressor),
    "xz": lambda data: _blocks(data, _xz),
    "lzma": lambda data: _blocks(data, _xz),
    "zstd": _zstd,
    "deflate": raw_deflate,
}
