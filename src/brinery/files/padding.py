"""Buffers put into a stream, at multiples of an alignment, with opcodes that do nothing before theirs."""

from __future__ import annotations

import pickletools
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from brinery.errors import IntegrityError

__all__ = ["ALIGNMENT", "aligned"]

# Of memory within the file: a cache line, and what vector instructions and Arrow want.
ALIGNMENT = 64
NONE_AND_AWAY = b"N0"
NUMBER_AND_AWAY = b"K\x000"


def aligned(skeleton: bytes, buffers: list[Any]) -> list[Any]:
    """The pieces of a stream whose buffers were out of band: opcodes, buffer, opcodes, and so on. Without frames.

    Raises:
        IntegrityError: It takes another number of buffers.

    >>> pieces = aligned(b"\\x80\\x05\\x97.", [bytearray(b"memory")])
    >>> len(pieces[0]), bytes(pieces[1]), pieces[2]
    (64, b'memory', b'.')
    """
    pieces: list[Any] = []
    waiting = iter(buffers)
    part = bytearray()
    offset = 0
    for name, code, is_readonly in opcodes_of(skeleton):
        if name == "NEXT_BUFFER":
            buffer = next(waiting, None)
            if buffer is None:
                raise IntegrityError("the stream takes more buffers than there are")
            header = header_of(len(buffer), is_readonly)
            part += padding(offset + len(part) + len(header)) + header
            pieces += [bytes(part), buffer]
            offset += len(part) + len(buffer)
            part = bytearray()
        elif name not in {"FRAME", "READONLY_BUFFER"}:
            part += code
    if next(waiting, None) is not None:
        raise IntegrityError("the stream takes fewer buffers than there are")
    return [*pieces, bytes(part)]


def opcodes_of(skeleton: bytes) -> Iterator[tuple[str, bytes, bool]]:
    """Name and bytes of each opcode, and whether one follows that makes a buffer read-only."""
    found = [(opcode.name, start or 0) for opcode, _, start in pickletools.genops(skeleton)]
    for (name, start), (after, end) in pairwise([*found, ("", len(skeleton))]):
        yield name, skeleton[start:end], after == "READONLY_BUFFER"


def header_of(size: int, is_readonly: bool) -> bytes:
    if not is_readonly:
        return b"\x96" + size.to_bytes(8, "little")
    return b"B" + size.to_bytes(4, "little") if size < 1 << 32 else b"\x8e" + size.to_bytes(8, "little")


def padding(offset: int) -> bytes:
    """Opcodes that do nothing, so that what follows is at a multiple of the alignment."""
    missing = -offset % ALIGNMENT
    if missing == 1:
        missing += ALIGNMENT
    odd = NUMBER_AND_AWAY if missing % 2 else b""
    return odd + NONE_AND_AWAY * ((missing - len(odd)) // 2)
