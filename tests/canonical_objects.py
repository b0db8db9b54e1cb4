"""Objects whose canonical bytes are compared between processes, places in a file, and versions of Python.

Run as a program, so that everything here goes by value: writes the bytes of each into a directory, as NAME.pkl.
"""

from __future__ import annotations

import abc
import array
import asyncio
import collections
import contextvars
import dataclasses
import datetime
import decimal
import enum
import fractions
import functools
import io
import ipaddress
import operator
import os.path
import pathlib
import random
import re
import sys
import threading
import types
import typing
import uuid
import weakref

FACTOR = 3
TABLE = {"b": 1, "a": [2, 3]}
T = typing.TypeVar("T")
UserId = typing.NewType("UserId", int)
VARIABLE = contextvars.ContextVar("VARIABLE", default=5)


def scaled(x: int, *rest: int, by: float = 2.0, **more: object) -> float:
    """Scale a number.

    With a second paragraph.
        And an indented line.
    """
    return x * by * FACTOR + len(rest) + len(more)


def uses_globals():
    return scaled(len(TABLE)), os.path.join("a", "b"), {"x", "y"} | frozenset("zw")


def even(n):
    return n == 0 or odd(n - 1)


def odd(n):
    return n != 0 and even(n - 1)


def counter(start, step):
    def count():
        nonlocal start
        start += step
        return start

    def reset():
        nonlocal start
        start = 0

    return count, reset


def logged(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)

    return wrapper


@logged
def decorated(x):
    """Has a wrapper.

    And a longer text.
    """
    return x


@functools.lru_cache(maxsize=7)
def cached(x):
    """Remember.

    And a longer text.
    """
    return x


@functools.singledispatch
def shown(x):
    return "?"


@shown.register
def _(x: int):
    return "int"


async def waits(x):
    async with asyncio.Lock():
        return [i async for i in aiter(x)]


def yields(n):
    squares = [i * i for i in range(n) if i != n]
    yield from ({i: [j for j in squares if j > i] for i in squares},)


def matches(x):
    match x:
        case [first, *_] if last := x[-1]:
            return first, last
        case {"key": value} | (value, None):
            return value
    try:
        return f"{x!r:>{FACTOR}}"
    except* ValueError:
        print(x)


class Plain:
    """A class.

    With a second paragraph.
    """

    zeta = 1
    alpha: typing.ClassVar[dict] = {"z": {"p", "q"}}

    def __init__(self, a, b=(1, 2)):
        self.a = a
        self.b = b
        self.__private = None

    @property
    def double(self):
        """Twice.

        As much.
        """
        return self.a * 2

    @classmethod
    def make(cls):
        return cls(1)

    @staticmethod
    def nothing():
        return None

    @functools.cached_property
    def expensive(self):
        return self.double

    def __eq__(self, other):
        return isinstance(other, Plain) and self.a == other.a

    __hash__ = None


class Child(Plain):
    __slots__ = ("c",)

    def __init__(self, *args):
        super().__init__(*args)
        self.c = self._helper()

    def _helper(self):
        return __class__


class Slots:
    __slots__ = ("one", "two")

    def __init__(self):
        self.one, self.two = 1, [2]


class Shape(abc.ABC):
    @abc.abstractmethod
    def area(self):
        """How large."""


@Shape.register
class Square:
    def area(self):
        return 1


@Shape.register
class Circle:
    def area(self):
        return 3


class Meta(type):
    def __new__(mcs, name, bases, namespace, **keywords):
        cls = super().__new__(mcs, name, bases, namespace)
        cls.keywords = keywords
        return cls

    def __init__(cls, *args, **keywords):
        super().__init__(*args)


class Made(metaclass=Meta, flag=True):
    pass


@dataclasses.dataclass
class Point:
    x: int
    y: int = 0
    tags: list[str] = dataclasses.field(default_factory=list, metadata={"unit": "m"})


@dataclasses.dataclass(frozen=True, order=True)
class Frozen:
    """Documented."""

    left: object
    right: object = None

    def both(self):
        return self.left, self.right


@dataclasses.dataclass(slots=True, kw_only=True, eq=False)
class Slotted:
    a: int
    b: str = "b"

    def __post_init__(self):
        self.b *= 2


