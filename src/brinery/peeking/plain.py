"""Trees as plain dicts and lists, ready for JSON."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from brinery.peeking.kinds import SCALARS
from brinery.peeking.text import labelled
from brinery.peeking.walk import Visit, walk

if TYPE_CHECKING:
    from brinery.peeking.tree import Tree

_DEEPEST = 200  # levels; the json module has no room for many more
_MOST_BYTES = 64  # of bytes that are shown
_MOST_BITS = 1024  # of an int that is written as one


def nodes_of(trees: Sequence[Tree], depth: int, width: int | None) -> list[dict[str, Any]]:
    """A dict for each value, with what it holds under ``holds``."""
    top: dict[str, Any] = {"holds": []}
    parents = [top]  # the node of each level above
    for visit in walk(labelled(trees), min(depth, _DEEPEST), width):
        del parents[visit.level + 1 :]
        node = _node_of(visit)
        parents[-1].setdefault("holds", []).append(node)
        parents.append(node)
    return list(top["holds"])


def _node_of(visit: Visit) -> dict[str, Any]:
    node: dict[str, Any] = {"at": visit.label} if visit.label else {}
    if visit.tree is not None:
        node |= _facts(visit.tree)
    if visit.same_as:
        node["same_as"] = visit.same_as
    if visit.left_out:
        node["left_out"] = visit.left_out
    return node


def _facts(tree: Tree) -> dict[str, Any]:
    facts: dict[str, Any] = {"kind": tree.kind, "offset": tree.offset}
    if tree.callee is not None:
        facts["type"] = tree.type
    if tree.kind in {"bytes", "bytearray"}:
        facts |= {"size": len(tree.content), "hex": bytes(tree.content[:_MOST_BYTES]).hex()}
    elif tree.kind in SCALARS or tree.value is not None:
        facts["value"] = _json_value(tree.value)
    return facts


def _json_value(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return repr(value)
    if isinstance(value, int) and value.bit_length() > _MOST_BITS:
        return hex(value)
    return value
