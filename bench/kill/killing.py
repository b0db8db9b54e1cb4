"""Kills a process that rewrites a file, again and again, and looks at what is left."""

from __future__ import annotations

import os
import pickle
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import brinery
from brinery.files import verify

# Writes versions of an object, and says of each that it is there, or that it could not be written.
WRITER = """
import random, resource, sys, brinery, numpy
path, durable, compress, version = sys.argv[1], sys.argv[2] == "True", sys.argv[3] == "True", int(sys.argv[4])
trouble, chance = sys.argv[5], random.Random(version)
while True:
    version += 1
    rest = numpy.full(200_000, version), [str(version)] * 20_000
    if trouble == "write errors":
        resource.setrlimit(resource.RLIMIT_FSIZE, (chance.choice([-1, chance.randrange(2_000_000)]), -1))
    ballast = chance.randbytes(chance.randrange(3_000_000)) if trouble == "full disk" else None
    try:
        brinery.dump((version, *rest, ballast), path, durable=durable, compress=compress)
        sys.stdout.write(f"{version}\\n")
    except OSError:
        sys.stdout.write("failed\\n")
    sys.stdout.flush()
"""
SMALL_DISK = 7_000_000  # bytes: one large version or two small ones
LONGEST = 0.15  # seconds that a writer lives, once it has written


@dataclass
class Tally:
    """What was found after kills: files that were not whole, versions that were said to be there and were not, litter.

    `failed` are the writes that the system refused meanwhile.
    """

    kills: int = 0
    failed: int = 0
    torn: int = 0
    lost: int = 0
    litter: int = 0


def killed(
    folder: Path, *, kills: int, seed: int, durable: bool = False, compress: bool = False, trouble: str = "none"
) -> Tally:
    """Kill writers at random moments, and look at the file after each.

    `trouble` is "full disk", of a folder that has room for one large version or two small ones, or "write errors",
    which come at random places of the file.
    """
    chance = random.Random(seed)
    path = folder / "object.pkl"
    tally = Tally()
    version = 0
    brinery.dump((version, None, None, None), path, durable=False, compress=compress)
    for _ in range(kills):
        arguments = [str(path), str(durable), str(compress), str(version), trouble]
        said = said_before_kill(arguments, chance)
        acknowledged = max([version, *(int(line) for line in said if line != "failed")])
        tally.kills += 1
        tally.failed += said.count("failed")
        found = version_in(path, compress)
        tally.torn += found is None
        tally.lost += found is not None and found < acknowledged
        version = max(found or 0, acknowledged)
        brinery.dump((version, None, None, None), path, durable=False, compress=compress)
        tally.litter += len(os.listdir(folder)) - 1
    return tally


def said_before_kill(arguments: list[str], chance: random.Random) -> list[str]:
    """The lines of a writer until it was killed: versions that are there, and failures."""
    with subprocess.Popen([sys.executable, "-c", WRITER, *arguments], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        lines = [writer.stdout.readline()]
        time.sleep(chance.random() * LONGEST)
        writer.send_signal(signal.SIGKILL)
        lines += writer.stdout.readlines()
    return [line.rstrip("\n") for line in lines if line.endswith("\n")]


@contextmanager
def small_disk(size: int) -> Iterator[Path]:
    """A folder with so much room, in bytes.

    Raises:
        PermissionError: This user may not mount one.
    """
    with tempfile.TemporaryDirectory() as folder:
        command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder]
        mounted = subprocess.run(command, capture_output=True, text=True, check=False)
        if mounted.returncode:
            raise PermissionError(f"a small file system cannot be mounted here: {mounted.stderr}")
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", folder], check=True)


def version_in(path: Path, compress: bool) -> int | None:
    """The version that is in the file, if that is whole: for brinery, and for the stdlib."""
    try:
        version, numbers, texts, _ = brinery.load(path)
        whole = verify(path).is_whole and (compress or pickle.loads(path.read_bytes())[0] == version)
    except Exception:
        return None
    if numbers is not None:
        whole = whole and bool((numbers == version).all()) and texts == [str(version)] * 20_000
    return version if whole else None
