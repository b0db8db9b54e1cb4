"""Code that a pickle calls while it is being read, and that reaches back into the reader.

After gh-143638, where a ``__setitem__`` re-entered the unpickler and freed the object that BUILD was using. Each case runs
in the stdlib too; the outcomes are compared where the stdlib's is defined, and nothing ever crashes.
"""

import gc
import io
import pickle
import sys

import pytest

from brinery import pickle as brinery_pickle

MODULE = sys.modules[__name__]
before: set[int] = set()  # what was there before the reader began
INNER = pickle.dumps([["inner"], "text", {"k": 1}], 5)


class Hooked:
    """Calls ``action`` from whichever method the reader uses."""

    action = staticmethod(lambda place: None)

    def __setstate__(self, state):
        Hooked.action("setstate")
        self.__dict__.update(state)

    def __setitem__(self, key, value):
        Hooked.action("setitem")
        self.__dict__[key] = value

    def append(self, item):
        Hooked.action("append")
        self.__dict__.setdefault("items", []).append(item)

    def extend(self, items):
        Hooked.action("extend")
        self.__dict__.setdefault("items", []).extend(items)

    def add(self, item):
        Hooked.action("add")
        self.__dict__.setdefault("items", []).append(item)


class HookedAttributes:
    """Calls ``action`` from attribute assignment, lookup and hashing."""

    def __setattr__(self, name, value):
        Hooked.action("setattr")
        object.__setattr__(self, name, value)

    def __hash__(self):
        Hooked.action("hash")
        return 1

    def __eq__(self, other):
        Hooked.action("eq")
        return self is other


def hooked_call(*arguments):
    Hooked.action("call")
    return list(arguments)


class HookedNew:
    def __new__(cls, *arguments, **named):
        Hooked.action("new")
        return super().__new__(cls)


def name(function):
    return b"c" + __name__.encode() + b"\n" + function.__name__.encode() + b"\n"


HOOKED, ATTRIBUTES, CALL, NEW = name(Hooked), name(HookedAttributes), name(hooked_call), name(HookedNew)
STREAMS = {
    "BUILD": b"(]\x94" + HOOKED + b")\x81\x94}\x94(X\x01\0\0\0aK\x01X\x01\0\0\0b]ubh\1t.",
    "SETITEM": b"(]\x94" + HOOKED + b")\x81\x94X\x01\0\0\0a]\x94sh\1h\2t.",
    "SETITEMS": b"(]\x94" + HOOKED + b")\x81\x94(X\x01\0\0\0a]\x94X\x01\0\0\0b]uh\1h\2t.",
    "APPEND": b"(]\x94" + HOOKED + b")\x81\x94]ah\1t.",
    "APPENDS": b"(]\x94" + HOOKED + b")\x81\x94(]K\x01]eh\1t.",
    "ADDITEMS": b"(]\x94" + HOOKED + b")\x81\x94(K\x01K\x02\x90h\1t.",
    "attributes": b"(" + ATTRIBUTES + b")\x81\x94}(X\x01\0\0\0a]X\x01\0\0\0b]ubh\0t.",
    "slots": b"(" + ATTRIBUTES + b")\x81\x94N}(X\x01\0\0\0a]X\x01\0\0\0b]u\x86bh\0t.",
    "keys": b"(}\x94(" + ATTRIBUTES + b")\x81]" + ATTRIBUTES + b")\x81]uh\0t.",
    "members": b"(\x8f\x94(" + ATTRIBUTES + b")\x81" + ATTRIBUTES + b")\x81\x90h\0t.",
    "frozen": b"(](" + ATTRIBUTES + b")\x81" + ATTRIBUTES + b")\x81\x91\x94h\0t.",
    "DICT": b"((" + ATTRIBUTES + b")\x81]" + ATTRIBUTES + b")\x81]d\x94h\0t.",
    "REDUCE": b"(]\x94" + CALL + b"(h\0]tR\x94h\0h\1t.",
    "NEWOBJ": b"(]\x94" + NEW + b"(h\0]t\x81\x94h\0h\1t.",
    "NEWOBJ_EX": b"(]\x94" + NEW + b"(h\0]t}X\x01\0\0\0a]s\x92\x94h\0h\1t.",
    "OBJ": b"(]\x94(" + CALL + b"h\0]o\x94h\0h\1t.",
    "INST": b"(]\x94(h\0](i" + CALL[1:] + b"\x94h\0h\1t.",
    "PERSID": b"(]\x94Pname\n\x94h\0h\1t.",
    "BINPERSID": b"(]\x94X\x01\0\0\0nQ\x94h\0h\1t.",
}


