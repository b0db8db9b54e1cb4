"""An 80 MB array, in band and out of band: rows of their own, outside the means, which they would tell nothing."""

from __future__ import annotations

import pickle as stdlib
from collections import deque
from functools import partial
from typing import Any

import numpy as np

from bench.speed.measure import PATIENCE, Call, alternate, measure
from bench.speed.row import Row, spread
from bench.workloads import Workload
from brinery import pickle

REPEAT = 200  # calls a measurement out of band, where a call takes microseconds


def array() -> Any:
    return np.arange(10_000_000, dtype="f8")


def same(one: Any, other: Any) -> bool:
    return bool(one.dtype == other.dtype and np.array_equal(one, other))


def in_band(rounds: int, patience: float = PATIENCE) -> Row:
    return measure(Workload("80 MB array, in band", array, same), rounds, rivals=False, patience=patience)


def out_of_band(rounds: int, patience: float = PATIENCE) -> Row:
    """Dumps hands the array's memory to the callback, loads makes an array on it; neither copies.

    Raises AssertionError if a loaded array has other memory than the one that was dumped.
    """
    obj = array()
    row = Row("80 MB array, out of band")
    written = {}
    modules = {"_pickle": stdlib, "brinery": pickle}
    for name, module in modules.items():
        buffers: list[Any] = []
        data = module.dumps(obj, 5, buffer_callback=buffers.append)
        written[name] = (data, buffers)
        for reader_name, reader in modules.items():
            loaded = reader.loads(data, buffers=buffers)
            if not np.shares_memory(obj, loaded) or not same(obj, loaded):
                raise AssertionError(f"{row.name}: {reader_name} copied or changed what {name} wrote")
    row.sizes = {name: len(data) for name, (data, _) in written.items()}

    # The last buffer is kept, as callers keep it; all of them would only be more garbage.
    keep = deque[Any](maxlen=1).append
    dumps = {name: Call(partial(module.dumps, buffer_callback=keep), (obj, 5)) for name, module in modules.items()}
    loads = {
        name: Call(partial(modules[reader].loads, buffers=written[writer][1]), (written[writer][0],))
        for name, reader, writer in (
            ("_pickle", "_pickle", "_pickle"),
            ("brinery", "brinery", "brinery"),
            ("stock", "brinery", "_pickle"),
        )
    }
    for calls in (dumps, loads):
        calls["_pickle again"] = calls["_pickle"]
    row.dumps = alternate(dumps, REPEAT, rounds, patience)
    row.loads = alternate(loads, REPEAT, rounds, patience)
    row.dumps_noise, row.loads_noise = spread(row.dumps), spread(row.loads)
    row.stock = row.loads.pop("stock")
    return row


ROWS = {"80 MB array, in band": in_band, "80 MB array, out of band": out_of_band}
