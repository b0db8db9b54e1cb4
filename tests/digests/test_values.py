"""Which values have the same digest, and which have not."""

import collections
import copy
import datetime
import decimal
import math
import os
import pickle
import subprocess
import sys
import types
from pathlib import Path

import pytest
from hypothesis import given

import brinery
from tests import strategies
from tests.digests import golden
from tests.digests.objects import Node, ring

ROOT = Path(__file__).parent.parent.parent


def reordered(obj):
    """A deep copy in which dicts and sets were filled the other way round, of builtin containers."""
    if type(obj) is dict:
        return {reordered(key): reordered(value) for key, value in reversed(obj.items())}
    if type(obj) in (list, tuple):
        return type(obj)(map(reordered, obj))
    if type(obj) in (set, frozenset):
        return type(obj)(map(reordered, reversed(list(obj))))
    return pickle.loads(pickle.dumps(obj))


@given(strategies.trees)
def test_copies_in_another_order_have_the_same_digest(obj):
    assert brinery.digest(reordered(obj)) == brinery.digest(obj)


@given(strategies.graphs())
def test_a_graph_has_the_same_digest_after_a_round_trip(obj):
    loaded = brinery.loads(brinery.dumps(obj), trust="everything")
    assert brinery.digest(loaded) == brinery.digest(obj)


@given(strategies.trees, strategies.trees)
def test_values_that_differ_have_different_digests(one, other):
    if strategies.difference(one, other) is not None and one != other:
        assert brinery.digest(one) != brinery.digest(other)


@given(strategies.trees)
def test_sharing_does_not_matter(obj):
    assert brinery.digest([obj, obj]) == brinery.digest([obj, reordered(obj)])


def test_a_digest_is_blake3_in_hexadecimal():
    found = brinery.digest([])
    assert len(found) == 64
    assert int(found, 16)


DIFFERENT = [
    [1, 1.0, True, "1", b"1", bytearray(b"1"), 1 + 0j, decimal.Decimal(1)],
    [0.0, -0.0, math.nan, math.inf],
    [[1], (1,), {1}, frozenset({1}), {1: 1}, collections.deque([1])],
    [[[1], 2], [1, [2]], [1, 2], [[1, 2]], [[1], [2]]],
    [["ab", "c"], ["a", "bc"], ["a", "b", "c"], ["a\0b", "c"], ["a", "b\0c"]],
    [{"a": 1, "b": 2}, {"a": 2, "b": 1}, {"a": 1}, {"ab": 12}],
    [collections.OrderedDict(a=1, b=2), collections.OrderedDict(b=2, a=1), {"a": 1, "b": 2}],
    [decimal.Decimal("1.0"), decimal.Decimal("1.00")],
    [datetime.UTC, datetime.timezone(datetime.timedelta(0), "other")],
    [types.SimpleNamespace(a=1), Node(a=1), {"a": 1}],
    [[{"a": i} for i in range(20)], [{"b": i} for i in range(20)], [[i] for i in range(20)], [(i,) for i in range(20)]],
]


@pytest.mark.parametrize("values", DIFFERENT)
def test_these_differ(values):
    found = [brinery.digest(value) for value in values]
    assert len(set(found)) == len(found)
    within = [brinery.digest([value, [value]]) for value in values]
    assert len(set(within)) == len(within)


def test_every_nan_is_one():
    negative = math.inf - math.inf
    assert brinery.digest(negative) == brinery.digest(math.nan) == brinery.digest(-math.nan)
    assert brinery.digest([negative, 1.0]) == brinery.digest([math.nan, 1.0])


def test_ranges_of_the_same_numbers_are_equal():
    assert brinery.digest(range(0, 3, 2)) == brinery.digest(range(0, 4, 2))
    assert brinery.digest(range(3, 3)) == brinery.digest(range(0))


def test_what_was_done_to_an_object_before_does_not_matter():
    one, other = Node(a=1, b=2), Node(b=2, a=1)
    one.c = 3
    del one.c
    assert brinery.digest(one) == brinery.digest(other)
    empty = Node(a=1)
    del empty.a
    assert brinery.digest(empty) == brinery.digest(Node())


