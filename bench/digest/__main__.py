"""`python -m bench.digest`: brinery.digest against joblib.hash; writes docs/digest-benchmarks.md."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import joblib

import brinery
from bench.digest.workloads import GRAPHS, WORKLOADS
from bench.machine import description
from bench.speed.measure import Call, alternate

ROOT = Path(__file__).parent.parent.parent
ROUNDS = 10
DEPTHS = (10_000, 20_000, 40_000)


def row(name: str, obj: Any) -> str:
    # alternate() knows the stdlib's name for the one that is measured twice.
    times = alternate(
        {
            "_pickle": Call(joblib.hash, (obj,)),
            "brinery": Call(brinery.digest, (obj,)),
            "_pickle again": Call(joblib.hash, (obj,)),
        },
        1,
        ROUNDS,
    )
    best = min(times["_pickle"], times["_pickle again"])
    return f"| {name} | {best * 1e3:.1f} | {times['brinery'] * 1e3:.1f} | {best / times['brinery']:.1f}x |"


def graph_row(name: str, make: Any) -> str:
    cells = []
    for depth in DEPTHS:
        obj = make(depth)
        times = alternate(
            {"_pickle": Call(brinery.digest, (obj,)), "_pickle again": Call(brinery.digest, (obj,))}, 1, 2
        )
        cells.append(f"{min(times.values()) * 1e3:.0f}")
    return f"| {name} | " + " | ".join(cells) + " |"


def main() -> int:
    lines = ["| | joblib.hash, ms | brinery.digest, ms | |", "|---|--:|--:|--:|"]
    for name, make in WORKLOADS.items():
        lines.append(row(name, make()))
        print(lines[-1], file=sys.stderr)
    graphs = ["| ms | " + " | ".join(f"{depth:,} times" for depth in DEPTHS) + " |", "|---|" + "--:|" * len(DEPTHS)]
    for name, make_graph in GRAPHS.items():
        graphs.append(graph_row(name, make_graph))
        print(graphs[-1], file=sys.stderr)
    load = os.getloadavg()[0]
    text = (
        "# Digests\n\n"
        f"Taken with `make bench-digest` on {description('brinery', 'blake3', 'joblib', 'numpy', 'pandas')};\n"
        f"{os.cpu_count()} processors, which had a load of {load:.1f} at the end. Best of at least {ROUNDS} rounds,\n"
        "alternating in one process.\n\n"
    )
    linear = "\n\nA graph whose expansion is exponential: twice as deep should take twice as long.\n\n"
    (ROOT / "docs" / "digest-benchmarks.md").write_text(
        text + "\n".join(lines) + linear + "\n".join(graphs) + "\n", encoding="utf-8"
    )
    print("\n".join([*lines, "", *graphs]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
