"""Objects whose digests are kept in golden.txt: what is in there must not change, on any version of Python."""

from __future__ import annotations

import abc
import array
import collections
import dataclasses
import datetime
import decimal
import enum
import fractions
import functools
import math
import operator
import pathlib
import re
import types
import typing
import uuid
import zoneinfo


class Colour(enum.Enum):
    RED = 1
    GREEN = "green"


class Access(enum.Flag):
    READ = 1
    WRITE = 2


@dataclasses.dataclass
class Point:
    x: int
    y: float = 0.0
    tags: list = dataclasses.field(default_factory=list)

    def norm(self) -> float:
        return math.hypot(self.x, self.y)


@dataclasses.dataclass(frozen=True, slots=True)
class Fixed:
    x: int


class Pair(typing.NamedTuple):
    left: int
    right: str = "r"


class Node:
    def __init__(self, **attributes):
        self.__dict__.update(attributes)


class Slotted:
    __slots__ = ("a", "b")


class Shape(abc.ABC):
    sides = 0

    @property
    def double(self):
        return self.sides * 2

    @classmethod
    def make(cls):
        return cls()

    @staticmethod
    def plain(x):
        return x

    @functools.cached_property
    def slow(self):
        return [each + 1 for each in range(self.sides)]

    @abc.abstractmethod
    def area(self): ...


class Square(Shape):
    sides = 4

    def __init__(self, side):
        super().__init__()
        self.side = side

    def area(self):
        return self.side**2


class Words(set):
    pass


LIMIT = 10


def helper(x):
    return min(x, LIMIT)


def uses_helper(x, *, scale=2, **rest):
    """What it says."""
    # comments do not matter
    table = {key: f"{key!r:>{scale}} {x=}and" for key in rest if key in {"a", "b"}}
    try:
        with open(pathlib.Path("x")) as file:
            yield from file
    except* OSError as error:
        print(error, table)
    match x:
        case [1, *others] if others:
            return helper(others[0]) + math.pi
        case {"k": value}:
            return value
    return lambda y: (y, helper(x), y[1:2, ...], -1, 1.5j, b"b", None)


def even(n):
    return n == 0 or odd(n - 1)


def odd(n):
    return n != 0 and even(n - 1)


def closure(a, b):
    def inner(x):
        return a + x + helper(b)

    return inner


async def waits(items):
    async with items as found:
        return [each async for each in found if (n := each) and await n]


@functools.lru_cache(maxsize=7)
def cached(x):
    return helper(x)


@functools.singledispatch
def dispatched(x):
    return x


@dispatched.register
def _(x: int):
    return x + 1


def local_class():
    class Local:
        count = 3

        def method(self):
            return self.count, __class__

    return Local


def ring(size):
    nodes = [Node(number=number % 3) for number in range(size)]
    for one, other in zip(nodes, [*nodes[1:], nodes[0]], strict=True):
        one.next, other.previous, one.all = other, one, {one, other}
    return nodes[0]


def itself():
    found = [1]
    found.append({"again": found, (1, 2): found})
    return found


def slotted():
    found = Slotted()
    found.a = [1]
    return found


def table(size):
    return {f"k{i}": {"id": i, "name": f"n{i}", "pos": (i, -i), "even": i % 2 == 0, "x": i / 4} for i in range(size)}


