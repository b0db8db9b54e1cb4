"""Object graphs as people pickle them, and what it means for two of them to be the same."""

from __future__ import annotations

import collections
import dataclasses
import datetime
import decimal
import enum
import math
import pathlib
import types
from typing import Any, NamedTuple

from hypothesis import strategies as st


class Plain:
    """Attributes in a dict, or inline."""


class Slotted:
    __slots__ = ("a", "b")


class SlottedWithDict(Slotted):
    pass


@dataclasses.dataclass
class Record:
    name: str
    value: Any = None
    parts: list = dataclasses.field(default_factory=list)


@dataclasses.dataclass(slots=True)
class SlottedRecord:
    left: Any
    right: Any = None


@dataclasses.dataclass(frozen=True)
class Frozen:
    left: Any
    right: Any = None


@dataclasses.dataclass(frozen=True, slots=True)
class FrozenSlotted:
    left: Any
    right: Any = None


class Pair(NamedTuple):
    first: Any
    second: Any = 2


class Five(NamedTuple):
    a: Any
    b: Any
    c: Any
    d: Any
    e: Any


class PairWithDict(Pair):
    pass


class Colour(enum.Enum):
    RED = 1
    GREEN = "green"
    BLUE = (3, 4)


class Number(enum.IntEnum):
    ONE = 1
    MANY = 1000


class Access(enum.Flag):
    READ = 1
    WRITE = 2


class MyFloat(float):
    pass


class MyInt(int):
    pass


class MyStr(str):
    pass


class MyTuple(tuple):
    pass


class MyList(list):
    pass


class MyDict(dict):
    pass


class Stateful:
    """With methods of its own for its state."""

    def __getstate__(self):
        return {"kept": self.__dict__.get("kept")}

    def __setstate__(self, state):
        self.kept = state["kept"]


class Reduced:
    """With a reduce method in Python."""

    def __init__(self, *parts):
        self.parts = parts

    def __reduce__(self):
        return Reduced, self.parts


class Outer:
    class Inner:
        pass


def plain(cls: type, attributes: dict[str, Any]) -> Any:
    made = cls()
    for name, value in attributes.items():
        setattr(made, name, value)
    return made


def with_attributes(made: Any, attributes: dict[str, Any]) -> Any:
    made.__dict__.update(attributes)
    return made


numbers = st.one_of(
    st.integers(-(2**33), 2**33),
    st.integers(),
    st.sampled_from([0, 255, 256, 65535, 65536, 2**31, -(2**31), 2**63]),
    st.floats(),
)
texts = st.one_of(st.text(max_size=12), st.sampled_from(["", "a", "name", "é", "\ud800", "x" * 300, "ключ" * 80]))
singles = st.one_of(
    st.none(),
    st.booleans(),
    numbers,
    texts,
    st.binary(max_size=20),
    st.binary(max_size=20).map(bytearray),
    st.complex_numbers(),
    st.sampled_from(
        [..., NotImplemented, int, Plain, Outer.Inner, len, math.sin, dict.fromkeys, range(3), slice(1, 2), print]
    ),
    st.sampled_from([*Colour, *Number, Access.READ | Access.WRITE, Access(0)]),
    st.dates(),
    st.times(),
    st.datetimes(timezones=st.sampled_from([None, datetime.UTC, datetime.timezone(datetime.timedelta(hours=2), "x")])),
    st.datetimes().map(lambda d: d.replace(fold=1)),
    st.timedeltas(),
    st.decimals(),
    st.uuids(),
    st.fractions(),
    st.lists(st.sampled_from(["a", "b c", "é", ".."]), max_size=5).map(lambda p: pathlib.PurePosixPath("/", *p)),
    st.sampled_from([pathlib.PureWindowsPath("C:/x"), pathlib.PurePosixPath(), pathlib.Path("y")]),
    st.floats().map(MyFloat),
    st.integers().map(MyInt),
    texts.map(MyStr),
)
# Names that a class of the same attributes shares, and now and then another.
names = st.one_of(st.sampled_from(["a", "b", "c", "value"]), st.text("xyz", min_size=1, max_size=3))
keys = st.one_of(texts, st.integers(-5, 300), st.booleans(), st.none(), st.tuples(texts, st.integers()))


