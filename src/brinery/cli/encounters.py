"""What the tour opens besides: bytes of strangers, an attack, the user's own, and the same with a bit flipped."""

from __future__ import annotations

import pickle as stdlib
from collections.abc import Iterator
from dataclasses import dataclass

from rich.box import SIMPLE
from rich.table import Table

import brinery
from brinery.cli.stops import model

__all__ = ["Encounter", "encounters", "table_of_encounters"]

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


def table_of_encounters(found: list[Encounter]) -> Table:
    """They as a table for people."""
    table = Table(title="brinery.loads(data)", box=SIMPLE, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("bytes", no_wrap=True)
    table.add_column("what becomes of them")
    for each in found:
        table.add_row(each.name, each.outcome if each.good else f"[bold red]{each.outcome}")
    return table
