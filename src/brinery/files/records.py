"""The records of a log: pickles one after the other, each with its length and what proves it inside.

::

    log      = prefix records
    prefix   = PROTO 5, SHORT_BINBYTES 32: mark (8) id of the log (16) id of the key (8), POP
    record   = PROTO 5, SHORT_BINBYTES 32: length of the record (8) MAC (16) checksum (8), POP, rest of a pickle, STOP

The opcodes before the rest put nothing on the stack, so that each call of ``pickle.load`` gives the next object. The
MAC is keyed BLAKE3 of the user who began the log, over the id of the log, the number of the record, its length and the
rest; the checksum is XXH3 of the same, for everybody else.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

from brinery.trust import SealKey

__all__ = ["OPCODES", "PREFIX_SIZE", "RECORD_HEADER", "Prefix", "framed", "is_whole", "length_at", "proves"]

OPCODES = b"\x80\x05C\x20"
POP = b"0"
MARK = b"BrLog\x00\x00\x01"
PREFIX_SIZE = RECORD_HEADER = len(OPCODES) + 32 + len(POP)
LENGTH = slice(4, 12)
MAC = slice(12, 28)
CHECKSUM = slice(28, 36)


class Prefix(NamedTuple):
    """What a log begins with: its own id, and that of the key which its records are proven by."""

    log: bytes
    key: bytes

    def to_bytes(self) -> bytes:
        """The prefix as it stands in the file."""
        return OPCODES + MARK + self.log + self.key + POP

    @classmethod
    def from_bytes(cls, data: bytes) -> Prefix | None:
        """The prefix of a file, or None if it has none, or half of one."""
        if len(data) < PREFIX_SIZE or not data.startswith(OPCODES + MARK) or data[PREFIX_SIZE - 1 :][:1] != POP:
            return None
        return cls(data[12:28], data[28:36])


def framed(pickle: bytes, place: bytes, key: SealKey) -> bytes:
    """The record of a pickle of protocol 5.

    Args:
        pickle: All of it, PROTO to STOP.
        place: The id of the log and the number of the record.
        key: That of the user who writes.
    """
    rest = memoryview(pickle)[2:]
    length = struct.pack("<Q", RECORD_HEADER + len(rest))
    proven = b"".join((place, length, rest))
    return b"".join((OPCODES, length, key.record_mac(proven, "log"), checksum(proven), POP, rest))


def length_at(header: bytes | memoryview) -> int | None:
    """The length of the record that begins with these bytes; None if none begins so."""
    if len(header) < RECORD_HEADER or header[: len(OPCODES)] != OPCODES or header[RECORD_HEADER - 1] != POP[0]:
        return None
    length = int.from_bytes(header[LENGTH], "little")
    return length if length > RECORD_HEADER else None


def is_whole(record: memoryview, place: bytes) -> bool:
    """Whether a record is what was written in that place, as far as accidents go."""
    return checksum(placed(record, place)) == record[CHECKSUM]


def proves(record: memoryview, place: bytes, key: SealKey) -> bool:
    """Whether the owner of the key wrote a record in that place."""
    return key.made_record(bytes(record[MAC]), placed(record, place), "log")


def placed(record: memoryview, place: bytes) -> bytes:
    """What is proven of a record: what it holds, and all that it depends on."""
    return b"".join((place, record[LENGTH], record[RECORD_HEADER:]))


def checksum(proven: bytes) -> bytes:
    from xxhash import xxh3_64_digest

    digest: bytes = xxh3_64_digest(proven)
    return digest
