"""Keys as bytes that sort as the keys do.

::

    None 01   False 02   True 03   int 04   float 05   str 06   bytes 07   tuple 08   anything else 09

An int is its sign and length in one byte, or nine, and its magnitude, big-endian, all bits turned over if it is
negative. Text and bytes end with 00, and a 00 in them is 00 FF, as in FoundationDB's tuple layer
(https://github.com/apple/foundationdb/blob/main/design/tuple.md); tuples end with 00 behind their parts. Text or bytes
that stand alone need no end, so that the keys of nearly all stores are one byte and their text. Anything else is its
canonical pickle, see docs/canonical.md.

Keys are told apart by type: 1, 1.0 and True are three keys.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

from brinery.errors import DecodeError

__all__ = ["after_prefix", "escaped", "is_plain", "key_from", "key_to_bytes", "shown_key", "unescaped"]

NONE, FALSE, TRUE, INT, FLOAT, STR, BYTES, TUPLE, PICKLE = (bytes([kind]) for kind in range(1, 10))
END, ESCAPED = b"\x00", b"\x00\xff"
# The byte after INT: 0x80 for zero, more for so many bytes of a positive number, less for a negative one.
ZERO, LONGEST = 0x80, 0x70
SIGN = 1 << 63
ALL = (1 << 64) - 1


def key_to_bytes(key: Any) -> bytes:
    """The key as bytes.

    Raises:
        TypeError: It cannot be hashed.
        EncodeError: It cannot be pickled.

    >>> key_to_bytes("a") < key_to_bytes("ab") < key_to_bytes("b")
    True
    >>> key_to_bytes(-1) < key_to_bytes(0) < key_to_bytes(256)
    True
    """
    if type(key) is str:
        return STR + key.encode("utf-8", "surrogatepass")
    if type(key) is bytes:
        return BYTES + key
    return part_to_bytes(key)


def part_to_bytes(key: Any) -> bytes:
    """The key as a part of others: with its end."""
    if key is None:
        return NONE
    write = WRITERS.get(type(key), of_anything)
    return write(key)


def of_text(key: str) -> bytes:
    return STR + escaped(key.encode("utf-8", "surrogatepass"))


def of_bytes(key: bytes) -> bytes:
    return BYTES + escaped(key)


def of_bool(key: bool) -> bytes:
    return TRUE if key else FALSE


def of_float(key: float) -> bytes:
    (bits,) = struct.unpack(">Q", struct.pack(">d", key))
    return FLOAT + struct.pack(">Q", bits ^ (ALL if bits & SIGN else SIGN))


def of_tuple(key: tuple[Any, ...]) -> bytes:
    return TUPLE + b"".join(map(part_to_bytes, key)) + END


def of_anything(key: Any) -> bytes:
    return PICKLE + escaped(pickle_of(key))


def escaped(data: bytes) -> bytes:
    """Bytes with an end, so that what follows them cannot be taken for a part of them, and sorting like the bytes."""
    return data.replace(END, ESCAPED) + END


def unescaped(data: bytes) -> bytes:
    """What :func:`escaped` made the bytes of."""
    return data[: -len(END)].replace(ESCAPED, END)


def pickle_of(key: Any) -> bytes:
    from brinery.serializer import dumps

    hash(key)
    return dumps(key, canonical=True, seal=False)


def of_int(number: int) -> bytes:
    size = (abs(number).bit_length() + 7) // 8
    magnitude = abs(number).to_bytes(size, "big")
    if size > LONGEST:
        # The length itself, in 8 bytes, behind a byte that no shorter number has.
        magnitude = struct.pack(">Q", size) + magnitude
        size = LONGEST + 1
    if number < 0:
        return INT + bytes([ZERO - size]) + bytes(each ^ 0xFF for each in magnitude)
    return INT + bytes([ZERO + size]) + magnitude


WRITERS: dict[type, Callable[[Any], bytes]] = {
    str: of_text,
    bytes: of_bytes,
    bool: of_bool,
    int: of_int,
    float: of_float,
    tuple: of_tuple,
}


def is_plain(data: bytes) -> bool:
    """Whether the key can be read without loading a pickle, for which somebody has to vouch."""
    return PICKLE not in data[:1] and (data[:1] != TUPLE or not holds_pickle(data))


def holds_pickle(data: bytes) -> bool:
    return reading(data)[1]


def key_from(data: bytes, loads: Any) -> Any:
    """The key of such bytes; `loads` is asked for what is a pickle.

    Raises:
        DecodeError: They are of no key.

    >>> key_from(key_to_bytes(("a", 1, (None, 2.5))), None)
    ('a', 1, (None, 2.5))
    """
    if data[:1] == STR:
        try:
            return data[1:].decode("utf-8", "surrogatepass")
        except UnicodeDecodeError as error:
            raise DecodeError(f"the bytes are of no key: {error}") from None
    if data[:1] == BYTES:
        return data[1:]
    return Reader(data, loads).whole()


def reading(data: bytes) -> tuple[Any, bool]:
    seen: list[bytes] = []
    key = Reader(data, seen.append).whole()
    return key, bool(seen)


class Reader:
    """Reads keys from bytes, one after the other."""

    def __init__(self, data: bytes, loads: Any) -> None:
        """From the beginning."""
        self._data = data
        self._at = 0
        self._loads = loads

    def whole(self) -> Any:
        """The only key there is.

        Raises:
            DecodeError: There is none, or something else besides.
        """
        try:
            key = self._part()
        except (IndexError, ValueError, struct.error) as error:
            raise DecodeError(f"the bytes are of no key: {error}") from None
        if self._at != len(self._data):
            raise DecodeError("the bytes are of no key: something follows")
        return key

    def _part(self) -> Any:
        kind = self._take(1)
        if kind in CONSTANTS:
            return CONSTANTS[kind]
        read = READERS.get(kind)
        if read is None:
            raise ValueError(f"there is no kind {kind.hex()}")
        return read(self)

    def _float(self) -> float:
        (bits,) = struct.unpack(">Q", self._take(8))
        found: float = struct.unpack(">d", struct.pack(">Q", bits ^ (SIGN if bits & SIGN else ALL)))[0]
        return found

    def _text(self) -> str:
        return self._escaped().decode("utf-8", "surrogatepass")

    def _pickle(self) -> Any:
        return self._loads(self._escaped())

    def _tuple(self) -> tuple[Any, ...]:
        parts = []
        while self._data[self._at : self._at + 1] != END:
            parts.append(self._part())
        self._at += 1
        return tuple(parts)

    def _int(self) -> int:
        size = self._take(1)[0] - ZERO
        negative, size = size < 0, abs(size)
        if size > LONGEST:
            size = int.from_bytes(self._turned(8, negative), "big")
        number = int.from_bytes(self._turned(size, negative), "big")
        return -number if negative else number

    def _turned(self, size: int, negative: bool) -> bytes:
        data = self._take(size)
        return bytes(each ^ 0xFF for each in data) if negative else data

    def _escaped(self) -> bytes:
        start = self._at
        while True:
            end = self._data.index(END, self._at)
            self._at = end + 1
            if self._data[self._at : self._at + 1] != b"\xff":
                return self._data[start:end].replace(ESCAPED, END)
            self._at += 1

    def _take(self, size: int) -> bytes:
        taken = self._data[self._at : self._at + size]
        if len(taken) != size:
            raise IndexError("they end too early")
        self._at += size
        return taken


CONSTANTS: dict[bytes, Any] = {NONE: None, FALSE: False, TRUE: True}
READERS: dict[bytes, Callable[[Reader], Any]] = {
    INT: Reader._int,
    FLOAT: Reader._float,
    STR: Reader._text,
    BYTES: Reader._escaped,
    TUPLE: Reader._tuple,
    PICKLE: Reader._pickle,
}


def after_prefix(prefix: str | bytes | tuple[Any, ...]) -> tuple[bytes, bytes]:
    """Where keys begin that start with a text, bytes, or the parts of a tuple, and where they have ended.

    >>> start, end = after_prefix("user:")
    >>> start <= key_to_bytes("user:7") < end, start <= key_to_bytes("users") < end
    (True, False)
    """
    start = key_to_bytes(prefix)
    if isinstance(prefix, tuple):
        # No part begins with FF, which would escape what ends the last part of the prefix.
        start = start[: -len(END)]
        return start, start + b"\xff"
    end = start.rstrip(b"\xff")
    return start, end[:-1] + bytes([end[-1] + 1])


def shown_key(data: bytes) -> Any:
    """The key, or its bytes where it takes a pickle to know it."""
    try:
        return key_from(data, None) if is_plain(data) else data
    except DecodeError:
        return data
