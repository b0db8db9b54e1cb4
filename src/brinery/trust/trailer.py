"""What follows STOP: the layout that seals and signatures share.

::

    START  4 bytes
    kind   1 byte: b"S" a seal, b"E" an Ed25519 signature
    body   what the kind says
    size   4 bytes, little-endian: of the whole trailer
    check  4 bytes, little-endian: CRC-32 of all of the trailer before it
    END    4 bytes

The CRC tells a damaged trailer from one of a key that is not known here. It is found from the end, so that no opcode
has to be read; since a pickle ends with ``.`` and ``END`` does not, an unsealed pickle is never taken for a sealed one.
"""

from __future__ import annotations

from struct import Struct
from typing import NamedTuple
from zlib import crc32

from brinery.errors import IntegrityError

__all__ = [
    "BEFORE_BODY",
    "END",
    "SEAL",
    "SIGNATURE",
    "START",
    "Trailer",
    "beginning_of",
    "check_rest",
    "find_trailer",
    "size_bytes",
    "whole_trailer",
]

START = b"\x8dBr\x00"
END = b"\x00rB\x8d"
SEAL = b"S"
SIGNATURE = b"E"
BEFORE_BODY = len(START) + 1
AFTER_BODY = 4 + 4 + len(END)
read_after_body = Struct("<II4s").unpack_from


class Trailer(NamedTuple):
    """A trailer that is undamaged, and what it follows."""

    whole: bytes
    payload: memoryview

    @property
    def kind(self) -> bytes:
        """What it is: SEAL, SIGNATURE, or nothing that is known."""
        return self.whole[len(START) : BEFORE_BODY]

    @property
    def body(self) -> bytes:
        """What it says."""
        return self.whole[BEFORE_BODY:-AFTER_BODY]


def beginning_of(kind: bytes) -> bytes:
    """What comes before the body."""
    return START + kind


def size_bytes(body_size: int) -> bytes:
    """The size of a whole trailer, as it stands after a body of so many bytes."""
    return (BEFORE_BODY + body_size + AFTER_BODY).to_bytes(4, "little")


def whole_trailer(kind: bytes, body: bytes) -> bytes:
    """The trailer around a body."""
    before = beginning_of(kind) + body + size_bytes(len(body))
    return before + crc32(before).to_bytes(4, "little") + END


def find_trailer(data: memoryview) -> Trailer | None:
    """The trailer that the bytes end with, or None where there is none.

    Raises:
        IntegrityError: There is one, and it is damaged.
    """
    length = len(data)
    if length < AFTER_BODY:
        return None
    size, check, end = read_after_body(data, length - AFTER_BODY)
    if end != END:
        return None
    trailer = bytes(data[-size:]) if BEFORE_BODY + AFTER_BODY <= size <= length else b""
    if not trailer.startswith(START) or crc32(trailer[:-8]) != check:
        raise IntegrityError("the seal or signature at the end of the bytes is damaged")
    return Trailer(trailer, data[:-size])


def check_rest(rest: memoryview | bytes) -> None:
    """Look at what follows STOP in bytes that have no trailer at their end, as far as anyone knows.

    Raises:
        IntegrityError: It is what is left of a seal or signature: cut short, damaged at its end, or appended to.

    >>> check_rest(b"something else")
    """
    beginning = bytes(rest[: len(START)])
    if beginning and START.startswith(beginning):
        raise IntegrityError(
            "what is left of a seal or signature follows the pickle: it was cut short, damaged or appended to"
        )
