"""How many bytes objects take in a pickle of protocol 5, without what they hold."""

from __future__ import annotations

from pickle import PickleBuffer
from typing import Any

CONTAINER = 3  # its opcode, its memo entry, and what ends it
CALL = 2  # REDUCE or NEWOBJ, and a memo entry
STATE = 1  # BUILD
GLOBAL = 2  # STACK_GLOBAL and a memo entry, after its two names
MARKED = 1000  # items to each pair of MARK and APPENDS


def of_leaf(obj: Any) -> int | None:
    """The size of an object that holds no others; None for the rest."""
    measure = LEAVES.get(type(obj))
    return None if measure is None else measure(obj)


def of_reference(count: int) -> int:
    """The size of a reference to one of so many objects that have been met."""
    return 2 if count < 256 else 5


def of_container(count: int) -> int:
    return CONTAINER + 2 * (count // MARKED)


def of_text(text: str) -> int:
    return of_counted(len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass")))


def of_counted(size: int) -> int:
    """Bytes or text: opcode, length, memo entry."""
    return size + (3 if size < 256 else 6 if size < 1 << 32 else 10)


def of_int(number: int) -> int:
    if 0 <= number < 256:
        return 2
    if 0 <= number < 65536:
        return 3
    if -(1 << 31) <= number < 1 << 31:
        return 5
    size = number.bit_length() // 8 + 1
    return size + (2 if size < 256 else 5)


def of_buffer(buffer: PickleBuffer) -> int:
    with buffer.raw() as view:
        return of_counted(view.nbytes)


LEAVES: dict[type, Any] = {
    type(None): lambda obj: 1,
    bool: lambda obj: 1,
    float: lambda obj: 9,
    int: of_int,
    str: of_text,
    bytes: lambda obj: of_counted(len(obj)),
    bytearray: lambda obj: 10 + len(obj),
}

MEMOISED = frozenset({str, bytes, bytearray})  # of these
