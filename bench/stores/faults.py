"""`python -m bench.stores.faults [--kills N] [--flips N]`: kills, races, flipped bits; writes docs/stores-faults.md."""

from __future__ import annotations

import argparse
import sys
import tempfile
import textwrap
from collections import Counter
from pathlib import Path

from bench.machine import heading
from bench.stores.flips import make, trial
from bench.stores.writers import KillTally, killed_writers, lost_by_writers

PAGE = Path("docs/stores-faults.md")
RECORDS = 10_000


def flipped(folder: Path, count: int) -> tuple[int, Counter[str]]:
    """How many values a store has, and what was read of them in so many trials, and after a repair."""
    made = make(folder / "template")
    found: Counter[str] = Counter()
    for seed in range(count):
        _, before, after = trial(folder / "template", made, folder / "copy", seed)
        found["opened"] += not before["not opened"]
        found["wrong"] += before["wrong"]
        found["errors"] += before["errors"]
        found["trials with errors"] += bool(before["errors"] or before["not opened"])
        found["wrong after repair"] += after["wrong"]
        found["more than one lost"] += after["right"] < len(made) - 1
        found["none lost"] += after["right"] == len(made)
    return len(made), found


def page(options: argparse.Namespace, kills: KillTally, races: list[tuple[int, int]], flips: str) -> list[str]:
    return [
        *heading("Stores, killed, raced and damaged", "bench-stores-faults", "brinery", "numpy"),
        "",
        "A process writes small values, batches of fifty and arrays of 160 kB, some over others, says of each write that it",
        "is there, and is killed (SIGKILL) at a random moment. *Lost*: writes that were said to be there, and are not, or",
        "are not whole. *Broken*: stores that do not open, or of which `verify()` finds something wrong.",
        "",
        "| kills | writes said to be there | lost | broken |",
        "|--:|--:|--:|--:|",
        f"| {kills.kills} | {kills.acknowledged:,} | {kills.lost} | {kills.broken} |",
        "",
        f"Processes that open a store which is not there yet at the same moment, and write {RECORDS:,} records between them:",
        "",
        "| processes | lost |",
        "|--:|--:|",
        *(f"| {processes} | {lost} |" for processes, lost in races),
        "",
        flips,
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--flips", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        kills = killed_writers(Path(folder), options.kills, options.seed)
    print(kills, flush=True)
    races = []
    for processes in (2, 8):
        with tempfile.TemporaryDirectory() as folder:
            races.append((processes, lost_by_writers(Path(folder, "new"), processes, RECORDS // processes)))
        print(races[-1], flush=True)
    with tempfile.TemporaryDirectory() as folder:
        values, found = flipped(Path(folder), options.flips)
    flips = (
        f"One bit is flipped anywhere in the folder of a store with {values} values, {options.flips} times. In "
        f"{found['trials with errors']} of these trials something could not be read, and said so; a wrong value was read "
        f"{found['wrong']} times. After a repair, {found['wrong after repair']} wrong values were read; in "
        f"{found['none lost']} trials nothing was lost, in {found['more than one lost']} more than the value that was hit."
    )
    flips = textwrap.fill(flips, 118)
    print(flips)
    PAGE.write_text("\n".join(page(options, kills, races, flips)) + "\n", encoding="utf-8")
    clean = (kills.lost, kills.broken, *(lost for _, lost in races), found["wrong"], found["more than one lost"])
    return int(any(clean))


if __name__ == "__main__":
    sys.exit(main())
