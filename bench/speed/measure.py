"""Best of N, implementations alternating in one process, the collector on as users have it."""

from __future__ import annotations

import collections
import gc
import itertools
import math
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from bench.rivals import brinery, others, stdlib
from bench.speed.row import Row, spread
from bench.workloads import Workload

# While the stdlib is further than this from itself, the machine is busy with something else and rounds are added.
QUIET = 0.03
# But not for longer than this in all, in seconds, so that a whole run stays within minutes.
PATIENCE = 5.0


@dataclass(frozen=True)
class Call:
    """A function and its arguments, to be called again and again with as little around it as can be."""

    function: Callable[..., Any]
    arguments: tuple[Any, ...]

    def __call__(self) -> Any:
        return self.function(*self.arguments)

    def times(self, count: int) -> None:
        """Call it so often from C, as a loop in Python would take as long as a small message."""
        collections.deque(map(self.function, *(itertools.repeat(each, count) for each in self.arguments)), maxlen=0)


def timed(call: Call, repeat: int) -> float:
    """Seconds of one call, the second of two in a row: a collection leaves the caches cold, and is no part of the call.

    A young collection that the call put off is paid here: the container made last sets it off.
    """
    gc.collect()
    call()
    if repeat == 1:
        start = time.perf_counter()
        result = call()
        container = [[]]
        took = time.perf_counter() - start
        del result
        return took
    start = time.perf_counter()
    call.times(repeat)
    container = [[]]  # noqa: F841
    return (time.perf_counter() - start) / repeat


def alternate(calls: dict[str, Call], repeat: int, rounds: int, patience: float = PATIENCE) -> dict[str, float]:
    """The best of at least so many rounds for each call, each round in another order.

    What a call leaves behind in the allocator makes the next one faster or slower, so that each has to come after each
    other one. Rounds are added while the stdlib is not QUIET and fewer than `patience` seconds have gone.
    """
    begun = time.perf_counter()
    best = dict.fromkeys(calls, math.inf)
    order = list(calls)
    shuffler = random.Random(0)
    done = 0
    while done < rounds or (spread(best) >= QUIET and time.perf_counter() - begun < patience):
        for name in order:
            best[name] = min(best[name], timed(calls[name], repeat))
        shuffler.shuffle(order)
        done += 1
    return best


def able(rival: ModuleType, workload: Workload, obj: Any) -> bytes | None:
    """What the rival makes of it, if the same comes back."""
    try:
        data = rival.dumps(obj, *rival.options)
        return data if workload.same(obj, rival.loads(data)) else None
    except Exception:  # whatever a rival raises, it can't do it
        return None


def measure(workload: Workload, rounds: int, rivals: bool = True, patience: float = PATIENCE) -> Row:
    """Times of one workload, after a check that everybody reads back what was written.

    Raises AssertionError if brinery or the stdlib does not.
    """
    obj = workload.make()
    row = Row(workload.name)
    data = {each.name: each.dumps(obj, *each.options) for each in (stdlib, brinery)}
    for reader in (stdlib, brinery):
        for writer, written in data.items():
            if not workload.same(obj, reader.loads(written)):
                raise AssertionError(f"{workload.name}: {reader.name} does not read back what {writer} wrote")
    able_rivals = {}
    for rival in others() if rivals else []:
        made = able(rival, workload, obj)
        if made is not None:
            able_rivals[rival.name] = rival
            data[rival.name] = made
    row.sizes = {name: len(made) for name, made in data.items()}

    writers = {"_pickle": stdlib, "brinery": brinery, "_pickle again": stdlib} | able_rivals
    dumps = {name: Call(each.dumps, (obj, *each.options)) for name, each in writers.items()}
    row.dumps = alternate(dumps, workload.repeat, rounds, patience)
    row.dumps_noise = spread(row.dumps)

    # Where a stream lies in memory makes a difference of its own for large payloads: part of the noise.
    elsewhere = bytes(bytearray(data["_pickle"]))
    loads = {
        "_pickle": Call(stdlib.loads, (data["_pickle"],)),
        "brinery": Call(brinery.loads, (data["brinery"],)),
        "_pickle again": Call(stdlib.loads, (elsewhere,)),
        "stock": Call(brinery.loads, (data["_pickle"],)),
    }
    loads |= {name: Call(each.loads, (data[name],)) for name, each in able_rivals.items()}
    row.loads = alternate(loads, workload.repeat, rounds, patience)
    row.loads_noise = spread(row.loads)
    row.stock = row.loads.pop("stock")
    return row
