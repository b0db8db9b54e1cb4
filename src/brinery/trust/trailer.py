"""What follows STOP: the layout that seals, signatures and files share.

::

    START  4 bytes
    kind   1 byte: b"S" a seal, b"E" an Ed25519 signature, b"F" the manifest of a file, signed, b"M" one that is not
    head   what the proof is of and by, as the kind says
    proof  MAC or signature, as long as the kind says
    size   4 bytes, little-endian: of the whole trailer
    check  4 bytes, little-endian: CRC-32 of START, kind, head and size
    END    4 bytes

The CRC tells a damaged trailer from one of a key that is not known here; what the proof says needs no other check. The
trailer is found from the end, so that no opcode has to be read; since a pickle ends with ``.`` and ``END`` does not, an
unsealed pickle is never taken for a sealed one.
"""

from __future__ import annotations

from struct import Struct
from typing import NamedTuple
from zlib import crc32

from brinery.errors import IntegrityError

__all__ = [
    "AFTER_PROOF",
    "BEFORE_HEAD",
    "END",
    "MANIFEST",
    "PROOF_SIZES",
    "SEAL",
    "SIGNATURE",
    "SIGNED_MANIFEST",
    "Trailer",
    "around_proof",
    "check_rest",
    "find_trailer",
]

START = b"\x8dBr\x00"
END = b"\x00rB\x8d"
SEAL = b"S"
SIGNATURE = b"E"
SIGNED_MANIFEST = b"F"
MANIFEST = b"M"
PROOF_SIZES = {SEAL: 32, SIGNATURE: 64, SIGNED_MANIFEST: 64, MANIFEST: 32}
BEFORE_HEAD = len(START) + 1
AFTER_PROOF = 4 + 4 + len(END)
DAMAGED = "the seal or signature at the end of the bytes is damaged"
read_after_proof = Struct("<II4s").unpack_from


class Trailer(NamedTuple):
    """A trailer that is undamaged, and what it follows."""

    kind: bytes
    head: bytes
    proof: bytes
    payload: memoryview


def around_proof(kind: bytes, head: bytes) -> tuple[bytes, bytes]:
    """What comes before the proof in a trailer, and what comes after it.

    >>> before, after = around_proof(SEAL, b"head")
    >>> len(before), len(after)
    (9, 12)
    """
    before = START + kind + head
    size = (len(before) + PROOF_SIZES[kind] + AFTER_PROOF).to_bytes(4, "little")
    return before, size + crc32(before + size).to_bytes(4, "little") + END


def find_trailer(data: memoryview) -> Trailer | None:
    """The trailer that the bytes end with, or None where there is none.

    Raises:
        IntegrityError: There is one, and it is damaged, or of a kind that this version does not know.
    """
    length = len(data)
    if length < AFTER_PROOF:
        return None
    size, check, end = read_after_proof(data, length - AFTER_PROOF)
    if end != END:
        return None
    trailer = bytes(data[-size:]) if BEFORE_HEAD + AFTER_PROOF <= size <= length else b""
    kind = trailer[len(START) : BEFORE_HEAD]
    end_of_head = len(trailer) - AFTER_PROOF - PROOF_SIZES.get(kind, len(trailer))
    if not trailer.startswith(START) or end_of_head < BEFORE_HEAD:
        raise IntegrityError(DAMAGED + ", or of a later version of brinery")
    if crc32(trailer[-AFTER_PROOF : 4 - AFTER_PROOF], crc32(trailer[:end_of_head])) != check:
        raise IntegrityError(DAMAGED)
    return Trailer(kind, trailer[BEFORE_HEAD:end_of_head], trailer[end_of_head:-AFTER_PROOF], data[:-size])


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