def test_interning_does_not_matter():
    made = "".join(["na", "me"])
    assert brinery.digest({made: made, sys.intern("other"): 1}) == brinery.digest({"other": 1, "name": "name"})


def test_exceptions_are_equal_however_they_came_about():
    with pytest.raises(ValueError, match="a") as raised:
        raise ValueError("a") from KeyError("b")
    assert brinery.digest(raised.value) == brinery.digest(ValueError("a"))


def test_graphs_are_equal_where_they_unfold_to_the_same():
    one, other = [], []
    one.append(one)
    other.append([other])
    assert brinery.digest(one) == brinery.digest(other) == brinery.digest([other]) == brinery.digest([[one]])
    assert brinery.digest(one) != brinery.digest([[]])


def test_a_cycle_that_was_partly_unrolled_is_the_same():
    def knot():
        a, b = Node(), Node()
        a.first, a.second, b.back = b, a, a
        return a, b

    (a, _), (c, _) = knot(), knot()
    unrolled, back = Node(), Node()
    unrolled.first, unrolled.second, back.back = back, c, unrolled
    assert brinery.digest(unrolled) == brinery.digest(a)
    back.extra = 1
    assert brinery.digest(unrolled) != brinery.digest(a)


@pytest.mark.parametrize("size", [1, 2, 6, 50])
def test_every_member_of_a_ring_has_the_digest_of_its_place(size):
    one, other = ring(size), copy.deepcopy(ring(size))
    seen = set()
    for _ in range(size):
        assert brinery.digest(one) == brinery.digest(other)
        seen.add(brinery.digest(one))
        one, other = one.next, other.next
    assert len(seen) == (3 if size % 3 == 0 else size)


@given(strategies.graphs())
def test_parts_of_a_cycle_have_the_same_digest_from_wherever_it_is_met(obj):
    holder = [obj, {"again": obj}]
    assert brinery.digest([holder, obj]) == brinery.digest([[obj, {"again": obj}], obj])


def test_depth_and_sharing_cost_nothing_but_time():
    deep = shared = []
    for _ in range(100_000):
        deep = [deep]
    for _ in range(10_000):
        shared = [shared, shared]
    around = [shared]
    around.append({"cycle": around})
    assert len({brinery.digest(each) for each in (deep, [deep], shared, [shared], around)}) == 5


def test_a_long_text_is_hashed_once_however_often_it_is_met():
    text = "long" * 1_000_000
    assert brinery.digest([text] * 1000) == brinery.digest([text] * 999 + ["long" * 1_000_000])


def generator():
    yield


PLACES = [
    ([0, generator()], r"list\[1\]"),
    ({"job": (0, generator())}, r"dict\['job'\]\[1\]"),
    (Node(handler={"a": [generator()]}), r"Node\.handler\['a'\]\[0\]"),
    ({generator(): 1}, "dict at a key that is no text"),
]


@pytest.mark.parametrize(("obj", "place"), PLACES)
def test_what_has_no_digest_is_refused_with_its_place(obj, place):
    with pytest.raises(
        brinery.EncodeError, match=f"^{place}: cannot pickle 'generator' object: it stands .*\\. Send what it yields"
    ):
        brinery.digest(obj)


def test_interrupts_are_not_taken_for_errors_of_the_object():
    class Stopped:
        def __reduce__(self):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        brinery.digest([Stopped()])


def test_a_registered_class_is_taken_apart_as_it_was_told():
    from brinery.reducers.registry import by_type

    one, other = Node(kept=1, running=generator()), Node(kept=1, running=generator())
    brinery.register(Node, lambda node: node.kept, Node)
    try:
        assert brinery.digest(one) == brinery.digest(other)
    finally:
        by_type.pop(Node)


def test_digests_are_those_of_earlier_releases_and_of_other_versions_of_python():
    kept = golden.read()
    found = golden.digests()
    assert {name: kept[name] for name in found} == found


def test_digests_are_the_same_in_processes_with_other_hash_seeds():
    printed = set()
    for seed in range(5):
        environment = os.environ | {"PYTHONHASHSEED": str(seed), "PYTHONPATH": os.pathsep.join(sys.path)}
        done = subprocess.run(
            [sys.executable, "-m", "tests.digests.golden"],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        printed.add(done.stdout)
    assert len(printed) == 1
