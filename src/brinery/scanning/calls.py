"""What a pickle calls of what nobody has vouched for, with the arguments as far as they can be known."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

from brinery.peeking import Pickle, Tree, Visit, line_of
from brinery.scanning.report import Call, Usage

__all__ = ["calls_of"]

MOST = 100
MOST_ARGUMENTS = 10
LONGEST = 300  # characters


def calls_of(pickle: Pickle, usages: Iterable[Usage]) -> tuple[tuple[Call, ...], bool]:
    """The calls of these globals, and of what they return, kept or not; and whether there are more than are given.

    Those that run code come first: harmless ones cannot push them out.
    """
    natures = {usage.name: usage.runs_code is not None for usage in usages}
    places: dict[bool, list[int]] = {True: [], False: []}
    for place, name in enumerate(pickle.globals):
        if name in natures:
            places[natures[name]].append(place)
    found: list[int] = []
    for runs_code in (True, False):
        found += pickle.trace.calls(places[runs_code], MOST + 1 - len(found)) if places[runs_code] else []
    trees = [Tree(pickle.data, pickle.trace, index) for index in found[:MOST]]
    return tuple(Call(text_of(tree), tree.offset) for tree in trees), len(found) > MOST


def text_of(tree: Tree) -> str:
    """A call on one line: what is called, and the arguments as short as a line has them."""
    given = [line_of(Visit(0, "", each)).strip() for each in itertools.islice(tree.arguments, MOST_ARGUMENTS)]
    given += ["..."] if len(tree.arguments) > MOST_ARGUMENTS else []
    shown = f"{tree.type}({', '.join(given)})" if given else line_of(Visit(0, "", tree)).strip()
    return shown if len(shown) <= LONGEST else shown[:LONGEST] + "..."
