"""Reading UBJSON, which xgboost keeps its models in; numbers in a row become arrays.

Format: https://ubjson.org; big-endian, with the types and counts of arrays in front of them.
"""

from __future__ import annotations

import sys
from struct import Struct, error
from typing import Any

NUMBERS = {b"i": ">i1", b"U": ">u1", b"I": ">i2", b"l": ">i4", b"L": ">i8", b"d": ">f4", b"D": ">f8"}
FORMATS = {b"i": ">b", b"U": ">B", b"I": ">h", b"l": ">i", b"L": ">q", b"d": ">f", b"D": ">d"}
READERS = {kind: (Struct(each).unpack_from, Struct(each).size) for kind, each in FORMATS.items()}
FRACTIONS = frozenset({b"d", b"D"})
CONSTANTS = {b"T": True, b"F": False, b"Z": None}
MOST_DEPTH = 50


class Reader:
    """Reads one value of some bytes.

    Raises:
        ValueError: They are not UBJSON, or end too early.

    >>> Reader(b"{U\\x01k[$U#U\\x02\\x05\\x06}").read()["k"].tolist()
    [5, 6]
    """

    def __init__(self, data: Any) -> None:
        self.data = bytes(data)
        self.at = 0

    def read(self) -> Any:
        """The whole value; nothing may come after it."""
        found = self.value(self.kind(), 0)
        if self.at != len(self.data):
            raise ValueError("bytes after the end")
        return found

    def kind(self) -> bytes:
        """The next byte, of which there is none at the end."""
        at = self.at
        self.at = at + 1
        return self.data[at : at + 1]

    def is_next(self, mark: bytes) -> bool:
        """Whether a mark is next, which is passed then."""
        at = self.at
        if self.data[at : at + 1] != mark:
            return False
        self.at = at + 1
        return True

    def past(self, count: int) -> int:
        """Where some bytes begin, which are passed."""
        at = self.at
        if not 0 <= count <= len(self.data) - at:
            raise ValueError("ends too early")
        self.at = at + count
        return at

    def value(self, kind: bytes, depth: int) -> Any:
        """The value whose type has been read."""
        if depth > MOST_DEPTH:
            raise ValueError("nested too deeply")
        if kind == b"S":
            return self.text()
        if kind == b"[":
            return self.sequence(depth)
        if kind == b"{":
            return self.mapping(depth)
        return CONSTANTS[kind] if kind in CONSTANTS else self.number(kind)

    def number(self, kind: bytes) -> Any:
        """A number of a type."""
        if kind not in READERS:
            raise ValueError(f"no type {kind!r}")
        unpack, size = READERS[kind]
        try:
            (found,) = unpack(self.data, self.at)
        except error:
            raise ValueError("ends too early") from None
        self.at += size
        return found

    def length(self) -> int:
        """A number, which its type precedes."""
        kind = self.kind()
        if kind in FRACTIONS:
            raise ValueError("a length must be a whole number")
        return int(self.number(kind))

    def text(self) -> str:
        """Text, which its length precedes."""
        at = self.past(self.length())
        return self.data[at : self.at].decode()

    def mapping(self, depth: int) -> dict[str, Any]:
        """Keys and values up to the end of an object."""
        found: dict[str, Any] = {}
        while not self.is_next(b"}"):
            key = self.text()
            if key in found:
                raise ValueError(f"{key!r} twice")
            found[key] = self.value(self.kind(), depth + 1)
        return found

    def sequence(self, depth: int) -> Any:
        """An array of values, or of numbers of one type."""
        if self.is_next(b"$"):
            kind = self.kind()
            if kind not in NUMBERS or self.kind() != b"#":
                raise ValueError("an array must be of numbers")
            return self.numbers(NUMBERS[kind])
        if self.is_next(b"#"):
            return [self.value(self.kind(), depth + 1) for _ in range(self.length())]
        found = []
        while not self.is_next(b"]"):
            found.append(self.value(self.kind(), depth + 1))
        return found

    def numbers(self, name: str) -> Any:
        """An array of as many numbers as are told first."""
        numpy = sys.modules["numpy"]
        count = self.length()
        at = self.past(count * numpy.dtype(name).itemsize)
        return numpy.frombuffer(self.data, name, count, at)
