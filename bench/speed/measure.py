"""Best of N, implementations alternating in one process, the collector on as users have it."""

from __future__ import annotations

import gc
import math
import time
from collections.abc import Callable
from types import ModuleType
from typing import Any

from bench.rivals import brinery, others, stdlib
from bench.speed.row import Row, spread
from bench.workloads import Workload

# While the stdlib is further than this from itself, the machine is busy with something else and rounds are added.
QUIET = 0.03
MOST = 3  # times the rounds asked for


def timed(call: Callable[[], Any], repeat: int) -> float:
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
    rounds = range(repeat)
    start = time.perf_counter()
    for _ in rounds:
        call()
    container = [[]]  # noqa: F841
    return (time.perf_counter() - start) / repeat


def alternate(calls: dict[str, Callable[[], Any]], repeat: int, rounds: int) -> dict[str, float]:
    """The best of at least so many rounds for each call; each round begins with another one."""
    best = dict.fromkeys(calls, math.inf)
    order = list(calls)
    for done in range(rounds * MOST):
        if done >= rounds and spread(best) < QUIET:
            break
        for name in order:
            best[name] = min(best[name], timed(calls[name], repeat))
        order = order[1:] + order[:1]
    return best


def able(rival: ModuleType, workload: Workload, obj: Any) -> bytes | None:
    """What the rival makes of it, if the same comes back."""
    try:
        data = rival.dumps(obj)
        return data if workload.same(obj, rival.loads(data)) else None
    except Exception:  # whatever a rival raises, it can't do it
        return None


def measure(workload: Workload, rounds: int, rivals: bool = True) -> Row:
    """Times of one workload, after a check that everybody reads back what was written.

    Raises AssertionError if brinery or the stdlib does not.
    """
    obj = workload.make()
    row = Row(workload.name)
    data = {"_pickle": stdlib.dumps(obj), "brinery": brinery.dumps(obj)}
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

    dumps = {"_pickle": stdlib.dumps, "brinery": brinery.dumps, "_pickle again": stdlib.dumps}
    dumps |= {name: rival.dumps for name, rival in able_rivals.items()}
    row.dumps = alternate({name: lambda f=f: f(obj) for name, f in dumps.items()}, workload.repeat, rounds)

    stock, own = data["_pickle"], data["brinery"]
    loads: dict[str, Callable[[], Any]] = {
        "_pickle": lambda: stdlib.loads(stock),
        "brinery": lambda: brinery.loads(own),
        "_pickle again": lambda: stdlib.loads(stock),
        "stock": lambda: brinery.loads(stock),
    }
    loads |= {name: lambda f=rival.loads, d=data[name]: f(d) for name, rival in able_rivals.items()}
    row.loads = alternate(loads, workload.repeat, rounds)
    row.stock = row.loads.pop("stock")
    return row
