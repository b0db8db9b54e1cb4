"""A thousand repetitions of every kind of success and failure leave the counts of references and blocks as they were."""

import collections
import gc
import io
import pickle
import sys

import pytest
from fuzz.programs import samples

from brinery import pickle as brinery_pickle
from tests.strategies import Colour, FrozenSlotted, Pair, Plain, Record, Reduced, Slotted, Stateful, plain

REPETITIONS = 1000
# Freelists and bounded caches fill up during the first rounds and take a few blocks now and then; a leak takes as many as
# there were repetitions, in every round.
SLACK = 30
ROUNDS = 4


def refuse(*args):
    raise KeyError("refused")


class Refusing:
    def __reduce__(self):
        raise KeyError("refused")


class BadState:
    def __getstate__(self):
        raise KeyError("refused")


class BadLoad:
    def __setstate__(self, state):
        raise KeyError("refused")


class BadFile:
    def write(self, data):
        raise KeyError("refused")

    read = readline = write

    def readinto(self, buffer):
        raise KeyError("refused")


class Hooked(brinery_pickle.Pickler):
    def persistent_id(self, obj):
        return "id" if isinstance(obj, Plain) else None

    def reducer_override(self, obj):
        return (list, ([1],)) if isinstance(obj, Slotted) else NotImplemented


class Loading(brinery_pickle.Unpickler):
    def persistent_load(self, pid):
        return [pid]

    def find_class(self, module, name):
        return super().find_class(module, name)


def hooked():
    file = io.BytesIO()
    pickler = Hooked(file, 4)
    pickler.dump([plain(Plain, {"a": 1}), Slotted(), Reduced(1)])
    pickler.memo = pickler.memo.copy()
    pickler.clear_memo()
    file.seek(0)
    unpickler = Loading(file)
    unpickler.load()
    unpickler.memo = unpickler.memo.copy()


def fails(call, *errors):
    def run():
        with pytest.raises(errors):
            call()

    return run


graph = [
    Record("a", [1]),
    FrozenSlotted(1, [2]),
    Pair(1, [2]),
    Colour.RED,
    plain(Plain, {"x": [1], "y": "z"}),
    Stateful(),
]
ring: list = [collections.OrderedDict(a=[1]), collections.Counter("abc"), 1.5, 2**80, "é", b"x" * 2000, {1: {2}}]
ring.append((ring, [Reduced([ring])]))
stock = pickle.dumps([graph, ring], 4)
bad_load = pickle.dumps(plain(BadLoad, {"a": 1}))
big = b"x" * 100_000
array = brinery_pickle.PickleBuffer(bytearray(big))

CASES = {
    **{f"dumps {p}": (lambda p=p: brinery_pickle.dumps([graph[:1], graph[2:], ring], p)) for p in range(6)},
    **{f"loads {p}": (lambda d=pickle.dumps([graph[2:], ring], p): brinery_pickle.loads(d)) for p in range(6)},
    "loads own": lambda d=brinery_pickle.dumps([graph, ring], 5): brinery_pickle.loads(d),
    "samples": lambda: [brinery_pickle.loads(brinery_pickle.dumps(s, 5)) for s in samples()[:20]],
    "file": lambda: brinery_pickle.dump([graph, big, ring], io.BytesIO(), 5),
    "load file": lambda: brinery_pickle.load(io.BytesIO(stock)),
    "hooks": hooked,
    "out of band": lambda: brinery_pickle.loads(
        brinery_pickle.dumps([array], 5, buffer_callback=[].append), buffers=[bytearray(3)]
    ),
    "in band": lambda: brinery_pickle.loads(brinery_pickle.dumps([array, big], 5)),
    "reduce raises": fails(lambda: brinery_pickle.dumps([graph, {"a": Refusing()}], 5), KeyError),
    "getstate raises": fails(lambda: brinery_pickle.dumps([graph, (1, BadState())], 5), KeyError),
    "local function": fails(lambda: brinery_pickle.dumps([graph, refuse.__get__(lambda: 0)], 5), Exception),
    "write raises": fails(lambda: brinery_pickle.dump(graph, BadFile()), KeyError),
    "read raises": fails(lambda: brinery_pickle.load(BadFile()), KeyError),
    "setstate raises": fails(lambda: brinery_pickle.loads(bad_load), KeyError),
    "callback raises": fails(lambda: brinery_pickle.dumps([array], 5, buffer_callback=refuse), KeyError),
    "no protocol": fails(lambda: brinery_pickle.dumps(1, 9), ValueError),
    "bad arguments": fails(lambda: brinery_pickle.dumps(), TypeError),
    "bad keyword": fails(lambda: brinery_pickle.dumps(1, nonsense=2), TypeError),
    "no file": fails(lambda: brinery_pickle.Pickler(3), TypeError),
    "empty": fails(lambda: brinery_pickle.loads(b""), EOFError),
    **{
        f"cut at {i}": fails(lambda i=i: brinery_pickle.loads(stock[:i]), pickle.UnpicklingError, EOFError)
        for i in range(2, len(stock) - 1, 23)
    },
    **{
        f"garbage {i}": fails(lambda d=d: brinery_pickle.loads(d), Exception)
        for i, d in enumerate([b"\x80\x05}(K\x01", b"}(K\x01u.", b"(lp0\n0", b"cos\nno_such\n.", b"\x95\xff\xff", b"K\x01b.",
                               b"c__main__\nno\n.", b"\x8c\x01\xff.", b"}(](K\x01K\x02u.", b"(}(K\x01b.", b"]]Rb."])
    },
}  # fmt: skip


def counts():
    gc.collect()
    return sys.getallocatedblocks(), len(gc.get_objects())


@pytest.mark.parametrize("name", CASES)
def test_a_thousand_repetitions_leave_nothing_behind(name):
    call = CASES[name]
    repetitions = REPETITIONS if not name.startswith(("samples", "cut")) else REPETITIONS // 10
    watched = [None, True, Plain, Record, Colour.RED, refuse, stock, big, ring, graph, (), "a"]
    for _ in range(30):
        call()
    for _ in range(ROUNDS):
        before, references = counts(), [sys.getrefcount(each) for each in watched]
        for _ in range(repetitions):
            call()
        after, references_after = counts(), [sys.getrefcount(each) for each in watched]
        growth = [abs(b - a) for a, b in zip((*before, *references), (*after, *references_after), strict=True)]
        if max(growth) <= SLACK:
            return
    raise AssertionError(f"after {repetitions} repetitions blocks, objects and references grew by {growth}")
