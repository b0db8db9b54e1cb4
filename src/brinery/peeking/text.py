"""Trees as text: a line for a value, in which nothing of the file reaches the terminal but what can be printed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from brinery.peeking.formats import format_of
from brinery.peeking.kinds import SCALARS
from brinery.peeking.known import known_summary
from brinery.peeking.lazily import Lazily
from brinery.peeking.walk import Child, Visit, walk

if TYPE_CHECKING:
    from brinery.peeking.tree import Tree

DEPTH = 8
WIDTH = 30
MOST_LINES = 2_000
_LONGEST = 72  # characters of a value in a line
_MOST_INLINE = 8  # items of what is shown in one line
_BRACKETS = {"list": ("[", "]"), "tuple": ("(", ")"), "set": ("{", "}"), "frozenset": ("{", "}")}


def lines_of(trees: Sequence[Tree], depth: int = DEPTH, width: int | None = WIDTH) -> Iterator[str]:
    """The lines of some values, indented."""
    for number, visit in enumerate(visits_of(trees, depth, width)):
        if number == MOST_LINES:
            yield f"... cut after {MOST_LINES:,} lines: ask for a part of it, or for less depth"
            return
        yield "  " * visit.level + line_of(visit)


def visits_of(trees: Sequence[Tree], depth: int = DEPTH, width: int | None = WIDTH) -> Iterator[Visit]:
    """The same values, one by one."""
    return walk(labelled(trees), depth, width, is_one_line)


def labelled(trees: Sequence[Tree]) -> Sequence[Child]:
    """Names for the values of a pickle: several are what was on the stack of one that is broken."""
    if len(trees) == 1:
        return [("", trees[0])]
    return Lazily(range(len(trees)), lambda number: (f"stack[{number}]", trees[number]))


def line_of(visit: Visit) -> str:
    """What the line of a value says, without its indent."""
    if visit.tree is None:
        return f"... {visit.left_out:,} more"
    label = f"{visit.label.removeprefix('.')}: " if visit.label else ""
    if visit.same_as:
        return f"{label}{printable(visit.tree.type)}, the same as {visit.same_as}"
    return label + summary(visit.tree) + (" ..." if visit.left_out else "")


def summary(tree: Tree) -> str:
    """A value in one line: all of a small one, what it is of a large one."""
    inline = _inline(tree)
    if inline is not None:
        return inline
    known = known_summary(tree)
    if known is not None:
        return printable(known[0])
    count = len(tree)
    if tree.callee is None:
        return f"{tree.kind} of {count:,}" if tree.kind in {"dict", *_BRACKETS} else _special(tree)
    items = f" with {count:,} item{'s' * (count != 1)}" if count else ""
    return printable(tree.type) + ("(...)" if tree.kind == "call" else "") + items


def is_one_line(tree: Tree) -> bool:
    """Whether its line says all there is to see."""
    if _inline(tree) is not None:
        return True
    known = known_summary(tree)
    return known is not None and known[1]


def key_text(tree: Tree, *, bare: bool = False) -> str | None:
    """A key or a name for a label; None where it is an object."""
    if bare and tree.kind == "str":
        return printable(tree.value)
    return _inline(tree) if tree.kind in {*SCALARS, "tuple"} else None


def printable(text: str, longest: int = 200) -> str:
    """Text of the file, cut, with escapes for what would not print as itself."""
    kept = (
        text
        if text.isprintable()
        else "".join(
            each if each.isprintable() else each.encode("unicode_escape").decode() for each in text[: longest + 1]
        )
    )
    return kept if len(kept) <= longest else kept[:longest] + "..."


def _inline(tree: Tree) -> str | None:
    """The text of a scalar, or of a small container of scalars."""
    if tree.kind in SCALARS:
        return _scalar(tree)
    if tree.kind == "dict":
        pairs = tree.pairs()
        return None if pairs else "{}"
    if tree.kind not in _BRACKETS:
        return None
    items = tree.elements()
    if len(items) > _MOST_INLINE or any(each.kind not in SCALARS for each in items):
        return None
    opening, closing = _BRACKETS[tree.kind]
    text = ", ".join(map(_scalar, items)) + ("," if tree.kind == "tuple" and len(items) == 1 else "")
    return f"{opening}{text}{closing}" if len(text) <= _LONGEST else None


def _scalar(tree: Tree) -> str:
    if tree.kind in {"bytes", "bytearray"}:
        return _bytes(tree)
    value = tree.value
    if tree.kind == "global":
        return f"<{printable(value)}>"
    if tree.kind == "str":
        shown = repr(value[:_LONGEST])
        return shown if len(value) <= _LONGEST else f"{shown}... ({len(value):,} characters)"
    if tree.kind == "int" and not isinstance(value, str) and value.bit_length() > 4 * _LONGEST:
        return f"an int of {value.bit_length():,} bits"
    return repr(value)[:_LONGEST] if tree.kind != "int" else str(value)[:_LONGEST]


def _bytes(tree: Tree) -> str:
    content = tree.content
    prefix = "bytearray " if tree.kind == "bytearray" else ""
    front = repr(bytes(content[:24]))
    if len(content) <= 24:
        return prefix + front
    format = format_of(content)
    return f"{prefix}{front}... ({len(content):,} bytes{', ' + format if format else ''})"


def _special(tree: Tree) -> str:
    """What only the reader of the file can tell."""
    match tree.kind:
        case "persistent":
            return "what the reader has under an id" + (f" {tree.value!r:.80}" if tree.value is not None else "")
        case "extension":
            return f"extension {tree.value} of the reader's registry"
        case "buffer":
            return f"out-of-band buffer {tree.value}" if tree.value is not None else "read-only buffer"
    return tree.kind
