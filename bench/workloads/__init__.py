"""What is measured: deterministic objects of the kinds that people pickle."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bench.workloads import builtin, classes, science


@dataclass(frozen=True)
class Workload:
    """One row of the tables. `same` says whether a loaded object is what was dumped."""

    name: str
    make: Callable[[], Any]
    same: Callable[[Any, Any], bool]
    repeat: int = 1  # calls a measurement, for what is over too soon to be timed


def equal(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(one == other)


WORKLOADS = [
    Workload("API-like records", builtin.records, equal),
    Workload("dataclasses with nested lists", classes.orders, equal),
    Workload("slotted frozen dataclasses", classes.points, equal),
    Workload("graph of instances", classes.graph, classes.same_graph),
    Workload("AST of a module", classes.syntax_tree, classes.same_tree),
    Workload("namedtuples", classes.namedtuples, equal),
    Workload("enums and dates", classes.enums_and_dates, equal),
    Workload("decimals and UUIDs", classes.decimals_and_uuids, equal),
    Workload("__getstate__/__setstate__", classes.stateful, equal),
    Workload("150 k words", builtin.words, equal),
    Workload("str -> int index", builtin.index, equal),
    Workload("small sets", builtin.small_sets, equal),
    Workload("float matrix", builtin.float_matrix, equal),
    Workload("int columns", builtin.int_columns, equal),
    Workload("paths", classes.paths, equal),
    Workload("float subclasses", classes.float_subclasses, equal),
    Workload("OrderedDict and Counter", classes.collections_of_counts, equal),
    Workload("2 KB blobs", builtin.blobs, equal),
    Workload("100-byte message", builtin.message, equal, repeat=5000),
    Workload("thousands of small arrays", science.small_arrays, science.same_arrays),
    Workload("NumPy scalars", science.scalars, equal),
    Workload("16 MB of arrays", science.large_arrays, science.same_arrays),
    Workload("50 k-row DataFrame", science.data_frame, science.same_frame),
    Workload("random forest", science.forest, science.same_forest),
]
