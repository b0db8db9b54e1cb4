"""Where it went wrong: the offset and opcode in bad bytes, the place in an object that cannot be saved."""

import dataclasses
import pickle
import threading

import pytest

from brinery import codec

BAD = [
    (b"\x80\x05]\x94K\x01", None, None),
    (b"\x80\x05\x8c\x09abc.", 2, "SHORT_BINUNICODE"),
    (b"\x80\x05K\x01h\x07.", 4, "BINGET"),
    (b"\x80\x05a.", 2, "APPEND"),
    (b"\x80\x05K\x01K\x02R.", 6, "REDUCE"),
    (b"\x80\x05N\xff.", 3, None),
    (b"\x80\x05\x8a\x01", 2, "LONG1"),
    (b"S'open\n.", 0, "STRING"),
    (b"(K\x01d.", 3, "DICT"),
    (b"t.", 0, "TUPLE"),
    (b"\x80\x63.", 0, "PROTO"),
    (b"Ix\n.", 0, "INT"),
]


@pytest.mark.parametrize(("data", "offset", "opcode"), BAD, ids=[repr(data) for data, _, _ in BAD])
def test_bad_bytes_get_the_stdlib_exception_with_the_offset_and_the_opcode(data, offset, opcode):
    with pytest.raises(Exception) as expected:  # noqa: PT011 - whatever the stdlib raises is the measure
        pickle.loads(data)
    with pytest.raises(type(expected.value)) as found:
        codec.loads(data)
    told = " ".join([str(found.value), *getattr(found.value, "__notes__", [])])
    if offset is not None:
        assert f"offset {offset}" in told
    if opcode is not None:
        assert opcode in told


@dataclasses.dataclass
class Item:
    name: str
    handler: object = None


class Cart:
    def __init__(self, items):
        self.items = items


def note_of(obj, protocol=5):
    with pytest.raises((TypeError, AttributeError, pickle.PicklingError)) as found:
        codec.dumps(obj, protocol)
    return " ".join(found.value.__notes__)


@pytest.mark.parametrize("protocol", [2, 5])
@pytest.mark.parametrize(
    ("obj", "place"),
    [
        (Cart([Item("a"), Item("b"), Item("c"), Item("d", threading.Lock())]), "cart.items[3].handler"),
        ([1, (2, {"key": threading.Lock()})], "list[1][1]['key']"),
        ({"outer": {5: [threading.Lock()]}}, "dict['outer'][5][0]"),
        (Cart({"x": lambda: None}), "cart.items['x']"),
        ((0, threading.Lock()), "tuple[1]"),
        ([0] * 2500 + [threading.Lock()], "list[2500]"),
    ],
    ids=["attributes", "tuple", "keys", "lambda", "root tuple", "many"],
)
def test_an_object_that_cannot_be_saved_says_where_it_sits(obj, place, protocol):
    assert note_of(obj, protocol).endswith(place)


def test_the_note_is_there_once_however_often_the_same_exception_comes():
    error = KeyError("the same one")

    class Refusing:
        def __reduce__(self):
            raise error

    for _ in range(3):
        with pytest.raises(KeyError):
            codec.dumps([Refusing()], 5)
    assert len(error.__notes__) == 1


def test_an_exception_raised_by_every_load_collects_no_notes_without_end():
    for prefix in range(100):
        with pytest.raises(LookupError):
            codec.loads(b"N0" * prefix + b"c" + __name__.encode() + b"\nraise_the_same\n)R.")
    assert len(THE_SAME.__notes__) < 20


THE_SAME = LookupError("the same")


def raise_the_same():
    raise THE_SAME
