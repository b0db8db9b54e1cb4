"""`python -m fuzz.differential [--seconds N] [--seed N] [--cases N] [--findings DIR]`.

Runs batches of cases in child processes under a memory limit and an alarm, so that a crash, a hang or a length that is
believed costs one child and is reported with the seed of its case.
"""

from __future__ import annotations

import argparse
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

BATCH = 20_000
MEMORY = 2 * 1024**3
SECONDS_A_CASE = 10


def is_graph(seed: int) -> bool:
    """Whether a case is an object graph to be written rather than bytes to be read. These take longer."""
    return seed % 16 == 0


def run_batch(first: int, count: int) -> None:
    """In the child: each case on its own; prints findings, and the seed at hand to the progress pipe."""
    from fuzz import checked, graphs
    from fuzz.compare import disagreement
    from fuzz.programs import case, corpus

    known = corpus()
    if "asan" not in os.environ.get("LD_PRELOAD", ""):  # whose shadow needs terabytes of addresses
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    for seed in range(first, first + count):
        os.pwrite(1, f"{seed:20}\n".encode(), 0)
        if is_graph(seed):
            found = graphs.disagreement(seed, SECONDS_A_CASE)
        else:
            data = case(seed, known)
            found = disagreement(data, SECONDS_A_CASE) or checked.disagreement(data, SECONDS_A_CASE)
        if found is not None:
            print(f"seed {seed}: {found}", file=sys.stderr, flush=True)


def batch(first: int, count: int, folder: Path) -> tuple[int, list[str]]:
    """Runs a batch in a child; the next seed to go on with, and what was found."""
    progress = folder / "progress"
    with progress.open("w+b") as file:
        done = subprocess.run(
            [sys.executable, "-m", "fuzz.differential", "--child", str(first), str(count)],
            stdout=file,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    findings = [line for line in done.stderr.splitlines() if line.startswith("seed ")]
    if done.returncode == 0:
        return first + count, findings
    reached = progress.read_text().split()
    seed = int(reached[0]) if reached else first
    why = signal.Signals(-done.returncode).name if done.returncode < 0 else f"status {done.returncode}"
    findings.append(f"seed {seed}: the process ended with {why}: {done.stderr.splitlines()[-1:]}")
    return seed + 1, findings


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, help="how long to go on")
    parser.add_argument("--cases", type=int, help="how many cases to run")
    parser.add_argument("--seed", type=int, default=int(time.time()) * 1_000_000, help="the first case")
    parser.add_argument("--findings", type=Path, default=Path("build/fuzz"), help="where inputs of findings are kept")
    parser.add_argument("--child", nargs=2, type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        run_batch(*options.child)
        return 0
    options.findings.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + (options.seconds if options.seconds else 600 if not options.cases else 10**9)
    seed, found = options.seed, 0
    last = options.seed + options.cases if options.cases else sys.maxsize
    started = time.monotonic()
    while time.monotonic() < deadline and seed < last:
        left = deadline - time.monotonic()
        seed, findings = batch(seed, int(min(BATCH, last - seed, max(1000, left * 2000))), options.findings)
        found += len(findings)
        for finding in findings:
            print(finding, flush=True)
            keep(options.findings, finding)
        if sys.stderr.isatty():
            print(f"\r{seed - options.seed:,} cases, {found} findings", end="", file=sys.stderr, flush=True)
    took = time.monotonic() - started
    print(f"{seed - options.seed:,} cases from seed {options.seed} in {took:.0f} s, {found} findings")
    return 1 if found else 0


def keep(folder: Path, finding: str) -> None:
    from fuzz.programs import case, corpus

    seed = int(finding.split()[1].rstrip(":"))
    if is_graph(seed):  # fuzz.graphs.Graph(str(seed)) makes it again
        return
    (folder / f"{seed}.pkl").write_bytes(case(seed, corpus()))


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
