"""Objects that programs have digests of: what caches are keyed by."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def array() -> Any:
    import numpy as np

    return np.random.default_rng(0).random(10_000_000)


def frame() -> Any:
    import numpy as np
    import pandas as pd

    size = 100_000
    names = pd.Series([f"name {i % 5000} {i}" for i in range(size)], dtype=object)
    return pd.DataFrame({"id": np.arange(size), "score": np.random.default_rng(0).random(size), "name": names})


def nested() -> Any:
    return {
        f"key{i}": {
            "id": i,
            "name": f"user {i}",
            "tags": ["a", "b", f"t{i % 7}"],
            "score": i / 7,
            "active": i % 2 == 0,
            "place": (i, i + 1),
        }
        for i in range(20_000)
    }


class Account:
    def __init__(self, number: int) -> None:
        self.number = number
        self.owner = f"owner {number}"
        self.history = [number, number + 1]


def instances() -> Any:
    return [Account(number) for number in range(5_000)]


def pairs() -> Any:
    return {(number, str(number)): number / 3 for number in range(20_000)}


WORKLOADS: dict[str, Callable[[], Any]] = {
    "an array of 80 MB": array,
    "a DataFrame with an object column, 100 k rows": frame,
    "a nested dict of 20 k": nested,
    "5 k instances": instances,
    "a dict of 20 k with tuples as keys": pairs,
}


def exponential(depth: int) -> Any:
    """A list of `depth` lists, which would hold 2 ** depth without sharing."""
    found: list[Any] = []
    for _ in range(depth):
        found = [found, found]
    return found


def exponential_ring(depth: int) -> Any:
    """The same, the innermost of which holds the outermost."""
    innermost: list[Any] = []
    found = innermost
    for _ in range(depth):
        found = [found, found]
    innermost.append(found)
    return found


GRAPHS: dict[str, Callable[[int], Any]] = {
    "`x = [x, x]`, so often": exponential,
    "the same, closed to a cycle": exponential_ring,
}
