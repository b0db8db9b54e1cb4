"""What the tour keeps under keys: records, an array, what a killed process wrote, a damaged value, results."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import brinery
from brinery.cli.encounters import Encounter, flip_in_the_middle
from brinery.cli.stops import array, orders, same_array
from brinery.stores import repair_store

__all__ = ["encounters_with_stores"]

# Says of each write that it is there, until it is killed.
WRITER = """
import sys, brinery
store = brinery.Store(sys.argv[1])
for number in range(1_000_000):
    store["number", number] = {"number": number}
    print(number, flush=True)
"""
READER = """
import sys, brinery
from brinery.cli.stops import orders
with brinery.Store(sys.argv[1]) as store:
    sys.exit(list(store.values()) != orders())
"""
COSTLY = """
import sys, time, brinery

@brinery.memoize(store=sys.argv[1])
def costly(number):
    print("computed", flush=True)
    time.sleep(0.2)
    return number * number

sys.exit(costly(12) != 144)
"""
WRITES = 300  # before the kill
PROCESSES = 4


def encounters_with_stores() -> Iterator[Encounter]:
    """Keep records and an array, kill a writer, flip a bit and repair; have processes want the same result."""
    with tempfile.TemporaryDirectory(prefix="brinery-tour-") as folder:
        yield records(f"{folder}/records")
        yield killed(f"{folder}/killed")
        yield from mapped_and_damaged(Path(folder, "arrays"))
        yield computed_once(f"{folder}/results")


def records(place: str) -> Encounter:
    """Write records, and have a fresh process read them."""
    made = orders()
    with brinery.Store(place) as store:
        start = time.perf_counter()
        store.set_many((("order", each.number), each) for each in made)
        taken = time.perf_counter() - start
    same = subprocess.run([sys.executable, "-c", READER, place], check=False).returncode == 0
    told = f"kept in {taken * 1e3:.0f} ms; a fresh process reads the same"
    return Encounter(f"{len(made):,} records", told, good=same)


def killed(place: str) -> Encounter:
    """Kill a process that writes, and count what it had said to be there."""
    with subprocess.Popen([sys.executable, "-c", WRITER, place], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        told = [int(writer.stdout.readline()) for _ in range(WRITES)]
        writer.kill()
    with brinery.Store(place) as store:
        found = store.get_many([("number", each) for each in told])
    return Encounter(
        "a writer, killed", f"{len(found)} of {WRITES} acknowledged writes are there", len(found) == WRITES
    )


def mapped_and_damaged(folder: Path) -> Iterator[Encounter]:
    """Map an array; flip a bit in it; save the rest."""
    numbers = array()
    with brinery.Store(folder) as store:
        store.update({"numbers": numbers, "other": [1, 2]})
        start = time.perf_counter()
        found = store["numbers"]
        taken = time.perf_counter() - start
        yield Encounter("an 80 MB array", f"mapped in {taken * 1e3:.2f} ms", good=same_array(found, numbers))
        del found
    (path,) = folder.glob("files/*/*.pkl")
    flip_in_the_middle(path)
    with brinery.Store(folder) as store:
        try:
            store["numbers"]
        except brinery.IntegrityError as error:
            yield Encounter("the same, one bit flipped", f"refused: {str(error).split(str(path))[0]}...", good=True)
        else:
            yield Encounter("the same, one bit flipped", "read", good=False)
    seen = repair_store(folder)
    told = f"repaired: {seen.kept} kept, lost: {', '.join(seen.lost)}"
    yield Encounter("the store it was in", told, good=(seen.kept, list(seen.lost)) == (1, ["numbers"]))


def computed_once(place: str) -> Encounter:
    """Have processes call the same memoized function at once, and one more afterwards."""
    command = [sys.executable, "-c", COSTLY, place]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(PROCESSES)]
    told = [process.communicate()[0] for process in running]
    again = subprocess.run(command, capture_output=True, text=True, check=False)
    right = not any(process.returncode for process in running) and again.returncode == 0
    count = "".join([*told, again.stdout]).count("computed")
    outcome = f"memoized: computed {count} time for {PROCESSES} processes at once, and one later"
    return Encounter("a costly function", outcome, good=right and count == 1)
