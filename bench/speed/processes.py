"""Each workload in processes of its own: what was measured before leaves no heap behind for it to lie in."""

from __future__ import annotations

import json
import subprocess
import sys

from bench.speed.row import Row, middle

PROCESSES = 3


def measured_apart(name: str, rounds: int, processes: int = PROCESSES) -> Row:
    """The median of what so many fresh processes measure.

    Raises RuntimeError with what a process said if it fails.
    """
    return middle([measured_once(name, rounds) for _ in range(processes)])


def measured_once(name: str, rounds: int) -> Row:
    command = [sys.executable, "-m", "bench.speed", "--here", "--json", "--rounds", str(rounds), "--only", name]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"measuring {name}: {done.stderr or done.stdout}")
    return next(Row(**row) for row in json.loads(done.stdout) if row["name"] == name)
