"""`python -m bench.code`: brinery against cloudpickle on functions and classes by value; writes docs/functions.md."""

from __future__ import annotations

import functools
import sys
from pathlib import Path
from types import ModuleType
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


def sent_again() -> list[str]:
    """What a function costs when a session sends it again, in microseconds and bytes."""
    lines = ["| | dumps, us | loads, us | bytes |", "|---|--:|--:|--:|"]
    function = WORKLOADS["a class of ten methods"]()
    here, there = brinery.Session(), brinery.Session()
    first = here.dumps(function)
    there.loads(first, trust="everything")
    again = here.dumps(function)
    session = alternate(
        {
            "alone": Call(brinery.dumps, (function,)),
            "again": Call(here.dumps, (function,)),
            "alone, loads": Call(functools.partial(brinery.loads, trust="everything"), (brinery.dumps(function),)),
            "again, loads": Call(functools.partial(there.loads, trust="everything"), (again,)),
        },
        REPEAT,
        ROUNDS,
        patience=0,
    )
    for name, data in (("alone", first), ("again", again)):
        label = "a class of ten methods, " + ("by itself" if name == "alone" else "again in a session")
        lines.append(f"| {label} | {session[name] * 1e6:.1f} | {session[name + ', loads'] * 1e6:.1f} | {len(data)} |")
    return lines


def with_modules() -> list[str]:
    """What a function with five globals costs with more and more modules loaded, in microseconds."""
    function = WORKLOADS["a function with five globals"]()
    lines = ["| modules loaded | brinery dumps, us | cloudpickle dumps, us |", "|---|--:|--:|"]
    for more in (0, 1_000, 10_000):
        names = [f"made_for_the_bench_{number}" for number in range(more)]
        sys.modules.update({name: ModuleType(name) for name in names})
        try:
            calls = {"brinery": Call(brinery.dumps, (function,)), "cloudpickle": Call(cloudpickle.dumps, (function,))}
            times = alternate(calls, REPEAT // 10, ROUNDS, patience=0)
            lines.append(f"| {len(sys.modules)} | {times['brinery'] * 1e6:.1f} | {times['cloudpickle'] * 1e6:.1f} |")
        finally:
            for name in names:
                del sys.modules[name]
    return lines


def main() -> int:
    lines = [
        "| | cloudpickle dumps, us | brinery | | cloudpickle loads, us | brinery | | its bytes | ours |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for name, make in WORKLOADS.items():
        lines.append(row(name, make()))
        print(lines[-1], file=sys.stderr)
    lines += ["", *sent_again(), "", *with_modules()]
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
