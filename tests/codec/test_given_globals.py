"""decode() with the globals that there are, and with builders of instances."""

import collections
import copyreg
import dataclasses
import datetime
import enum
import pickle
import sys
import uuid
from typing import Any

import pytest

from brinery import pickle as brinery_pickle
from brinery.codec import decode, encode


class Plain:
    def __init__(self, **attributes: Any) -> None:
        self.__dict__.update(attributes)


class Slotted:
    __slots__ = ("a",)


@dataclasses.dataclass(frozen=True, slots=True)
class Frozen:
    a: int
    b: list[int]


class Stateful:
    def __setstate__(self, state: Any) -> None:
        raise AssertionError("the builder goes first")


class Colour(enum.Enum):
    RED = 1


def slotted() -> Slotted:
    made = Slotted()
    made.a = 1
    return made


def given(*objects: Any) -> dict[str, dict[str, Any]]:
    modules: dict[str, dict[str, Any]] = {}
    for each in objects:
        modules.setdefault(each.__module__, {})[each.__qualname__] = each
    return modules


STANDARD = given(
    collections.OrderedDict, datetime.date, Plain, Slotted, Frozen, Stateful, Colour, uuid.UUID, object, set, bytes
)
STANDARD["copyreg"] = {"_reconstructor": copyreg._reconstructor}  # type: ignore[attr-defined]
STANDARD["_codecs"] = {"encode": __import__("_codecs").encode}
STANDARD["uuid"]["SafeUUID"] = uuid.SafeUUID


@pytest.mark.parametrize("protocol", range(6))
def test_the_globals_given_are_found(protocol):
    obj = [
        collections.OrderedDict(a=1),
        datetime.date(2020, 1, 2),
        Colour.RED,
        {1, 2},
        b"x",
        Plain(a=1),
        uuid.UUID(int=3),
    ]
    for data in (pickle.dumps(obj, protocol), brinery_pickle.dumps(obj, protocol)):
        found = decode(data, globals=STANDARD)
        assert found[:5] == obj[:5]
        assert found[5].__dict__ == {"a": 1}
        assert found[6] == obj[6]


@pytest.mark.parametrize(
    "data",
    [b"cos\nsystem\n.", b"\x80\x04\x8c\x02os\x8c\x06system\x93.", b"(ios\nsystem\n.", b"cdatetime\ndate.today\n."],
)
def test_others_are_refused_loaded_or_not(data):
    with pytest.raises(pickle.UnpicklingError, match="not among the globals given"):
        decode(data, globals=STANDARD)


def test_nothing_is_imported_and_no_attribute_looked_up():
    class Loud(dict[str, Any]):
        def __getattr__(self, name: str) -> Any:
            raise AssertionError(name)

    with pytest.raises(pickle.UnpicklingError):
        decode(b"cthis\nd\n.", globals=STANDARD)
    assert "this" not in sys.modules
    with pytest.raises(pickle.UnpicklingError):
        decode(b"\x80\x04\x8c\x01m\x8c\x03a.b\x93.", globals={"m": Loud(a=Loud())})
    assert decode(b"\x80\x04\x8c\x01m\x8c\x03a.b\x93.", globals={"m": {"a.b": 5}}) == 5


def test_extension_codes_are_refused_even_when_cached():
    copyreg.add_extension("collections", "OrderedDict", 0xF0)
    try:
        data = pickle.dumps(collections.OrderedDict, 2)
        assert decode(data) is collections.OrderedDict
        with pytest.raises(pickle.UnpicklingError, match="extension codes"):
            decode(data, globals=STANDARD)
    finally:
        copyreg.remove_extension("collections", "OrderedDict", 0xF0)


def test_the_object_given_is_the_one_that_is_called():
    def guarded(*args: Any) -> Any:
        return ("guarded", args)

    assert decode(b"cos\nsystem\nX\x02\x00\x00\x00id\x85R.", globals={"os": {"system": guarded}}) == (
        "guarded",
        ("id",),
    )


