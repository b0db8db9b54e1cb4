"""What the tour opens besides: bytes of strangers, an attack, the user's own, files, and damaged ones."""

from __future__ import annotations

import os
import pickle as stdlib
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.box import SIMPLE
from rich.table import Table

import brinery
from brinery.cli.stops import array, model, orders, same_array

__all__ = ["Encounter", "encounters", "encounters_with_files", "flip_in_the_middle", "table_of_encounters"]

ATTACK = b"cos\nsystem\n(S'echo gotcha'\ntR."


@dataclass(frozen=True)
class Encounter:
    """Some bytes, and what became of them."""

    name: str
    outcome: str
    good: bool


def encounters() -> Iterator[Encounter]:
    """Open each with `brinery.loads(data)`, and nothing more."""
    brinery.loads(stdlib.dumps(model()))
    yield Encounter("a stranger's scikit-learn model", "loaded, nothing asked", good=True)
    yield refused("an attack on the shell", ATTACK, brinery.UntrustedError)
    own = brinery.dumps(lambda price: price * 3)
    yield Encounter("your own lambda, sealed", f"loaded in full: f(14) = {brinery.loads(own)(14)}", good=True)
    flipped = bytes([*own[:40], own[40] ^ 1, *own[41:]])
    yield refused("the same, one bit flipped", flipped, brinery.IntegrityError)


def refused(name: str, data: bytes, expected: type[brinery.DecodeError]) -> Encounter:
    """What opening does with bytes that should raise that error."""
    try:
        brinery.loads(data)
    except expected as error:
        needs = ", ".join(getattr(error, "globals", ()))
        return Encounter(name, f"refused ({type(error).__name__})" + (f": needs {needs}" if needs else ""), good=True)
    return Encounter(name, "opened", good=False)


def encounters_with_files() -> Iterator[Encounter]:
    """Keep an array in a file, and open it; flip a bit in it; cut off a file of records."""
    with tempfile.TemporaryDirectory(prefix="brinery-tour-") as folder:
        path, numbers = Path(folder, "numbers.pkl"), array()
        brinery.dump(numbers, path)
        start = time.perf_counter()
        mapped = brinery.load(path, mmap=True)
        taken = time.perf_counter() - start
        with path.open("rb") as file:
            same = same_array(mapped, numbers) and same_array(stdlib.load(file), numbers)
        yield Encounter("an 80 MB array", f"mapped in {taken * 1e3:.1f} ms; the stdlib reads it too", good=same)
        yield damaged("the same, one bit flipped", path)
        records = orders()
        brinery.dump(records, path)
        os.truncate(path, os.stat(path).st_size // 2)
        saved = brinery.recover(path, trust=[f"{__package__}.*"]).object
        count = len(saved)
        good = 0 < count < len(records) and saved[: count - 1] == records[: count - 1]
        yield Encounter("half of 8,000 records", f"recovered: the first {count:,}", good=good)


def damaged(name: str, path: Path) -> Encounter:
    """What loading a file does once a bit in the middle of it is another."""
    flip_in_the_middle(path)
    try:
        brinery.load(path)
    except brinery.IntegrityError as error:
        return Encounter(name, f"refused: {error}", good=True)
    return Encounter(name, "opened", good=False)


def flip_in_the_middle(path: Path) -> None:
    """Turn over a bit in the middle of a file."""
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2)
        byte = file.read(1)[0]
        file.seek(-1, os.SEEK_CUR)
        file.write(bytes([byte ^ 1]))


def table_of_encounters(title: str, found: list[Encounter]) -> Table:
    """They as a table for people."""
    table = Table(title=title, box=SIMPLE, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("what", no_wrap=True)
    table.add_column("what becomes of them")
    for each in found:
        table.add_row(each.name, each.outcome if each.good else f"[bold red]{each.outcome}")
    return table
