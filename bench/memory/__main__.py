"""`python -m bench.memory [--only NAME]`: writes docs/memory.md."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.progress import track

from bench.machine import description
from bench.speed.report import PACKAGES
from bench.workloads import WORKLOADS

ROOT = Path(__file__).parent.parent.parent
OPERATIONS = ("dumps", "loads", "stock")


def peak(workload: str, rival: str, operation: str) -> tuple[int, int]:
    """Of two processes the less: what else the machine does can only add."""
    found = []
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-m", "bench.memory.child", workload, rival, operation],
            capture_output=True,
            text=True,
            check=True,
            cwd=ROOT,
        )
        resident, traced = map(int, done.stdout.split())
        found.append((resident, traced))
    return min(r for r, _ in found), min(t for _, t in found)


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
    for name in track(chosen, "measuring", console=Console(stderr=True)):
        cells = []
        for operation in OPERATIONS:
            ours = peak(name, "brinery", operation)
            theirs = peak(name, "stdlib", "loads" if operation == "stock" else operation)
            cells.append(", ".join(f"{a / 1024:.1f}/{b / 1024:.1f}" for a, b in zip(ours, theirs, strict=True)))
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    table = "\n".join(lines)
    print(table)
    if not options.only:
        text = (
            "# Peak memory\n\n"
            f"Taken with `make bench-memory` on {description(*PACKAGES)}. Each figure is brinery's/the stdlib's peak in MiB\n"
            "during one call: resident memory above what was resident before (VmHWM, a fresh process for each,\n"
            "the less of two), and what tracemalloc saw. *stock*: brinery loading what the stdlib wrote.\n"
            "Resident memory leaves out what the allocator had free and in place already: where making the data took brinery\n"
            "less, its loads find less to reuse, as the column *stock* shows.\n\n"
        )
        (ROOT / "docs" / "memory.md").write_text(text + table + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
