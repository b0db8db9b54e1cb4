"""Best of N, implementations alternating in one process, the collector on as users have it."""

from __future__ import annotations

import gc
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from bench.rivals import OTHERS, brinery, stdlib
from bench.workloads import Workload


@dataclass
class Row:
    """Seconds by implementation. `_pickle` is measured twice: what it differs from itself is noise."""

    name: str
    dumps: dict[str, float] = field(default_factory=dict)
    loads: dict[str, float] = field(default_factory=dict)
    stock: float = math.nan  # brinery loading what _pickle wrote
    sizes: dict[str, int] = field(default_factory=dict)

    @property
    def dumps_ratio(self) -> float:
        return stdlib_time(self.dumps) / self.dumps["brinery"]

    @property
    def loads_ratio(self) -> float:
        return stdlib_time(self.loads) / self.loads["brinery"]

    @property
    def stock_ratio(self) -> float:
        return stdlib_time(self.loads) / self.stock

    @property
    def noise(self) -> float:
        """How far the stdlib was from itself, as a fraction, the worse of dumps and loads."""
        return max(spread(self.dumps), spread(self.loads))


def stdlib_time(times: dict[str, float]) -> float:
    return min(times["_pickle"], times["_pickle again"])


def spread(times: dict[str, float]) -> float:
    one, other = times["_pickle"], times["_pickle again"]
    return max(one, other) / min(one, other) - 1


def geometric_mean(values: list[float]) -> float:
    return math.exp(sum(map(math.log, values)) / len(values))


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
    best = dict.fromkeys(calls, math.inf)
    order = list(calls)
    for _ in range(rounds):
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
    obj = workload.make()
    row = Row(workload.name)
    data = {"_pickle": stdlib.dumps(obj), "brinery": brinery.dumps(obj)}
    for reader in (stdlib, brinery):
        for writer, written in data.items():
            if not workload.same(obj, reader.loads(written)):
                raise AssertionError(f"{workload.name}: {reader.name} does not read back what {writer} wrote")
    others = {}
    for rival in OTHERS if rivals else []:
        made = able(rival, workload, obj)
        if made is not None:
            others[rival.name] = rival
            data[rival.name] = made
    row.sizes = {name: len(made) for name, made in data.items()}

    dumps = {"_pickle": stdlib.dumps, "brinery": brinery.dumps, "_pickle again": stdlib.dumps}
    dumps |= {name: rival.dumps for name, rival in others.items()}
    row.dumps = alternate({name: lambda f=f: f(obj) for name, f in dumps.items()}, workload.repeat, rounds)

    stock, own = data["_pickle"], data["brinery"]
    loads: dict[str, Callable[[], Any]] = {
        "_pickle": lambda: stdlib.loads(stock),
        "brinery": lambda: brinery.loads(own),
        "_pickle again": lambda: stdlib.loads(stock),
        "stock": lambda: brinery.loads(stock),
    }
    loads |= {name: lambda f=rival.loads, d=data[name]: f(d) for name, rival in others.items()}
    row.loads = alternate(loads, workload.repeat, rounds)
    row.stock = row.loads.pop("stock")
    return row
