"""Kills a process that appends to a log, again and again, and looks at what is left."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import brinery

# Appends numbers in batches of random size, and says of each batch up to which it is there.
WRITER = """
import random, sys, brinery
with brinery.open_log(sys.argv[1]) as log:
    chance = random.Random(int(sys.argv[2]))
    while True:
        start = len(log)
        log.extend({"number": number, "text": "x" * chance.randrange(200)} for number in range(start, start + chance.randrange(1, 50)))
        sys.stdout.write(f"{len(log)}\\n")
        sys.stdout.flush()
"""
KILLS_OF_A_LOG = 20
LONGEST = 0.1  # seconds that a writer lives, once it has written


@dataclass
class LogTally:
    """What was found after kills: records that were said to be there and were not, logs that could not be read."""

    kills: int = 0
    lost: int = 0
    broken: int = 0


def killed_logs(folder: Path, *, kills: int, seed: int) -> LogTally:
    """Kill writers at random moments, and read the log after each."""
    chance = random.Random(seed)
    tally = LogTally()
    for kill in range(kills):
        # A new one now and then: all of it is read after each kill.
        path = folder / f"log {kill // KILLS_OF_A_LOG}"
        command = [sys.executable, "-c", WRITER, str(path), str(seed + kill)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout is not None
            lines = [writer.stdout.readline()]
            time.sleep(chance.random() * LONGEST)
            writer.send_signal(signal.SIGKILL)
            lines += writer.stdout.readlines()
        acknowledged = max(int(line) for line in lines if line.endswith("\n"))
        tally.kills += 1
        try:
            with brinery.open_log(path, "r") as log:
                numbers = [record["number"] for record in log]
        except Exception:
            tally.broken += 1
            continue
        tally.lost += max(0, acknowledged - len(numbers))
        tally.broken += numbers != list(range(len(numbers)))
    return tally
