"""`python -m bench.speed [--quick] [--only NAME] [--rounds N] [--json] [--here]`."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import track

from bench.machine import description
from bench.speed import large, report
from bench.speed.measure import PATIENCE, measure
from bench.speed.processes import PROCESSES, measured_apart
from bench.speed.row import Row
from bench.workloads import WORKLOADS

ROOT = Path(__file__).parent.parent.parent


RESULTS = ROOT / "bench" / "results" / "speed.json"


def write(rows: list[Row], large_rows: list[Row], rounds: int) -> None:
    """Everything that a full run leaves in the repository."""
    RESULTS.parent.mkdir(exist_ok=True)
    run = {
        "processes": PROCESSES,
        "machine": description(*report.PACKAGES),
        "rounds": rounds,
        "rows": as_data(rows),
        "large": as_data(large_rows),
    }
    RESULTS.write_text(json.dumps(run, indent=1) + "\n", encoding="utf-8")
    render()


def render() -> None:
    """The documents, from the results of the last full run."""
    run = json.loads(RESULTS.read_text(encoding="utf-8"))
    rows, large_rows = ([Row(**row) for row in run[part]] for part in ("rows", "large"))
    page = report.page(rows, large_rows, run["rounds"], run["processes"], run["machine"])
    (ROOT / "docs" / "benchmarks.md").write_text(page, encoding="utf-8")
    report.plot(rows, ROOT / "docs" / "benchmarks.svg")
    report.update_readme(ROOT / "README.md", rows)


def as_data(rows: list[Row]) -> list[dict[str, Any]]:
    return [dataclasses.asdict(row) for row in rows]


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, help="measurements of each call, the best counts; 15, or 5 when quick")
    parser.add_argument("--quick", action="store_true", help="few rounds, no rivals, one process, nothing written")
    parser.add_argument("--here", action="store_true", help="measure in this process; nothing written")
    parser.add_argument("--only", help="workloads with this in their names; nothing written")
    parser.add_argument("--render", action="store_true", help="write the documents anew from the last full run")
    parser.add_argument("--json", action="store_true", help="print the rows as JSON")
    options = parser.parse_args()
    if options.rounds is not None and options.rounds < 1:
        parser.error(f"--rounds must be at least 1, not {options.rounds}")
    names = [*(w.name for w in WORKLOADS), *large.ROWS]
    options.names = [name for name in names if not options.only or options.only in name]
    if not options.names:
        parser.error(f"no workload has {options.only!r} in its name")
    return options


def measured(name: str, rounds: int, options: argparse.Namespace) -> Row:
    if not options.quick and not options.here:
        return measured_apart(name, rounds)
    patience = 0 if options.quick else PATIENCE
    if name in large.ROWS:
        return large.ROWS[name](rounds, patience)
    workload = next(w for w in WORKLOADS if w.name == name)
    return measure(workload, rounds, not options.quick, patience)


def main() -> int:
    options = parsed()
    if options.render:
        render()
        return 0
    rounds = options.rounds or (5 if options.quick else 15)
    console = Console(stderr=True)
    measuring = track(options.names, "measuring", console=console)
    all_rows = [measured(name, rounds, options) for name in measuring]
    rows = [row for row in all_rows if row.name not in large.ROWS]
    if options.json:
        print(json.dumps(as_data(all_rows), indent=1))
    else:
        print("\n".join(report.ratios(rows) if rows else report.ratio_lines(all_rows)))
        print("behind beyond the noise:", *(report.slower(all_rows) or ["nothing"]), sep="\n  ")
    if not options.quick and not options.only and not options.here:
        write(rows, [row for row in all_rows if row.name in large.ROWS], rounds)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
