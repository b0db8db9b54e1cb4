"""Processes that write to a store: killed at random moments, or several at a time."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import brinery

# Says of each write that it is there, once the call has returned.
UNTIL_KILLED = """
import sys, numpy as np, brinery
store, start = brinery.Store(sys.argv[1]), int(sys.argv[2])
print("ready", flush=True)
for number in range(start, start + 1_000_000):
    if number % 10 == 0:
        store[f"array {number}"] = np.full(20_000, float(number))
    elif number % 10 == 1:
        store.set_many({f"batch {number} {i}": number for i in range(50)})
    else:
        store[f"small {number}"] = {"number": number}
    store[f"array {number - 100}"] = number  # takes the place of a file
    print(number, flush=True)
"""
AT_ONCE = """
import sys, brinery
print("ready", flush=True)
sys.stdin.readline()
store = brinery.Store(sys.argv[1])
for number in range(int(sys.argv[3])):
    store[f"{sys.argv[2]} {number}"] = number
"""


class KillTally(NamedTuple):
    """Of so many kills: writes that were said to be there, and were not or not whole; stores that did not open."""

    kills: int
    acknowledged: int
    lost: int
    broken: int


def killed_writers(folder: Path, kills: int, seed: int) -> KillTally:
    chance = random.Random(seed)
    acknowledged = lost = broken = 0
    for number in range(kills):
        start = number * 1_000_000
        place = folder / f"store{number // 20}"  # a new one now and then: each look reads all of it
        done = written_until_killed(place, start, chance.uniform(0.0, 0.3))
        acknowledged += len(done)
        try:
            with brinery.Store(place) as store:
                lost += sum(not is_there(store, each, done) for each in done)
                broken += not store.verify().is_whole
        except brinery.BrineryError:
            broken += 1
    return KillTally(kills, acknowledged, lost, broken)


def written_until_killed(place: Path, start: int, seconds: float) -> list[int]:
    command = [sys.executable, "-c", UNTIL_KILLED, str(place), str(start)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(seconds)
        process.send_signal(signal.SIGKILL)
        told = process.stdout.read()
    # The last line may be cut: then nothing was said.
    return [int(each) for each in told.split("\n")[:-1]]


def is_there(store: brinery.Store, number: int, done: list[int]) -> bool:
    try:
        if number % 10 == 0:
            found = store[f"array {number}"]
            if number + 100 in done or not hasattr(found, "shape"):
                return bool(found == number + 100)
            return bool((found == number).all() and found.shape == (20_000,))
        if number % 10 == 1:
            keys = [f"batch {number} {i}" for i in range(50)]
            return store.get_many(keys) == dict.fromkeys(keys, number)
        return bool(store[f"small {number}"] == {"number": number})
    except (KeyError, brinery.BrineryError):
        return False


def lost_by_writers(place: Path, processes: int, records: int) -> int:
    """How many of so many records each are not there after processes have opened a new store and written at once."""
    commands = [[sys.executable, "-c", AT_ONCE, str(place), str(number), str(records)] for number in range(processes)]
    running = [subprocess.Popen(each, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for each in commands]
    for process in running:
        assert process.stdout is not None
        process.stdout.readline()
    for process in running:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    failed = 0
    for process in running:
        process.communicate()
        failed += process.returncode != 0
    with brinery.Store(place) as store:
        found = store.get_many(f"{process} {number}" for process in range(processes) for number in range(records))
    right = sum(obj == int(key.split()[1]) for key, obj in found.items())
    return processes * records - right + failed
