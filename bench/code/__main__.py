"""`python -m bench.code`: brinery against cloudpickle on functions and classes by value; writes docs/functions.md."""

from __future__ import annotations

import functools
import sys
from pathlib import Path
from typing import Any

import cloudpickle

import brinery
from bench.code.workloads import WORKLOADS
from bench.machine import description
from bench.speed.measure import Call, alternate

ROOT = Path(__file__).parent.parent.parent
REPEAT = 2_000
ROUNDS = 15


def row(name: str, obj: Any) -> str:
    ours, theirs = brinery.dumps(obj), cloudpickle.dumps(obj)
    # alternate() knows the stdlib's name for the one that is measured twice.
    dumps = alternate(
        {
            "_pickle": Call(cloudpickle.dumps, (obj,)),
            "brinery": Call(brinery.dumps, (obj,)),
            "_pickle again": Call(cloudpickle.dumps, (obj,)),
        },
        REPEAT,
        ROUNDS,
    )
    read = alternate(
        {
            "_pickle": Call(cloudpickle.loads, (theirs,)),
            "brinery": Call(functools.partial(brinery.loads, trust="everything"), (ours,)),
            "_pickle again": Call(cloudpickle.loads, (theirs,)),
        },
        REPEAT,
        ROUNDS,
    )
    cells = []
    for times in (dumps, read):
        best = min(times["_pickle"], times["_pickle again"])
        cells += [f"{best * 1e6:.1f}", f"{times['brinery'] * 1e6:.1f}", f"{best / times['brinery']:.2f}x"]
    return f"| {name} | " + " | ".join(cells) + f" | {len(theirs)} | {len(ours)} |"


def main() -> int:
    lines = [
        "| | cloudpickle dumps, us | brinery | | cloudpickle loads, us | brinery | | its bytes | ours |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for name, make in WORKLOADS.items():
        lines.append(row(name, make()))
        print(lines[-1], file=sys.stderr)
    text = (
        "# Functions and classes by value\n\n"
        f"Taken with `make bench-code` on {description('brinery', 'cloudpickle')}.\n"
        f"Best of {ROUNDS} rounds of {REPEAT} calls, alternating in one process. Both remember what they found out about a\n"
        "code object; brinery's bytes hold the source as well, for other versions of Python. A class that has been here\n"
        "before is recognised by both and not made again.\n\n"
    )
    (ROOT / "docs" / "functions.md").write_text(text + "\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
