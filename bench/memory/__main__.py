"""`python -m bench.memory [--only NAME]`: writes docs/memory.md."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import track

from bench.machine import description
from bench.speed.report import PACKAGES
from bench.workloads import WORKLOADS

ROOT = Path(__file__).parent.parent.parent
OPERATIONS = ("dumps", "loads", "stock")
RUNS = 3
PAGE = 4  # KiB: what resident memory is counted in


@dataclass(frozen=True)
class Peak:
    """Of a few processes the least, as what else the machine does can only add; and how far they were apart. KiB."""

    resident: int
    traced: int
    spread: int


def child(*arguments: str) -> str:
    return subprocess.run(
        [sys.executable, "-m", "bench.memory.child", *arguments], capture_output=True, text=True, check=True, cwd=ROOT
    ).stdout


def peak(workload: str, rival: str, operation: str, folder: str) -> Peak:
    runs = [tuple(map(int, child("measure", workload, rival, operation, folder).split())) for _ in range(RUNS)]
    resident, traced = zip(*runs, strict=True)
    return Peak(min(resident), min(traced), max(resident) - min(resident))


def is_above(ours: Peak, theirs: Peak) -> bool:
    """Whether brinery's resident peak is above the stdlib's by more than either is from itself."""
    return ours.resident > theirs.resident + max(ours.spread, theirs.spread, PAGE)


def measured(workload: str) -> tuple[str, list[str]]:
    """A line of the table, and what is above the stdlib in it."""
    cells, above = [], []
    with tempfile.TemporaryDirectory() as folder:
        for rival in ("brinery", "stdlib"):
            child("write", workload, rival, folder)
        for operation in OPERATIONS:
            ours = peak(workload, "brinery", operation, folder)
            theirs = peak(workload, "stdlib", "loads" if operation == "stock" else operation, folder)
            cells.append(
                f"{ours.resident / 1024:.2f}/{theirs.resident / 1024:.2f}, {ours.traced / 1024:.2f}/{theirs.traced / 1024:.2f}"
            )
            if is_above(ours, theirs):
                above.append(f"{workload}: {operation} resident, by {ours.resident - theirs.resident} KiB")
            if ours.traced > theirs.traced:
                above.append(f"{workload}: {operation} traced, by {ours.traced - theirs.traced} KiB")
    return f"| {workload} | " + " | ".join(cells) + " |", above


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", help="workloads with this in their names; nothing written")
    options = parser.parse_args()
    chosen = [w.name for w in WORKLOADS if not options.only or options.only in w.name]
    if not chosen:
        parser.error(f"no workload has {options.only!r} in its name")
    lines = [
        "| workload | " + " | ".join(f"{operation}: resident, traced" for operation in OPERATIONS) + " |",
        "|---|" + "--:|" * len(OPERATIONS),
    ]
    above = []
    for name in track(chosen, "measuring", console=Console(stderr=True)):
        line, found = measured(name)
        lines.append(line)
        above += found
    lines += ["", "Above the stdlib by more than the runs are apart: " + ("; ".join(above) or "nothing") + "."]
    table = "\n".join(lines)
    print(table)
    if not options.only:
        text = (
            "# Peak memory\n\n"
            f"Taken with `make bench-memory` on {description(*PACKAGES)}.\n\n"
            "Each figure is brinery's/the stdlib's peak in MiB during one call: resident memory above what was resident\n"
            f"before (VmHWM, a fresh process for each, the least of {RUNS}; streams come from another process), and what\n"
            "tracemalloc saw. *stock*: brinery loading what the stdlib wrote.\n\n"
            "What is above by less than 256 KiB does not grow with the object: pages of code first touched in that call, and\n"
            "the blocks from which the output grew before it was large enough for the kernel to move it.\n\n"
        )
        (ROOT / "docs" / "memory.md").write_text(text + table + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