def containers(parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    attributes = st.dictionaries(names, parts, max_size=4)
    return st.one_of(
        st.lists(parts, max_size=5),
        st.lists(parts, max_size=5).map(tuple),
        st.dictionaries(keys, parts, max_size=5),
        st.sets(st.one_of(st.integers(), texts), max_size=5),
        st.frozensets(st.one_of(st.integers(), texts, st.tuples(texts)), max_size=5),
        attributes.map(lambda a: plain(Plain, a)),
        attributes.map(lambda a: plain(Outer.Inner, a)),
        attributes.map(lambda a: plain(SlottedWithDict, a)),
        st.fixed_dictionaries({}, optional={"a": parts, "b": parts}).map(lambda a: plain(Slotted, a)),
        st.builds(Record, name=texts, value=parts, parts=st.lists(parts, max_size=3)),
        st.builds(SlottedRecord, left=parts, right=parts),
        st.builds(Frozen, left=parts, right=parts),
        st.builds(FrozenSlotted, left=parts, right=parts),
        st.builds(Pair, parts, parts),
        st.builds(Five, parts, parts, parts, parts, parts),
        st.tuples(parts.map(PairWithDict), attributes).map(lambda p: with_attributes(*p)),
        st.tuples(st.floats().map(MyFloat), attributes).map(lambda p: with_attributes(*p)),
        st.lists(parts, max_size=4).map(MyTuple),
        st.lists(parts, max_size=4).map(MyList),
        st.dictionaries(keys, parts, max_size=4).map(MyDict),
        st.dictionaries(keys, parts, max_size=4).map(collections.OrderedDict),
        st.dictionaries(texts, st.integers(), max_size=4).map(collections.Counter),
        st.tuples(st.sampled_from([None, int, list]), st.dictionaries(keys, parts, max_size=3)).map(
            lambda p: collections.defaultdict(*p)
        ),
        st.tuples(st.lists(parts, max_size=4), st.sampled_from([None, 3])).map(lambda p: collections.deque(*p)),
        st.lists(parts, max_size=2).map(lambda p: ValueError(*p)),
        st.lists(parts, max_size=3).map(lambda p: Reduced(*p)),
        parts.map(lambda p: plain(Stateful, {"kept": p})),
        parts.map(lambda p: types.SimpleNamespace(part=p)),
    )


trees = st.recursive(singles, containers, max_leaves=25)


@st.composite
def graphs(draw: st.DrawFn) -> Any:
    """Trees whose parts are shared, and cycles through every container that can hold itself."""
    shared = draw(st.lists(trees, min_size=1, max_size=4))
    parts = st.one_of(st.sampled_from(shared), trees)
    root = draw(st.recursive(parts, containers, max_leaves=15))
    knot = draw(st.sampled_from(["none", "list", "dict", "instance", "tuple", "deque", "record"]))
    if knot == "none":
        return [root, *shared]
    ring: list[Any] = [root]
    if knot == "list":
        ring.append(ring)
    elif knot == "dict":
        ring.append({"ring": ring})
    elif knot == "instance":
        ring.append(plain(Plain, {"ring": ring, "root": root}))
    elif knot == "tuple":
        ring.append((ring, root))
    elif knot == "deque":
        ring.append(collections.deque([ring]))
    else:
        ring.append(Record("ring", ring))
    return (ring, shared) if draw(st.booleans()) else ring


IMMUTABLE = (int, float, complex, str, bytes, type(None), type(...), type(NotImplemented))


def difference(one: Any, other: Any, unshared: tuple[type, ...] = ()) -> str | None:
    """Where two graphs differ in value, type or sharing; None where they are the same.

    Whether instances of the types in ``unshared`` are one object or several does not count.
    """
    pairs: dict[int, Any] = {}
    pending: list[tuple[Any, Any, str]] = [(one, other, "root")]
    keep = []  # what is made here must not free an address for something else
    while pending:
        a, b, path = pending.pop()
        if type(a) is not type(b):
            return f"{path}: {type(a)} and {type(b)}"
        if not isinstance(a, (*IMMUTABLE, *unshared)) and not (type(a) is tuple and not a):
            if id(a) in pairs:
                if pairs[id(a)] is not b:
                    return f"{path}: shared in one, not in the other"
                continue
            pairs[id(a)] = b
            keep.append(b)
        children = parts_of(a), parts_of(b)
        if children[0] is None:
            if not same_single(a, b):
                return f"{path}: {a!r} and {b!r}"
            continue
        if len(children[0]) != len(children[1]):
            return f"{path}: {len(children[0])} parts and {len(children[1])}"
        keep.append(children)
        for (name, left), (other_name, right) in zip(*children, strict=True):
            if name != other_name:
                return f"{path}: part {name!r} and {other_name!r}"
            pending.append((left, right, f"{path}.{name}"))
    return None


def same_single(a: Any, b: Any) -> bool:
    if isinstance(a, float):
        return (math.isnan(a) and math.isnan(b)) or (a == b and math.copysign(1, a) == math.copysign(1, b))
    if isinstance(a, complex):
        return same_single(a.real, b.real) and same_single(a.imag, b.imag)
    if isinstance(a, decimal.Decimal):
        return a.as_tuple() == b.as_tuple()
    if isinstance(a, datetime.datetime | datetime.time):
        return a == b and a.fold == b.fold and a.tzinfo == b.tzinfo
    return bool(a == b)


def parts_of(obj: Any) -> list[tuple[Any, Any]] | None:  # noqa: PLR0912 - one branch a kind of object
    """The parts of an object by name, in order; None for one without."""
    found: list[tuple[Any, Any]] = []
    if isinstance(obj, type | types.FunctionType | types.BuiltinFunctionType | enum.Enum):
        return None
    if isinstance(obj, dict):
        found += [(("key", i), k) for i, k in enumerate(obj)] + [(("value", i), v) for i, v in enumerate(obj.values())]
    elif isinstance(obj, list | tuple | collections.deque):
        found += list(enumerate(obj))
    elif isinstance(obj, set | frozenset):
        found += list(enumerate(sorted(obj, key=repr)))
    elif isinstance(obj, BaseException):
        found.append(("args", obj.args))
    elif isinstance(obj, float | int | str):
        found.append(
            ("value", float(obj) if isinstance(obj, float) else int(obj) if isinstance(obj, int) else str(obj))
        )
    elif not hasattr(obj, "__dict__") and not isinstance(obj, Slotted | SlottedRecord | FrozenSlotted):
        return None
    if type(obj) in (float, int, str, bool):
        return None
    if isinstance(obj, collections.defaultdict):
        found.append(("factory", obj.default_factory))
    if isinstance(obj, collections.deque):
        found.append(("maxlen", obj.maxlen))
    for name in ("a", "b", "left", "right"):
        if any(name in getattr(cls, "__slots__", ()) for cls in type(obj).__mro__) and hasattr(obj, name):
            found.append((name, getattr(obj, name)))
    for i, (name, value) in enumerate(getattr(obj, "__dict__", {}).items()):
        found += [(("attribute", i), name), (name if isinstance(name, str) else ("of attribute", i), value)]
    return found
