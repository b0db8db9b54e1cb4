"""Kills a process that rewrites a file, again and again, and looks at what is left."""

from __future__ import annotations

import os
import pickle
import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import brinery
from brinery.files import verify

# Writes versions of an object, and says of each that it is there.
WRITER = """
import sys, brinery, numpy
path, durable, compress, version = sys.argv[1], sys.argv[2] == "True", sys.argv[3] == "True", int(sys.argv[4])
while True:
    version += 1
    rest = numpy.full(200_000, version), [str(version)] * 20_000
    brinery.dump((version, *rest), path, durable=durable, compress=compress)
    sys.stdout.write(f"{version}\\n")
    sys.stdout.flush()
"""
LONGEST = 0.15  # seconds that a writer lives, once it has written


@dataclass
class Tally:
    """What was found after kills: files that were not whole, versions that were said to be there and were not, litter."""

    kills: int = 0
    torn: int = 0
    lost: int = 0
    litter: int = 0


def killed(folder: Path, *, kills: int, seed: int, durable: bool = False, compress: bool = False) -> Tally:
    """Kill writers at random moments, and look at the file after each."""
    chance = random.Random(seed)
    path = folder / "object.pkl"
    tally = Tally()
    version = 0
    for _ in range(kills):
        acknowledged = version_at_kill(path, version, chance, durable, compress)
        tally.kills += 1
        found = version_in(path, compress)
        tally.torn += found is None
        tally.lost += found is not None and found < acknowledged
        version = max(found or 0, acknowledged)
        brinery.dump((version, None, None), path, durable=False, compress=compress)
        tally.litter += len(os.listdir(folder)) - 1
    return tally


def version_at_kill(path: Path, version: int, chance: random.Random, durable: bool, compress: bool) -> int:
    """The last version that a writer said is there, before it was killed."""
    command = [sys.executable, "-c", WRITER, str(path), str(durable), str(compress), str(version)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        lines = [writer.stdout.readline()]
        time.sleep(chance.random() * LONGEST)
        writer.send_signal(signal.SIGKILL)
        lines += writer.stdout.readlines()
    return max(int(line) for line in lines if line.endswith("\n"))


def version_in(path: Path, compress: bool) -> int | None:
    """The version that is in the file, if that is whole: for brinery, and for the stdlib."""
    try:
        version, numbers, texts = brinery.load(path)
        whole = verify(path).is_whole and (compress or pickle.loads(path.read_bytes())[0] == version)
    except Exception:
        return None
    if numbers is not None:
        whole = whole and bool((numbers == version).all()) and texts == [str(version)] * 20_000
    return version if whole else None