@dataclasses.dataclass(frozen=True, slots=True)
class FrozenSlotted:
    a: int
    b: tuple = ()


class Colour(enum.Enum):
    """Colours."""

    RED = 1
    GREEN = "g"

    def shown(self):
        return self.name.lower()


class Access(enum.Flag):
    READ = enum.auto()
    WRITE = enum.auto()
    BOTH = READ | WRITE


class Number(enum.IntEnum):
    ONE = 1


class Word(enum.StrEnum):
    A = "a"


class Bits(enum.IntFlag):
    LOW = 1


class Mixed(str, enum.Enum):  # noqa: UP042 - the old form is what is looked at
    A = "a"

    def __str__(self):
        return "mixed"


class Pair(typing.NamedTuple):
    """Two."""

    first: int
    second: str = "s"


Triple = collections.namedtuple("Triple", "a b c", defaults=[3])


class Movie(typing.TypedDict, total=False):
    title: str
    year: typing.Required[int]


class Sized(typing.Protocol):
    size: int

    def grow(self) -> None: ...


@typing.runtime_checkable
class Closable(typing.Protocol):
    def close(self) -> None: ...


class Box(typing.Generic[T]):
    def __init__(self, value: T):
        self.value = value


class Failed(Exception):
    def __init__(self, code, *, reason):
        super().__init__(code)
        self.reason = reason


class Names(set):
    pass


class Where(type(pathlib.PurePosixPath())):
    pass


class Stateful:
    def __init__(self):
        self.kept = {"a", "b"}
        self.lost = object

    def __getstate__(self):
        return {"kept": self.kept}

    def __setstate__(self, state):
        self.__dict__.update(state)


class Node:
    def __init__(self, name):
        self.name = name
        self.near = set()


def twins():
    def make():
        class Twin:
            pass

        return Twin

    one, other = make(), make()
    return [one, other, one(), other()]


def ring(n):
    nodes = [Node(f"n{i}") for i in range(n)]
    for i, node in enumerate(nodes):
        node.near = {nodes[(i + 1) % n], nodes[(i + 3) % n], nodes[i - 1]}
    return nodes


def shared_attributes():
    one, other = Plain(1), Plain(2)
    other.__dict__ = one.__dict__
    return one, other


def failure():
    error = Failed(3, reason="why")
    error.add_note("noted")
    error.__cause__ = KeyError("k")
    return error


def in_cells():
    return counter(1, [2])


