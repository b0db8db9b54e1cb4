"""The canonical form: the bytes that stand for values without parts.

Every form says itself where it ends, so that forms can be joined. Within another, a form longer than :data:`LONGEST`
stands as ``#`` and its BLAKE3 hash: a *reference*.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from blake3 import blake3

from brinery.hashing import THREADED, threads_for

LONGEST = 256  # bytes of a form that stands as it is within another
NAN = bytes.fromhex("000000000000f87f")

pack_float = struct.Struct("<d").pack
HEADS = [b"%x;" % size for size in range(1024)]
TEXT_HEADS = [b"s%x;" % size for size in range(LONGEST)]


class Form(bytes):
    """Bytes that are a form already."""

    __slots__ = ()


class Node(NamedTuple):
    """A value with parts; its form is the label, the number of parts, and a reference to each.

    The references are in the order of the parts, or in their own where the parts have none.
    """

    label: bytes
    parts: Sequence[Any]
    unordered: bool = False


class Pair(tuple[Any, Any]):
    """A key and its value."""

    __slots__ = ()


def head(size: int) -> bytes:
    """A number, as it stands before what it counts."""
    return HEADS[size] if size < 1024 else b"%x;" % size


def hashed(*pieces: Any) -> bytes:
    """The BLAKE3 hash of some bytes, one after the other; 32 bytes."""
    if len(pieces) == 1 and len(pieces[0]) < THREADED:
        return blake3(pieces[0]).digest()
    hasher = threaded_hasher()
    for piece in pieces:
        hasher.update(piece)
    return hasher.digest()


def threaded_hasher() -> blake3:
    """A hash of many bytes, which takes several threads."""
    return blake3(max_threads=threads_for(THREADED))


def reference(form: bytes) -> bytes:
    """What stands for a form within another: itself while it is short, or else its hash."""
    return form if len(form) <= LONGEST else b"#" + hashed(form)


def reference_of(beginning: bytes, content: Any) -> bytes:
    """The reference to a form that ends with these bytes, which are not copied where they are many."""
    size = len(content)
    if len(beginning) + size <= LONGEST:
        return beginning + bytes(content)
    return b"#" + hashed(beginning, content)


def float_form(value: float) -> bytes:
    """All NaNs are one; 0.0 and -0.0 are two."""
    return b"f" + (pack_float(value) if value == value else NAN)  # noqa: PLR0124 - NaN


def complex_form(value: complex) -> bytes:
    """Two floats."""
    return b"c" + float_form(value.real)[1:] + float_form(value.imag)[1:]


def integer_form(value: int) -> bytes:
    """Hexadecimal: of any size, and in linear time."""
    return b"i%x;" % value if -(1 << 900) < value < 1 << 900 else reference(b"i%x;" % value)


def text_form(value: str) -> bytes:
    """UTF-8, surrogates included, after its length in bytes."""
    data = value.encode("utf-8", "surrogatepass")
    size = len(data)
    return b"s" + HEADS[size] + data if size <= LONGEST - 4 else reference_of(b"s" + head(size), data)


def bytes_form(value: bytes) -> bytes:
    """The bytes after their number."""
    return reference_of(b"b" + head(len(value)), value)


def bytearray_form(value: bytearray) -> bytes:
    """As bytes, but another type."""
    return reference_of(b"B" + head(len(value)), value)


LEAVES: dict[type, Callable[[Any], bytes]] = {
    type(None): lambda value: b"N",
    bool: lambda value: b"T" if value else b"F",
    type(...): lambda value: b"E",
    type(NotImplemented): lambda value: b"X",
    int: integer_form,
    float: float_form,
    complex: complex_form,
    str: text_form,
    bytes: bytes_form,
    bytearray: bytearray_form,
    Form: lambda form: form,
}
