"""`python -m bench.seal`: what seals and signatures cost; writes docs/seal.md."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from bench.machine import description
from bench.seal.workloads import Comparison, comparisons
from bench.speed.measure import alternate

ROOT = Path(__file__).parent.parent.parent
ROUNDS = 15


def row(each: Comparison) -> str:
    # alternate() knows by the stdlib's name what is measured twice.
    times = alternate(
        {"_pickle": each.plain, "guarded": each.guarded, "_pickle again": each.plain}, each.repeat, ROUNDS
    )
    best = min(times["_pickle"], times["_pickle again"])
    more = times["guarded"] - best
    return (
        f"| {each.name} | {best * 1e6:,.1f} | {times['guarded'] * 1e6:,.1f} | {more * 1e6:,.1f} | {more / best:.0%} |"
    )


def main() -> int:
    lines = ["| | without, us | with, us | more, us | |", "|---|--:|--:|--:|--:|"]
    # The key is made for this alone.
    with tempfile.TemporaryDirectory(prefix="brinery-seal-") as folder:
        os.environ["BRINERY_HOME"] = folder
        os.environ.pop("BRINERY_KEY", None)
        for each in comparisons(Path(folder)):
            lines.append(row(each))
            print(lines[-1], file=sys.stderr)
    load = os.getloadavg()[0]
    text = (
        "# What seals and signatures cost\n\n"
        "Taken with `make bench-seal` on\n"
        f"{description('brinery', 'blake3', 'xxhash', 'cryptography', 'numpy')};\n"
        f"{os.cpu_count()} processors, which had a load of {load:.1f} at the end. Best of at least {ROUNDS} rounds,\n"
        "alternating in one process. *Without* is `encode` and `decode` alone; files are read from the page cache.\n\n"
    )
    (ROOT / "docs" / "seal.md").write_text(text + "\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
