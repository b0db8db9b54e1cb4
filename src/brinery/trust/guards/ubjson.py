"""Reading UBJSON, which xgboost keeps its models in; numbers in a row become arrays.

Format: https://ubjson.org; big-endian, with the types and counts of arrays in front of them.
"""

from __future__ import annotations

import struct
import sys
from typing import Any

NUMBERS = {b"i": ">i1", b"U": ">u1", b"I": ">i2", b"l": ">i4", b"L": ">i8", b"d": ">f4", b"D": ">f8"}
FORMATS = {b"i": ">b", b"U": ">B", b"I": ">h", b"l": ">i", b"L": ">q", b"d": ">f", b"D": ">d"}
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
        self.data = memoryview(data)
        self.at = 0

    def read(self) -> Any:
        """The whole value; nothing may come after it."""
        found = self.value(self.take(1), 0)
        if self.at != len(self.data):
            raise ValueError("bytes after the end")
        return found

    def take(self, count: int) -> bytes:
        """The next bytes."""
        if count < 0 or self.at + count > len(self.data):
            raise ValueError("ends too early")
        self.at += count
        return bytes(self.data[self.at - count : self.at])

    def peek(self) -> bytes:
        """The next byte, which is left for others."""
        return bytes(self.data[self.at : self.at + 1])

    def value(self, kind: bytes, depth: int) -> Any:
        """The value whose type has been read."""
        if depth > MOST_DEPTH:
            raise ValueError("nested too deeply")
        if kind in FORMATS:
            return self.number(kind)
        if kind in CONSTANTS:
            return CONSTANTS[kind]
        if kind == b"S":
            return self.text()
        if kind == b"{":
            return self.mapping(depth)
        if kind == b"[":
            return self.sequence(depth)
        raise ValueError(f"no type {kind!r}")

    def number(self, kind: bytes) -> Any:
        """A number of a type."""
        (found,) = struct.unpack(FORMATS[kind], self.take(struct.calcsize(FORMATS[kind])))
        return found

    def length(self) -> int:
        """A number, which its type precedes."""
        kind = self.take(1)
        if kind not in FORMATS or kind in {b"d", b"D"}:
            raise ValueError("a length must be a whole number")
        return int(self.number(kind))

    def text(self) -> str:
        """Text, which its length precedes."""
        return self.take(self.length()).decode()

    def mapping(self, depth: int) -> dict[str, Any]:
        """Keys and values up to the end of an object."""
        found: dict[str, Any] = {}
        while self.peek() != b"}":
            key = self.text()
            if key in found:
                raise ValueError(f"{key!r} twice")
            found[key] = self.value(self.take(1), depth + 1)
        self.at += 1
        return found

    def sequence(self, depth: int) -> Any:
        """An array of values, or of numbers of one type."""
        if self.peek() == b"$":
            kind = self.take(2)[1:]
            if kind not in NUMBERS or self.take(1) != b"#":
                raise ValueError("an array must be of numbers")
            dtype = sys.modules["numpy"].dtype(NUMBERS[kind])
            return sys.modules["numpy"].frombuffer(self.take(self.length() * dtype.itemsize), dtype)
        if self.peek() == b"#":
            self.at += 1
            return [self.value(self.take(1), depth + 1) for _ in range(self.length())]
        found = []
        while self.peek() != b"]":
            found.append(self.value(self.take(1), depth + 1))
        self.at += 1
        return found
