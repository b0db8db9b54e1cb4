"""Pieces of pickle streams; each function gives the opcodes that push one value.

The opcodes are documented in CPython's Lib/pickletools.py. Streams are assembled by hand, for the pickler writes none
of what is wanted here.
"""

from __future__ import annotations

import struct

PROTO = b"\x80\x04"
STOP = b"."
POP = b"0"
NONE = b"N"
TRUE = b"\x88"
FALSE = b"\x89"


def stream(*pieces: bytes, protocol: int = 4) -> bytes:
    """A whole stream; protocol 0 has no header."""
    head = b"" if protocol == 0 else bytes((0x80, protocol))
    return head + b"".join(pieces) + STOP


def text(value: str) -> bytes:
    raw = value.encode("utf-8", "surrogatepass")
    return (b"\x8c" + bytes((len(raw),)) if len(raw) < 256 else b"X" + struct.pack("<I", len(raw))) + raw


def raw(value: bytes) -> bytes:
    return (b"C" + bytes((len(value),)) if len(value) < 256 else b"B" + struct.pack("<I", len(value))) + value


def number(value: int) -> bytes:
    if -(2**31) <= value < 2**31:
        return b"J" + struct.pack("<i", value)
    size = value.bit_length() // 8 + 1
    return b"\x8a" + bytes((size,)) + value.to_bytes(size, "little", signed=True)


def line(value: str) -> bytes:
    """A text of protocol 0."""
    return b"V" + value.encode("raw_unicode_escape") + b"\n"


def name(module: str, qualname: str) -> bytes:
    """A global, by STACK_GLOBAL: dots in its name are walked."""
    return text(module) + text(qualname) + b"\x93"


def old_name(module: str, qualname: str) -> bytes:
    """A global, by GLOBAL."""
    return b"c" + module.encode() + b"\n" + qualname.encode() + b"\n"


def packed(*items: bytes) -> bytes:
    return b"(" + b"".join(items) + b"t"


def listed(*items: bytes) -> bytes:
    return b"](" + b"".join(items) + b"e" if items else b"]"


def mapped(*pairs: tuple[bytes, bytes]) -> bytes:
    return b"}(" + b"".join(key + value for key, value in pairs) + b"u" if pairs else b"}"


def words(values: list[str]) -> bytes:
    return listed(*map(text, values))


def call(callee: bytes, *args: bytes) -> bytes:
    """REDUCE."""
    return callee + packed(*args) + b"R"


def new(cls: bytes, *args: bytes) -> bytes:
    """NEWOBJ."""
    return cls + packed(*args) + b"\x81"


def new_ex(cls: bytes, args: bytes, kwargs: bytes) -> bytes:
    """NEWOBJ_EX."""
    return cls + args + kwargs + b"\x92"


def build(made: bytes, state: bytes) -> bytes:
    return made + state + b"b"


def slots(**values: bytes) -> bytes:
    """A state that BUILD sets by setattr."""
    return NONE + mapped(*((text(key), value) for key, value in values.items())) + b"\x86"


def fields(**values: bytes) -> bytes:
    """A state that BUILD puts into ``__dict__``."""
    return mapped(*((text(key), value) for key, value in values.items()))


def dropped(made: bytes) -> bytes:
    return made + POP
