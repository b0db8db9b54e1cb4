"""A walk through trees with a sensible end: each value once, only so deep, only so many of one."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, TypeAlias

from brinery.peeking.kinds import PLAIN

if TYPE_CHECKING:
    from brinery.peeking.tree import Tree


Child: TypeAlias = "tuple[str, Tree]"  # how it hangs on its parent: ".name", "[3]", "['key']"
Leaf: TypeAlias = "Callable[[Tree], bool]"


@dataclasses.dataclass(frozen=True, slots=True)
class Visit:
    """A value on the way."""

    level: int
    label: str
    tree: Tree | None  # None: some that are left out
    left_out: int = 0  # items, beyond the width or beneath the depth
    same_as: str = ""  # the path of where it was met before


def walk(trees: Sequence[Child], depth: int, width: int | None, is_leaf: Leaf = lambda tree: False) -> Iterator[Visit]:
    """Values before what they hold, to a number of levels and a number of items of each.

    What stands in several places is walked through once, so that cycles end and the walk is linear in what is there.
    """
    met: dict[int, str] = {}
    open_levels = [_first(iter(trees), len(trees), width)]
    paths = [""]
    while open_levels:
        child = next(open_levels[-1], None)
        if child is None:
            open_levels.pop()
            paths.pop()
            continue
        level = len(open_levels) - 1
        if isinstance(child, int):
            yield Visit(level, "", None, left_out=child)
            continue
        label, tree = child
        path = paths[-1] + label
        below = 0 if is_leaf(tree) else count(tree)
        if below and tree.index in met:
            yield Visit(level, label, tree, same_as=met[tree.index])
            continue
        met[tree.index] = path or "the root"
        cut = level + 1 >= depth
        yield Visit(level, label, tree, left_out=below if cut else 0)
        if below and not cut:
            open_levels.append(_first(children(tree), below, width))
            paths.append(path)


def _first(found: Iterator[Child], total: int, width: int | None) -> Iterator[Child | int]:
    """As many as the width allows, and then how many more there are."""
    yield from itertools.islice(found, width)
    if next(found, None) is not None:
        yield max(1, total - (width or 0))


def count(tree: Tree) -> int:
    """How many values hang directly on one, keys that are objects not counted."""
    if tree.kind in PLAIN:
        return len(tree.pairs()) or len(tree.elements())
    called = len(tree.arguments) + len(tree.keywords) + _has_odd_callee(tree)
    return called + len(tree) + len(tree.loose_states())


def children(tree: Tree) -> Iterator[Child]:
    """All that a value holds, and how it hangs there."""
    if tree.kind not in PLAIN:
        yield from _called(tree)
    yield from ((f"[{number}]", each) for number, each in enumerate(tree.elements()))
    yield from _named("[{}]", tree.pairs())
    if tree.kind not in PLAIN:
        yield from _named(".{}", tree.attributes(), bare=True)
        yield from (("(state)", each) for each in tree.loose_states())


def _called(tree: Tree) -> Iterator[Child]:
    if tree.callee is not None and _has_odd_callee(tree):
        yield "(callee)", tree.callee
    yield from ((f"({number})", each) for number, each in enumerate(tree.arguments))
    yield from _named("({}=)", tree.keywords)


def _has_odd_callee(tree: Tree) -> bool:
    return tree.callee is not None and tree.callee.kind != "global"


def _named(form: str, pairs: Iterable[tuple[Tree, Tree]], *, bare: bool = False) -> Iterator[Child]:
    from brinery.peeking.text import key_text

    for name, value in pairs:
        text = key_text(name, bare=bare)
        if text is None:  # the key is an object: it is walked through too
            text = f"<{name.type}>"
            yield form.format("key " + text), name
        yield form.format(text), value