OBJECTS = {
    "None": lambda: None,
    "True": lambda: True,
    "False": lambda: False,
    "Ellipsis": lambda: ...,
    "NotImplemented": lambda: NotImplemented,
    "1": lambda: 1,
    "-1": lambda: -1,
    "2 ** 5000": lambda: 2**5000,
    "1.0": lambda: 1.0,
    "0.0": lambda: 0.0,
    "-0.0": lambda: -0.0,
    "nan": lambda: math.nan,
    "1+2j": lambda: 1 + 2j,
    "str": lambda: "aé\ud800\0",
    "long str": lambda: "long" * 1000,
    "bytes": lambda: b"ab",
    "bytearray": lambda: bytearray(b"ab"),
    "empty list": list,
    "empty tuple": tuple,
    "empty dict": dict,
    "empty set": set,
    "ints": lambda: [1, 2, 3],
    "large ints": lambda: [1, 2**70],
    "floats": lambda: [0.5, math.nan, -0.0],
    "texts": lambda: ["a", "", "é"],
    "texts with NUL": lambda: ["a", "\0"],
    "mixed": lambda: [1, 1.0, True, None, "1", b"1"],
    "truths": lambda: (True, False),
    "nested": lambda: [[1, [2, [3, []]]], ({"a": ()},)],
    "dict of ints": lambda: {3: "a", 1: "b"},
    "dict of anything": lambda: {(1, 2): "a", None: "b", "c": [1]},
    "records": lambda: table(20),
    "few records": lambda: table(3),
    "rows": lambda: [[i] * (i % 4) for i in range(30)],
    "set": lambda: {"b", "a"},
    "frozenset": lambda: frozenset({(1, "a"), 2, frozenset()}),
    "set subclass": lambda: Words({"b", "a"}),
    "range": lambda: range(0, 10, 3),
    "slice": lambda: slice(1, None, 2),
    "array": lambda: array.array("d", [1.5, 2.5]),
    "memoryview": lambda: memoryview(b"abcd"),
    "OrderedDict": lambda: collections.OrderedDict(b=1, a=2),
    "defaultdict": lambda: collections.defaultdict(list, b=[1], a=[]),
    "Counter": lambda: collections.Counter("abca"),
    "deque": lambda: collections.deque([1, 2], 5),
    "datetime": lambda: datetime.datetime(2024, 2, 29, 12, 30, tzinfo=datetime.UTC),
    "date": lambda: datetime.date(2024, 2, 29),
    "time": lambda: datetime.time(1, 2, fold=1),
    "timedelta": lambda: datetime.timedelta(1, 2, 3),
    "zone": lambda: zoneinfo.ZoneInfo("UTC"),
    "Decimal": lambda: decimal.Decimal("1.10"),
    "Fraction": lambda: fractions.Fraction(3, 6),
    "UUID": lambda: uuid.UUID(int=7),
    "Path": lambda: pathlib.PurePosixPath("/a") / "b",
    "pattern": lambda: re.compile("a+", re.IGNORECASE),
    "namespace": lambda: types.SimpleNamespace(b=1, a=2),
    "mappingproxy": lambda: types.MappingProxyType({"a": 1}),
    "exception": lambda: ValueError("wrong", 3),
    "OSError": lambda: FileNotFoundError(2, "gone", "x"),
    "enum member": lambda: Colour.GREEN,
    "flag": lambda: Access.READ | Access.WRITE,
    "dataclass": lambda: Point(1, 2.0, ["a"]),
    "frozen dataclass": lambda: Fixed(1),
    "named tuple": lambda: Pair(1),
    "instance": lambda: Node(b=1, a=[Node()]),
    "slots": slotted,
    "local instance": lambda: local_class()(),
    "partial": lambda: functools.partial(pow, 2, mod=5),
    "itemgetter": lambda: operator.itemgetter(1, 2),
    "bound method": lambda: Point(1).norm,
    "builtin method": lambda: [1].append,
    "builtin": lambda: len,
    "library function": lambda: functools.reduce,
    "library class": lambda: collections.Counter,
    "builtin class": lambda: dict,
    "alias": lambda: dict[str, list[int]],
    "union": lambda: int | None,
    "module": lambda: math,
    "list that holds itself": itself,
    "ring": lambda: ring(7),
    "function": lambda: helper,
    "function of much": lambda: uses_helper,
    "lambda": lambda: lambda x, y=LIMIT: x + y,
    "recursive functions": lambda: even,
    "closure": lambda: closure(1, [2]),
    "async function": lambda: waits,
    "lru_cache": lambda: cached,
    "singledispatch": lambda: dispatched,
    "enum class": lambda: Colour,
    "dataclass class": lambda: Point,
    "slots dataclass class": lambda: Fixed,
    "named tuple class": lambda: Pair,
    "abstract class": lambda: Shape,
    "derived class": lambda: Square,
    "local class": local_class,
}


def numpy_objects():
    """The same for NumPy and pandas, where they are there."""
    import numpy as np
    import pandas as pd

    frame = pd.DataFrame(
        {
            "n": np.arange(5),
            "x": [0.5, np.nan, 1, 2, 3],
            "s": pd.Series(["a", None, "b", "c", "d"], dtype=object),
            "t": pd.Series(["a", "b", "c", "d", "e"], dtype="str"),
            "c": pd.Categorical(["u", "v", "u", "u", "v"], categories=pd.Index(["u", "v"], dtype=object)),
            "d": pd.date_range("2024-01-01", periods=5, tz="UTC", unit="ns"),
            "i": pd.array([1, None, 3, 4, 5], dtype="Int64"),
        }
    )
    # What becomes of texts depends on whether pyarrow is there, unless it is said.
    frame.columns = frame.columns.astype(object)
    return {
        "numpy ints": np.arange(6, dtype="<i8").reshape(2, 3),
        "numpy floats": np.array([1.0, np.nan, -0.0]),
        "numpy complex": np.array([1 + 2j, np.nan]),
        "numpy objects": np.array(["a", 1, None], dtype=object),
        "numpy texts": np.array(["a", "bc"]),
        "numpy structures": np.array([(1, 2.0)], dtype=[("a", "i1"), ("b", "<f8")]),
        "numpy dates": np.array(["2024-01-01"], dtype="M8[D]"),
        "numpy scalar": np.float64(1.5),
        "numpy masked": np.ma.array([1, 2], mask=[0, 1]),
        "numpy dtype": np.dtype("<f8"),
        "pandas frame": frame,
        "pandas series": frame["n"],
        "pandas index": pd.MultiIndex.from_product([pd.Index(["a", "b"], dtype=object), [1, 2]], names=["k", None]),
        "pandas timestamp": pd.Timestamp("2024-01-01", tz="UTC"),
    }
