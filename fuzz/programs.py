"""Inputs: pickles of real objects, mutated, cut and spliced, and programs of random opcodes."""

from __future__ import annotations

import collections
import datetime
import decimal
import enum
import fractions
import pathlib
import pickle
import pickletools
import random
import struct
import uuid
from typing import Any, NamedTuple


class Plain:
    pass


class Slotted:
    __slots__ = ("a", "b")

    def __eq__(self, other: object) -> bool:
        return repr(self) == repr(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Slotted({getattr(self, 'a', None)!r}, {getattr(self, 'b', None)!r})"


class Pair(NamedTuple):
    first: Any
    second: Any


class Colour(enum.Enum):
    RED = 1
    GREEN = "g"


class Stateful:
    def __setstate__(self, state: Any) -> None:
        self.state = state

    def __getstate__(self) -> Any:
        return [1, {"a": 2}]


class MyList(list):
    pass


class MyDict(dict):
    pass


GLOBALS = {
    f"{each.__module__} {each.__qualname__}": each
    for each in (Plain, Slotted, Pair, Colour, Stateful, MyList, MyDict, collections.OrderedDict, collections.Counter,
                 collections.deque, collections.defaultdict, datetime.datetime, datetime.date, datetime.timedelta,
                 decimal.Decimal, uuid.UUID, fractions.Fraction, pathlib.PurePosixPath, list, dict, set, frozenset, tuple,
                 int, str, bytes, bytearray, complex, range)
}  # fmt: skip


def plain(**attributes: Any) -> Plain:
    made = Plain()
    made.__dict__.update(attributes)
    return made


def slotted(a: Any) -> Slotted:
    made = Slotted()
    made.a = a
    return made


def samples() -> list[Any]:
    shared = [1, "shared", {"k": (2.5, None)}]
    ring: list[Any] = [shared]
    ring.append(ring)
    return [
        None, 0, -1, 2**40, 2**200, 1.5, "text", "é" * 300, b"bytes" * 60, bytearray(b"mutable"), (), (1,), (1, 2, 3, 4),
        [1, [2, [3]], "a", "a"], {"a": 1, "b": {"c": [True, False]}}, {1, 2, 3}, frozenset(["x", "y"]), ring,
        [shared, shared], [{"id": i, "name": f"n{i}", "tags": ["a", "b"]} for i in range(4)],
        plain(x=1, y=[2, {"z": 3}]), [plain(x=i, y=str(i)) for i in range(4)], [slotted([1]), slotted("b")], Pair(1, [2]),
        [Colour.RED, Colour.GREEN], Stateful(), MyList([1, 2]), MyDict(a=[1]), collections.OrderedDict(a=1, b=[2]),
        collections.Counter("hello"), collections.deque([1, 2], maxlen=3), collections.defaultdict(list, {1: [2]}),
        datetime.datetime(2020, 1, 2, 3, 4, 5), datetime.date(2020, 2, 29), datetime.timedelta(1, 2, 3),
        decimal.Decimal("1.50"), uuid.UUID(int=5), fractions.Fraction(1, 3), pathlib.PurePosixPath("/a/b"), 1 + 2j, range(5),
        list(range(1100)), dict.fromkeys(range(1100)), ["word", "word2"] * 30, int, Plain, [(i, float(i)) for i in range(20)],
    ]  # fmt: skip


OPCODES = [o for o in pickletools.opcodes if o.name not in ("PERSID", "BINPERSID")]


def argument(source: random.Random, opcode: Any) -> bytes:
    """Bytes for an opcode's argument, mostly sensible."""
    name = opcode.name
    if name in ("GLOBAL", "INST"):
        return source.choice(list(GLOBALS)).replace(" ", "\n").encode() + b"\n"
    if name in ("INT", "LONG", "GET", "PUT"):
        return str(source.choice([0, 1, 2, 5, 300, -1, 2**70])).encode() + (b"L\n" if name == "LONG" else b"\n")
    if name == "FLOAT":
        return source.choice([b"1.5\n", b"nan\n", b"1e400\n", b"x\n"])
    if name == "STRING":
        return source.choice([b"'a'\n", b'"b\\n"\n', b"'\n", b"c\n"])
    if name == "UNICODE":
        return source.choice([b"abc\n", b"\\u1234\n", b"\\ud800\n", b"\n"])
    if opcode.arg is None:
        return b""
    size = opcode.arg.n
    if size == pickletools.TAKEN_FROM_ARGUMENT1:
        text = source.choice([b"", b"a", b"key", b"\xc3\xa9", b"\xff", bytes(range(8))])
        return bytes([source.choice([len(text), len(text), len(text), 200])]) + text
    if size in (pickletools.TAKEN_FROM_ARGUMENT4, pickletools.TAKEN_FROM_ARGUMENT4U):
        text = source.choice([b"", b"ab", b"x" * 300])
        return struct.pack("<I", source.choice([len(text), len(text), 2**31 - 1, 2**31, 2**32 - 1])) + text
    if size == pickletools.TAKEN_FROM_ARGUMENT8U:
        text = source.choice([b"", b"abc", b"y" * 300])
        return struct.pack("<Q", source.choice([len(text), len(text), 2**40, 2**63 - 1, 2**63, 2**64 - 1])) + text
    if name == "FRAME":
        return struct.pack("<Q", source.choice([0, 5, 20, 2**40]))
    if name in ("BINPUT", "BINGET", "LONG_BINPUT", "LONG_BINGET"):
        return int(source.choice([0, 0, 1, 2, 3, 200])).to_bytes(size, "little")
    return source.randbytes(size) if source.random() < 0.3 else bytes(size)


def program(source: random.Random) -> bytes:
    """Random opcodes, those that build things the likeliest."""
    made = b"\x80\x05" if source.random() < 0.5 else b""
    for _ in range(source.randint(1, 40)):
        opcode = source.choice(OPCODES)
        if opcode.name in ("STOP", "POP", "FRAME", "PROTO") and source.random() < 0.8:
            continue
        made += opcode.code.encode("latin-1") + argument(source, opcode)
    return made + b"."


def mutated(source: random.Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(source.choice([1, 1, 2, 5])):
        if not changed:
            break
        at = source.randrange(len(changed))
        kind = source.randrange(6)
        if kind == 0:
            changed[at] = source.randrange(256)
        elif kind == 1:
            changed[at] = ord(source.choice(OPCODES).code)
        elif kind == 2:
            del changed[at : at + source.randint(1, 8)]
        elif kind == 3:
            opcode = source.choice(OPCODES)
            changed[at:at] = opcode.code.encode("latin-1") + argument(source, opcode)
        elif kind == 4:
            changed[at:at] = changed[at : at + source.randint(1, 20)]
        else:
            changed = changed[:at]
    return bytes(changed)


def corpus() -> list[bytes]:
    from brinery import pickle as brinery_pickle

    made = []
    for obj in samples():
        slotted_class = isinstance(obj, list) and obj and isinstance(obj[0], Slotted)
        for protocol in range(2 if slotted_class else 0, 6):
            made += [module.dumps(obj, protocol) for module in (pickle, brinery_pickle)]
    return made


def case(seed: int, known: list[bytes]) -> bytes:
    """The input of a seed."""
    source = random.Random(seed)
    kind = source.random()
    if kind < 0.25:
        return program(source)
    data = source.choice(known)
    if kind < 0.35:
        other = source.choice(known)
        return data[: source.randrange(len(data))] + other[source.randrange(len(other)) :]
    return mutated(source, data)
