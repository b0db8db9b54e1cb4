"""`python -m bench.caching [--quick]`: kept results against those of others; writes docs/caching-benchmarks.md."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from bench.caching.rivals import RIVALS, Function, Rival
from bench.machine import heading

PAGE = Path("docs/caching-benchmarks.md")
PACKAGES = ("brinery", "joblib", "diskcache", "cachier", "checkpointer", "cachau", "numpy", "pandas")
ROUNDS = 5
PROCESSES = 8
PATIENCE = 20.0  # seconds for somebody to take over
START = 3.0  # seconds after which a process that is still there waits
FAILED = "fails"


def function(obj: Any) -> int:
    return 1


def integers() -> Any:
    return 3


def array() -> Any:
    return np.random.default_rng(1).random(10_000_000)


def table() -> Any:
    count = 100_000
    names = [f"name {number % 5000}" for number in range(count)]
    return pd.DataFrame({"name": pd.Series(names, dtype=object), "a": np.arange(count), "b": np.arange(count) / 3})


def nested() -> Any:
    return {f"key {number}": {"id": number, "tags": ["a", number / 3]} for number in range(20_000)}


ARGUMENTS: dict[str, tuple[Callable[[], Any], int]] = {  # and how many calls are timed
    "an integer": (integers, 500),
    "80 MB of floats": (array, 1),
    "a table of 100,000 rows, one column of texts": (table, 1),
    "a dict of 20,000 dicts": (nested, 1),
}


def seconds(call: Callable[[], object], count: int) -> float:
    start = time.perf_counter()
    for _ in range(count):
        call()
    return (time.perf_counter() - start) / count


def best(functions: dict[str, Function], obj: Any, count: int) -> dict[str, float | None]:
    """The shortest time of a hit, in turns."""
    found: dict[str, float | None] = {}
    for name, each in functions.items():
        try:
            each(obj)
            found[name] = float("inf")
        except Exception as error:
            print(f"{name}: {type(error).__name__}: {error}"[:200], file=sys.stderr)
            found[name] = None
    for _ in range(ROUNDS):
        for name, each in functions.items():
            known = found[name]
            if known is not None:
                found[name] = min(known, seconds(lambda each=each: each(obj), count))  # type: ignore[misc]
    return found


def shown(value: float | None) -> str:
    if value is None:
        return FAILED
    micros = value * 1e6
    return f"{micros:,.2f}" if micros < 10 else f"{micros:,.0f}"


def hits_in_memory(rivals: list[Rival]) -> list[str]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        functions = {r.name: r.in_memory(function, f"{folder}/{r.name}") for r in rivals if r.in_memory}
        found = best(functions, 3, 10_000)
    rows = [f"| {name} | {shown(value)} |" for name, value in found.items()]
    return ["| a hit in memory, of an integer | us |", "|---|--:|", *rows]


def hits_in_stores(rivals: list[Rival]) -> list[str]:
    columns = []
    kept = [rival for rival in rivals if rival.kept]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        functions = {r.name: r.kept(function, f"{folder}/{r.name}") for r in kept if r.kept}
        for make, count in ARGUMENTS.values():
            columns.append(best(functions, make(), count))
    rows = [f"| {r.name} | " + " | ".join(shown(column[r.name]) for column in columns) + " |" for r in kept]
    return [f"| a hit on the disk, us, of | {' | '.join(ARGUMENTS)} |", "|---|" + "--:|" * len(columns), *rows]


@contextmanager
def workers(name: str, count: int, length: float) -> Iterator[tuple[Path, list[subprocess.Popen[bytes]]]]:
    """Processes that all call a function which takes so long."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        Path(folder, "seconds").write_text(str(length), encoding="utf-8")
        started = [worker(name, folder) for _ in range(count)]
        try:
            while len(list(Path(folder).glob("ready-*"))) < count:
                time.sleep(0.01)
            Path(folder, "go").touch()
            yield Path(folder), started
        finally:
            for each in started:
                each.kill()
                each.wait()


def worker(name: str, folder: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "bench.caching.worker", name, folder]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def runs(folder: Path) -> int:
    log = folder / "log"
    return len(log.read_text(encoding="utf-8").splitlines()) if log.exists() else 0


def calls_of_many(name: str) -> str:
    """How often a function ran that eight processes called at once."""
    with workers(name, PROCESSES, 0.5) as (folder, started):
        try:
            codes = [each.wait(60) for each in started]
        except subprocess.TimeoutExpired:
            return f"{runs(folder)}, and some wait for ever"
        return str(runs(folder)) + (f", and {sum(map(bool, codes))} failed" if any(codes) else "")


def takeover(name: str) -> str:
    """How long after the death of who was computing another process has the result."""
    with workers(name, 1, 1000) as (folder, (owner,)):
        while not runs(folder):
            time.sleep(0.01)
        (folder / "seconds").write_text("0", encoding="utf-8")
        waiter = worker(name, str(folder))
        try:
            waiter.wait(START)
            return "does not wait"
        except subprocess.TimeoutExpired:
            pass
        owner.kill()
        start = time.perf_counter()
        try:
            waiter.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            waiter.kill()
            waiter.wait()
            return f"more than {PATIENCE:.0f} s"
        return f"{time.perf_counter() - start:.2f} s"


def flights(rivals: dict[str, Rival]) -> list[str]:
    rows = [
        f"| {rival.name} | {calls_of_many(name)} | {takeover(name)} |"
        for name, rival in rivals.items()
        if rival.kept is not None
    ]
    head = f"| {PROCESSES} processes that want the same at once | computed | after the owner was killed, another has it in |"
    return [head, "|---|--:|--:|", *rows]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="write nothing")
    options = parser.parse_args()
    rivals = {name: make() for name, make in RIVALS.items()}
    lines = [
        *heading("Kept results, measured", "bench-caching", *PACKAGES),
        f"The best of {ROUNDS} rounds, alternating in one process. A hit on the disk is one that is not in memory; it includes",
        "telling the call by its argument. `cachier` tells arguments apart by their pickles: equal ones may be other calls to it.",
        "",
        *hits_in_memory(list(rivals.values())),
        "",
        *hits_in_stores(list(rivals.values())),
        "",
        *flights(rivals),
    ]
    print("\n".join(lines))
    if not options.quick:
        PAGE.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
