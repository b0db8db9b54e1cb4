"""`python -m bench.honest [--only NAME] [--untimed]`: pickles of real objects under default trust. Writes docs/honest.md.

Each is loaded with no trust argument and has to answer as the original does; its time is set against that of an
unrestricted load and of the stdlib's in the same run, the best of several of each, alternating. The scanner is asked what it thinks of each.
"""

from __future__ import annotations

import argparse
import importlib
import pickle
import statistics
import sys
import time
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import brinery
from bench.honest.case import CASES, Case
from bench.machine import description

PARTS = ("stdlib", "arrays", "tables", "science", "estimators", "tensors")
PAGE = Path("docs/honest.md")
ROUNDS = 7
# A call is repeated until it takes this long, in seconds.
LONG_ENOUGH = 0.002


@dataclass
class Row:
    name: str
    package: str
    protocol: int
    size: int  # bytes
    verdict: str  # of the scanner
    refused: str = ""  # why, or what it answers otherwise
    safe: float = 0.0  # seconds
    whole: float = 0.0  # seconds, of an unrestricted load
    stock: float = 0.0  # seconds, of pickle.loads


def best_of_each(*calls: Callable[[], object]) -> list[float]:
    start = time.perf_counter()
    calls[-1]()
    count = max(1, int(LONG_ENOUGH / max(time.perf_counter() - start, 1e-7)))
    best = [float("inf")] * len(calls)
    for _ in range(ROUNDS):
        for at, call in enumerate(calls):
            start = time.perf_counter()
            for _ in range(count):
                call()
            best[at] = min(best[at], (time.perf_counter() - start) / count)
    return best


def rows_of(case: Case, *, timed: bool) -> Iterable[Row]:
    for protocol, data in case.pickles():
        row = Row(case.name, case.package, protocol, len(data), brinery.scan(data).verdict)
        try:
            loaded = brinery.loads(data)
            if case.use(loaded) != case.use(brinery.loads(data, trust="everything")):
                row.refused = "answers otherwise"
        except Exception as error:
            row.refused = str(error).partition("\n")[0][:100] + "|" + ", ".join(getattr(error, "globals", ()))
        if not row.refused and timed:
            row.safe, row.whole, row.stock = best_of_each(
                lambda data=data: brinery.loads(data),
                lambda data=data: brinery.loads(data, trust="everything"),
                lambda data=data: pickle.loads(data),
            )
        yield row


def table(rows: list[Row]) -> Iterable[str]:
    yield "| package | pickles | loaded | flagged by scan | time, all of them | median | by the stdlib's | median |"
    yield "|---|--:|--:|--:|--:|--:|--:|--:|"
    groups = defaultdict(list)
    for row in rows:
        groups[row.package].append(row)
    for package, own in [*sorted(groups.items()), ("**all**", rows)]:
        good = [row for row in own if not row.refused]
        ratios = " | ".join(f"{all_of:.2f}x | {middle:.2f}x" for all_of, middle in ratios_of(good))
        flagged = [row for row in own if row.verdict != "clean"]
        shares = " | ".join(f"{len(each)} ({len(each) / len(own):.1%})" for each in (good, flagged))
        yield f"| {package} | {len(own)} | {shares} | {ratios} |"


def ratios_of(rows: list[Row]) -> Iterable[tuple[float, float]]:
    """Of the safe loads to the unrestricted ones, and to the stdlib's: of all time, and in the median."""
    for others in ([row.whole for row in rows], [row.stock for row in rows]):
        pairs = [(row.safe, max(other, 1e-9)) for row, other in zip(rows, others, strict=True)]
        median = statistics.median([safe / other for safe, other in pairs] or [0.0])
        yield sum(safe for safe, _ in pairs) / max(sum(other for _, other in pairs), 1e-9), median


def page(rows: list[Row]) -> str:
    refused = [row for row in rows if row.refused]
    slow = sorted((row for row in rows if not row.refused), key=lambda row: row.whole - row.safe)[:10]
    lines = [
        "# Honest files under default trust",
        "",
        f"Taken with `make honest` on {description('numpy', 'pandas', 'scikit-learn', 'scipy', 'torch')}.",
        "",
        "Pickles that the stdlib wrote of real objects (`bench/honest/`), opened by `brinery.loads(data)` with no trust",
        "argument. What is loaded has to answer as what an unrestricted load gives. *Flagged*: anything but clean.",
        "*Time*: of the safe loads, by that of unrestricted loads of the same bytes; then by that of `pickle.loads`.",
        "",
        *table(rows),
        "",
        "## Not loaded",
        "",
        *(f"- {row.name}, protocol {row.protocol}: {row.refused.strip('|')}" for row in refused),
        "",
        "## Flagged by scan",
        "",
        *(f"- {row.name}, protocol {row.protocol}: {row.verdict}" for row in rows if row.verdict != "clean"),
        "",
        "## What takes longest by comparison",
        "",
        "| | bytes | safe, us | unrestricted, us |",
        "|---|--:|--:|--:|",
        *(f"| {row.name} | {row.size} | {row.safe * 1e6:.0f} | {row.whole * 1e6:.0f} |" for row in slow),
    ]
    return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="cases with this in their names")
    parser.add_argument("--untimed", action="store_true", help="only count, and write nothing")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    for part in PARTS:
        importlib.import_module(f"bench.honest.{part}")
    chosen = [case for case in CASES if options.only in case.name]
    rows = []
    for at, case in enumerate(chosen):
        print(f"\r{at + 1}/{len(chosen)} {case.name:60.60}", end="", file=sys.stderr)
        rows += rows_of(case, timed=not options.untimed)
    print(file=sys.stderr)
    text = page(rows)
    print(text)
    if not options.only and not options.untimed:
        PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
