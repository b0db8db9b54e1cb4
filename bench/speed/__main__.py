"""`python -m bench.speed [--quick] [--only NAME] [--rounds N] [--json]`."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from pathlib import Path

from rich.console import Console
from rich.progress import track

from bench.speed import report
from bench.speed.measure import measure
from bench.workloads import WORKLOADS

ROOT = Path(__file__).parent.parent.parent


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, help="measurements of each call, the best counts; 11, or 3 when quick")
    parser.add_argument("--quick", action="store_true", help="few rounds, no rivals, nothing written")
    parser.add_argument("--only", help="workloads with this in their names; nothing written")
    parser.add_argument("--json", action="store_true", help="print the rows as JSON")
    options = parser.parse_args()
    chosen = [w for w in WORKLOADS if not options.only or options.only in w.name]
    if options.rounds is not None and options.rounds < 1:
        parser.error(f"--rounds must be at least 1, not {options.rounds}")
    if not chosen:
        parser.error(f"no workload has {options.only!r} in its name")
    rounds = options.rounds or (3 if options.quick else 11)
    console = Console(stderr=True)
    rows = [measure(w, rounds, not options.quick) for w in track(chosen, "measuring", console=console)]
    raw = json.dumps([dataclasses.asdict(row) for row in rows], indent=1)
    if options.json:
        print(raw)
    else:
        print("\n".join(report.ratios(rows)))
        print("behind beyond the noise:", *(report.slower(rows) or ["nothing"]), sep="\n  ")
    if not options.quick and not options.only:
        (ROOT / "bench" / "results").mkdir(exist_ok=True)
        (ROOT / "bench" / "results" / "speed.json").write_text(raw + "\n", encoding="utf-8")
        (ROOT / "docs" / "benchmarks.md").write_text(report.page(rows, rounds), encoding="utf-8")
        report.plot(rows, ROOT / "docs" / "benchmarks.svg")
        report.update_readme(ROOT / "README.md", rows)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
