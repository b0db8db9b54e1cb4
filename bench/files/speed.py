"""How fast files are written and read, alternating in one process, the best of several rounds, the page cache warm."""

from __future__ import annotations

import os
import pickle
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import brinery
from bench.files.formats import read_joblib, read_pickle, write_joblib, write_pickle


class Timing(NamedTuple):
    name: str
    seconds: float


def best_of(
    calls: dict[str, Callable[[], object]], rounds: int, before: Callable[[], object] = lambda: None
) -> list[Timing]:
    """The least time of each call; `before` is called before each, and not measured."""
    best = dict.fromkeys(calls, float("inf"))
    for _ in range(rounds):
        for name, call in calls.items():
            before()
            start = time.perf_counter()
            result = call()
            best[name] = min(best[name], time.perf_counter() - start)
            del result
    return [Timing(*each) for each in best.items()]


@contextmanager
def folder() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as found:
        yield found + "/"


def arrays_of(size: int) -> dict[str, list[Timing]]:
    """Writing and reading four arrays of so many bytes in all."""
    chance = np.random.default_rng(1)
    obj = {f"w{number}": chance.random(size // 32) for number in range(4)}
    one = np.concatenate(list(obj.values()))
    rounds = 9 if size < 500_000_000 else 3
    with folder() as at:
        written = best_of(
            {
                "brinery.dump, durable=False": lambda: brinery.dump(obj, at + "b", durable=False),
                "pickle.dump, protocol 5": lambda: write_pickle(obj, at + "p"),
                "joblib.dump": lambda: write_joblib(obj, at + "j"),
            },
            rounds,
        )
        # The disk has nothing left to do before each of these, and before files are read.
        waiting = best_of(
            {
                "brinery.dump": lambda: brinery.dump(obj, at + "b"),
                "pickle.dump, then fsync": lambda: synced(obj, at + "s"),
            },
            rounds,
            os.sync,
        )
        fresh = best_of(
            {
                "brinery.dump, durable=False": lambda: brinery.dump(obj, at + "fb", durable=False),
                "pickle.dump, protocol 5": lambda: write_pickle(obj, at + "fp"),
                "joblib.dump": lambda: write_joblib(obj, at + "fj"),
            },
            rounds,
            lambda: [each.unlink() for each in Path(at).glob("f*")],
        )
        np.save(at + "n.npy", one)
        os.sync()
        read = best_of(
            {
                "brinery.load (verified)": lambda: brinery.load(at + "b"),
                "np.load of the same bytes": lambda: np.load(at + "n.npy"),
                "pickle.load": lambda: read_pickle(at + "p"),
                "joblib.load": lambda: read_joblib(at + "j"),
                "brinery.load, mmap=True": lambda: brinery.load(at + "b", mmap=True),
                "brinery.load, mmap=True, verify=full": lambda: brinery.load(at + "b", mmap=True, verify="full"),
                "np.load, mmap_mode='c'": lambda: np.load(at + "n.npy", mmap_mode="c"),
            },
            rounds,
        )
    return {
        "write over a file": written,
        "write over a file, and wait for the disk": waiting,
        "write a new file": fresh,
        "read": read,
    }


def synced(obj: Any, path: str) -> None:
    with open(path, "wb") as file:
        pickle.dump(obj, file, protocol=5)
        file.flush()
        os.fsync(file.fileno())


def forest() -> list[tuple[str, float, int]]:
    """A random forest of 200 trees, compressed: seconds to write, and bytes."""
    import joblib
    from sklearn.ensemble import RandomForestClassifier

    chance = np.random.default_rng(1)
    features, classes = chance.random((2000, 20)), chance.integers(0, 3, 2000)
    model = RandomForestClassifier(200, random_state=1).fit(features, classes)
    with folder() as at:
        timings = best_of(
            {
                "brinery.dump, compress='zstd'": lambda: brinery.dump(model, at + "b", compress="zstd", durable=False),
                "brinery.dump, compress='zstd', level=2": lambda: brinery.dump(
                    model, at + "c", compress="zstd", level=2, durable=False
                ),
                "joblib.dump, compress=('zlib', 3)": lambda: joblib.dump(model, at + "j", compress=("zlib", 3)),
            },
            7,
            os.sync,
        )
        return [
            (each.name, each.seconds, os.stat(at + name).st_size) for each, name in zip(timings, "bcj", strict=True)
        ]


def info_seconds() -> float:
    with folder() as at:
        brinery.dump({f"w{number}": np.ones(1_000_000) for number in range(10)}, at + "b", metadata={"run": 7})
        return min(each.seconds for each in best_of({"info": lambda: brinery.info(at + "b")}, 50))


def log_rates() -> list[tuple[str, float]]:
    """Records a second, of four fields each."""
    record = {"step": 1, "loss": 0.25, "name": "run-7", "ok": True}
    with folder() as at, brinery.open_log(at + "log") as log:

        def append() -> None:
            for _ in range(20_000):
                log.append(record)

        timings = best_of(
            {
                "one at a time": append,
                "in batches of 1,000": lambda: [log.extend([record] * 1000) for _ in range(20)],
                "read, one at a time": lambda: [log[index] for index in range(20_000)],
            },
            5,
        )
        return [(each.name, 20_000 / each.seconds) for each in timings]
