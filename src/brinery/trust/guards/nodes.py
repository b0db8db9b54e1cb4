"""Trees that lie in arrays of nodes, which compiled code walks without looking at bounds."""

from __future__ import annotations

from typing import Any

from brinery.codec import tree_shape
from brinery.trust.guards.checking import refuse

__all__ = ["require_nodes"]


def require_nodes(nodes: Any, names: tuple[str, str, str, str | None], n_features: int, kind: str) -> int:
    """Refuse nodes that are no tree of so many features: circles, indexes out of range. Its height, in steps.

    Args:
        nodes: A structured array.
        names: Its fields of left and right children, of features, and of what is true for leaves; None where leaves
            are what has -1 for a left child.
        n_features: Features must be below it.
        kind: What the nodes are of, as its users call it.
    """
    try:
        native = nodes if nodes.dtype.isnative else nodes.astype(nodes.dtype.newbyteorder("="))
        left, right, feature, leaf = (None if name is None else native[name] for name in names)
        wrong, height = tree_shape(left, right, feature, leaf, n_features)
    except (LookupError, TypeError, ValueError, OverflowError) as error:
        refuse(kind, "nodes", f"must have whole numbers for {', '.join(filter(None, names))} ({error})")
    if wrong == "children":
        refuse(kind, wrong, f"must lie after their parents, and below {len(nodes)}")
    if wrong:
        refuse(kind, wrong, f"must lie within the {n_features} features")
    return height
