"""Loading and the garbage collector: what is loaded is old at once, and nothing else is different."""

from __future__ import annotations

import gc
import subprocess
import sys
import weakref
from collections.abc import Iterator

import pytest

from brinery import pickle

GENERATIONS = sys.version_info < (3, 14)
LOADED = [[i] for i in range(20_000)]


@pytest.fixture(autouse=True)
def collected() -> Iterator[None]:
    gc.collect()
    yield
    gc.enable()
    gc.unfreeze()
    gc.collect()


@pytest.mark.skipif(not GENERATIONS, reason="the collector has no generations from 3.14 on")
def test_what_is_loaded_is_old_at_once() -> None:
    data = pickle.dumps(LOADED)
    loaded = pickle.loads(data)
    assert gc.get_count()[0] < 1000
    old = {id(each) for each in gc.get_objects(generation=2)}
    assert {id(each) for each in loaded} <= old


def test_garbage_that_was_loaded_is_found() -> None:
    class Node:
        pass

    node = pickle.loads(pickle.dumps([[i] for i in range(5_000)]))
    node.append(node)
    holder = Node()
    gone = weakref.ref(holder)
    node.append(holder)
    del node, holder
    assert gone() is not None
    gc.collect()
    assert gone() is None


def test_what_a_program_has_frozen_stays_frozen() -> None:
    gc.freeze()
    frozen = gc.get_freeze_count()
    assert frozen > 0
    data = pickle.dumps(LOADED)
    for _ in range(5):
        loaded = pickle.loads(data)
    del loaded
    assert gc.get_freeze_count() >= frozen - 50  # what is freed meanwhile counts no more


def test_a_collector_that_is_off_stays_off() -> None:
    data = pickle.dumps(LOADED)
    gc.disable()
    loaded = pickle.loads(data)
    assert not gc.isenabled()
    assert gc.get_count()[0] >= len(loaded)


def test_a_collector_that_is_on_stays_on_after_a_failure() -> None:
    data = pickle.dumps(LOADED)
    with pytest.raises(pickle.UnpicklingError):
        pickle.loads(data[:-2])
    assert gc.isenabled()


def test_garbage_that_is_loaded_again_and_again_is_limited() -> None:
    # In a fresh process, as the limit is one between two full collections.
    program = """
import gc, weakref
from brinery import pickle

def cycle(size):
    whole = [[i] for i in range(size)]
    whole.append(whole)
    return whole

def loads_without_allocations():
    for i in range(200):  # 4 million objects in all
        pickle.loads(data)

data = pickle.dumps(cycle(20_000))
loads_without_allocations()
print(sum(type(each) is list for each in gc.get_objects()))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 1_000_000