def load(module, stream, act, mode):
    """Load a stream while ``act(unpickler, file)`` runs at each call back."""
    file = io.BytesIO(b"\x80\x05" + stream + INNER)

    class Unpickler(module.Unpickler):
        def find_class(self, module_name, attribute):
            if mode == "find_class":
                Hooked.action("find_class")
            return super().find_class(module_name, attribute)

        def persistent_load(self, name):
            Hooked.action("persistent_load")
            return [name]

    unpickler = Unpickler(file)
    depth = [0]

    def action(place):
        if depth[0] < 2:
            depth[0] += 1
            try:
                act(unpickler, file)
            finally:
                depth[0] -= 1

    Hooked.action = staticmethod(action)
    before.clear()
    if act is empty_everything:
        before.update(map(id, gc.get_objects()))
    try:
        return "value", unpickler.load()
    except Exception as error:
        return "error", error
    finally:
        Hooked.action = staticmethod(lambda place: None)


def collect(unpickler, file):
    gc.collect()


def fail(unpickler, file):
    raise KeyError("hostile")


def reenter(unpickler, file):
    unpickler.load()


def reinitialise(unpickler, file):
    unpickler.__init__(io.BytesIO(INNER))


def clear_memo(unpickler, file):
    unpickler.memo = {}


def change_memo(unpickler, file):
    memo = unpickler.memo
    memo.clear()
    unpickler.memo = {index: [index] for index in range(50)}


def another(unpickler, file):
    assert brinery_pickle.loads(INNER) == pickle.loads(INNER)


def close_file(unpickler, file):
    file.close()


def empty_everything(unpickler, file):
    """Clears each list and dict that the reader has made so far."""
    for found in gc.get_objects():
        if type(found) is list and id(found) not in before:
            found.clear()
        elif type(found) is dict and "a" in found and id(found) not in before:
            found.clear()


def forget_class(unpickler, file):
    Hooked.late = 1
    del Hooked.late


ACTIONS = [collect, fail, reenter, reinitialise, clear_memo, change_memo, another, close_file, empty_everything]
ACTIONS += [forget_class]
# What these leave behind in the stdlib is an accident of its layout; only that nothing crashes is asked.
ACCIDENTAL = {reenter, reinitialise, clear_memo, change_memo, close_file, empty_everything}


@pytest.mark.parametrize("mode", ["plain", "find_class"])
@pytest.mark.parametrize("act", ACTIONS, ids=lambda act: act.__name__)
@pytest.mark.parametrize("stream", STREAMS.values(), ids=STREAMS)
def test_code_that_reaches_back_into_the_reader(stream, act, mode):
    kind, found = load(brinery_pickle, stream, act, mode)
    if act in ACCIDENTAL:
        assert kind == "value" or isinstance(
            found, (pickle.UnpicklingError, RuntimeError, ValueError, EOFError, KeyError)
        )
        return
    expected_kind, expected = load(pickle, stream, act, mode)
    assert kind == expected_kind, found
    if kind == "error":
        assert type(found) is type(expected)
    else:
        assert [type(part) for part in found] == [type(part) for part in expected]


def test_the_reader_is_whole_after_hostile_code():
    for stream in STREAMS.values():
        for act in (fail, reenter, change_memo):
            load(brinery_pickle, stream, act, "plain")
    assert brinery_pickle.loads(INNER) == pickle.loads(INNER)
