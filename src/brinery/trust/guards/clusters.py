"""scikit-learn's clusters: centers of as many dimensions as the data, merges of clusters there are."""

from __future__ import annotations

from typing import Any

from brinery.trust.guards.checking import is_array, is_of, require, require_array, restore_once


def restore_means(obj: Any, state: Any) -> None:
    kind = f"sklearn.cluster.{type(obj).__name__}"
    restore_once(obj, state, kind)
    fields = vars(obj)
    if "cluster_centers_" not in fields:
        return
    features = fields.get("n_features_in_")
    require_array(fields["cluster_centers_"], kind, "cluster_centers_", ndim=2, dtype="f")
    require(fields["cluster_centers_"].shape[1] == features, kind, "n_features_in_", "must be that of the centers")
    if "_bisecting_tree" in fields:
        require_bisections(fields["_bisecting_tree"], features, kind)


def require_bisections(root: Any, features: Any, kind: str) -> None:
    """Every node once, and the center of each of as many dimensions."""
    seen: set[int] = set()
    waiting = [root]
    while waiting:
        node = waiting.pop()
        require(
            is_of(node, "sklearn.cluster._bisect_k_means._BisectingTree"), kind, "_bisecting_tree", "must be a tree"
        )
        require(id(node) not in seen, kind, "_bisecting_tree", "must not come back to a node")
        seen.add(id(node))
        center = vars(node).get("center")
        known = is_array(center) and center.shape == (features,)
        require(known, kind, "_bisecting_tree", "must have centers of its features")
        waiting += [vars(node)[side] for side in ("left", "right") if vars(node).get(side) is not None]


def restore_bisection(obj: Any, state: Any) -> None:
    restore_once(obj, state, "sklearn.cluster.BisectingKMeans")


def restore_density(obj: Any, state: Any) -> None:
    """HDBSCAN: each merge is of points, or of merges before it."""
    kind = "sklearn.cluster.HDBSCAN"
    restore_once(obj, state, kind)
    merges = vars(obj).get("_single_linkage_tree_")
    if merges is None:
        return
    require_array(merges, kind, "_single_linkage_tree_", ndim=1, dtype="V")
    names = merges.dtype.names or ()
    require({"left_node", "right_node"} <= set(names), kind, "_single_linkage_tree_", "must be merges")
    points = len(merges) + 1
    for name in ("left_node", "right_node"):
        nodes = merges[name]
        within = (nodes >= 0).all() and (nodes - range(len(nodes)) < points).all()
        require(within, kind, name, "must be a point, or a merge before")