def objects() -> dict[str, object]:
    """The objects by name."""
    many = [f"word{i}" for i in range(50)]
    weak = [Point(i) for i in range(3)]
    words = "a b".split()
    return {
        "none": None,
        "numbers": [0, -1, 255, 256, 2**31, 2**63, -(2**70), 1.5, -0.0, float("inf"), True, 1j, 1j],
        "text": ["", "a", "é", "ключ", "\ud800", "x" * 300, "".join(words), "ab", b"", b"ab", bytes(words[0], "ascii")],
        "large": ["x" * 70_000, b"y" * 70_000, bytearray(b"z" * 70_000), list(range(30_000))],
        "set": set(many),
        "frozensets": {frozenset({1, frozenset({2, frozenset(many)})}), frozenset(), frozenset({"a", (1, "b")})},
        "mixed set": {1, 2.5, "a", b"a", None, (1, 2), (1, (2, frozenset({3, 4}))), 10**30, int, len, Colour.RED},
        "dict": {"z": 1, "a": 2, 3: {None: ()}},
        "instances": {Frozen(1, frozenset({Frozen(2), Frozen(3)})), Frozen(1, frozenset({Frozen(2), Frozen(4)}))},
        "graph": ring(12),
        "graph from within": ring(12)[5].near,
        "dates": [
            datetime.date(2024, 2, 29),
            datetime.datetime(2024, 2, 29, 12, 30, 1, 7, tzinfo=datetime.UTC, fold=1),
            datetime.time(1, 2, 3, 4, tzinfo=datetime.timezone(datetime.timedelta(hours=2), "x")),
            datetime.timedelta(days=-1, microseconds=5),
            datetime.UTC,
        ],
        "exact": [decimal.Decimal("1.10"), fractions.Fraction(1, 3), uuid.UUID(int=5), decimal.Decimal("NaN")],
        "paths": [
            pathlib.PurePosixPath("/a//b/../c"),
            pathlib.PureWindowsPath("C:\\x"),
            pathlib.Path("y/z"),
            pathlib.Path(),
            pathlib.PurePath,
            Where("/w"),
        ],
        "addresses": [ipaddress.ip_address("10.0.0.1"), ipaddress.ip_network("fe80::/64")],
        "patterns": [re.compile("a+", re.IGNORECASE | re.MULTILINE), re.compile(b"b"), re.IGNORECASE, re.A | re.M],
        "match": re.match("(a)b", "abc"),
        "collections": [
            collections.OrderedDict(b=1, a=2),
            collections.Counter("hello"),
            collections.defaultdict(list, {1: [2]}),
            collections.deque([1, 2], 5),
            collections.ChainMap({"a": 1}, {}),
            types.SimpleNamespace(b=1, a=2),
            types.MappingProxyType({"a": {"b", "c"}}),
            collections.UserDict(a=1),
        ],
        "stdlib": [
            range(1, 9, 2),
            slice(1, None),
            ...,
            NotImplemented,
            array.array("i", [1, 2]),
            io.BytesIO(b"abc"),
            io.StringIO("abc"),
            functools.partial(print, 1, end=""),
            operator.itemgetter(1, 2),
            operator.methodcaller("f", 1, k=2),
            random.Random(5),
            memoryview(b"abc"),
        ],
        "hints": [
            list[int],
            dict[str, T],
            typing.Optional[int],  # noqa: UP045 - the old form is what is looked at
            int | None,
            typing.Literal["a", 1],
            typing.Annotated[int, "m"],
            typing.Any,
            typing.Callable[[int], str],
            collections.abc.Callable[[int], str],
            typing.Union[int, str],  # noqa: UP007
            T,
            UserId,
        ],
        "names": [int, dict.fromkeys, len, open, print, os.path.join, "x".upper, typing.List, re.compile],  # noqa: UP006
        "halfway": [threading.Lock(), threading.Event(), VARIABLE, contextvars.copy_context],
        "weak": [weak, weakref.WeakSet(weak[1:] * 0), weakref.ref(weak[0])],
        "functions": [scaled, uses_globals, even, odd, decorated, cached, shown, waits, yields, matches],
        "lambdas": [lambda x: x + 1, (lambda *a, k=[1]: (a, k)), lambda: {"p", "q"}, counter],
        "closures": [counter(1, 2), counter(1, 2), in_cells()],
        "methods": [Plain(1).make, Plain.make, Plain.nothing, Plain.__init__, Child],
        "classes": [Plain, Child, Slots, Shape, Square, Circle, Made, Stateful, Failed, Names],
        "class instances": [Plain(1), Plain("x"), Child({"s", "t"}), Slots(), Made(), Stateful(), Names("abcdef")],
        "dataclasses": [Point, Frozen, Slotted, FrozenSlotted],
        "dataclass instances": [Point(1), Point(1, 2, ["t"]), Frozen(1), Slotted(a=1), FrozenSlotted(1, (2,))],
        "enums": [Colour, Access, Number, Word, Bits, Mixed],
        "members": [
            Colour.RED,
            Colour.GREEN,
            Access.READ | Access.WRITE,
            Access(0),
            Number.ONE,
            Word.A,
            Bits(1),
            Mixed.A,
        ],
        "tuples": [Pair, Triple, Pair(1), Triple(1, 2)],
        "typed": [Movie, Sized, Closable, Box, Box(1)],
        "exceptions": [failure(), ValueError("x", 1), ExceptionGroup("g", [KeyError("k")]), OSError(2, "no", "file")],
        "twins": twins(),
        "shared attributes": shared_attributes(),
    }


def main(directory: str, protocol: str = "5") -> None:
    import brinery

    for name, obj in objects().items():
        data = brinery.dumps(obj, canonical=True, protocol=int(protocol))
        pathlib.Path(directory, f"{name}.pkl").write_bytes(data)


if __name__ == "__main__":
    main(*sys.argv[1:])