def test_numpy_arrays_take_the_fast_way():
    numpy = pytest.importorskip("numpy")
    array = numpy.arange(10.0)
    data = encode([array, array[2]])
    names = {"numpy": {"dtype": numpy.dtype, "ndarray": numpy.ndarray}}
    for module in ("numpy._core.numeric", "numpy._core.multiarray"):
        names[module] = dict(vars(sys.modules[module]))
    found = decode(data, globals=names)
    assert found[0].tolist() == array.tolist()
    assert found[1] == array[2]


OBJECTS = [
    Plain(a=1, b=[2]),
    [Plain(a=1), Plain(a=2)],
    slotted(),
    Frozen(1, [2]),
    uuid.UUID(int=7),
    Plain(**{f"k{i}": i for i in range(60)}),
]


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
@pytest.mark.parametrize("obj", OBJECTS, ids=lambda obj: type(obj).__name__)
def test_a_builder_goes_before_every_other_way(obj, protocol):
    type_of = type(obj[0] if isinstance(obj, list) else obj)
    for data in (pickle.dumps(obj, protocol), brinery_pickle.dumps(obj, protocol), pickle.dumps([obj, obj], protocol)):
        met: list[Any] = []
        decode(data, builders={type_of: lambda made, state, met=met: met.append((type(made), state))})
        assert len(met) == (2 if isinstance(obj, list) else 1)
        assert met[0][0] is type_of
        decoded_as_usual = decode(data)
        assert decoded_as_usual is not None


def test_a_builder_is_given_what_setstate_would_be():
    data = b"\x80\x04c%s\nStateful\n)\x81}\x8c\x01aK\x01sb." % __name__.encode()

    def build(made: Any, state: Any) -> None:
        made.__dict__.update(state, built=True)

    assert decode(data, builders={Stateful: build}).__dict__ == {"a": 1, "built": True}
    with pytest.raises(AssertionError):
        decode(data, builders={Plain: build})


def test_what_a_builder_raises_is_raised():
    def build(made: Any, state: Any) -> None:
        raise KeyError("bad state")

    with pytest.raises(KeyError, match="bad state"):
        decode(pickle.dumps(Plain(a=1)), builders={Plain: build})


def test_subclasses_have_builders_of_their_own():
    class Child(Plain):
        pass

    Child.__qualname__ = "Child"
    made = b"\x80\x04cm\nChild\n)\x81}\x8c\x01aK\x01sb."
    found = decode(made, globals={"m": {"Child": Child}}, builders={Plain: lambda made, state: 1 / 0})
    assert found.a == 1


@pytest.mark.parametrize(
    "arguments", [{"globals": []}, {"builders": [1]}, {"builders": {"Plain": print}}, {"globals": {"os": 5}}]
)
def test_mistakes_in_the_arguments_are_told(arguments):
    with pytest.raises(TypeError):
        decode(b"cos\nsystem\n.", **arguments)


def test_many_builders_are_told_apart():
    types = [type(f"T{i}", (), {}) for i in range(300)]
    names = {"m": {each.__name__: each for each in types}}
    data = (
        b"\x80\x04](" + b"".join(b"cm\n%s\n)\x81}\x8c\x01aK\x01sb" % each.__name__.encode() for each in types) + b"e."
    )
    met: list[type] = []
    decode(data, globals=names, builders={each: lambda made, state: met.append(type(made)) for each in types[::2]})
    assert met == types[::2]


def test_a_memo_that_skips_costs_what_is_stored(tmp_path):
    sparse = b"".join(b"Nr" + min(3 * 2**k, 2**32 - 1).to_bytes(4, "little") + b"0" for k in range(10, 32)) + b"N."
    import tracemalloc

    tracemalloc.start()
    decode(sparse)
    decode(b"".join(b"Nr" + (2000 + 2 * i).to_bytes(4, "little") + b"0" for i in range(2000)) + b"j\xd0\x07\x00\x00.")
    assert tracemalloc.get_traced_memory()[1] < 2_000_000
    tracemalloc.stop()
