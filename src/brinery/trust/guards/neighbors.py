"""scikit-learn's trees of points, and the estimators that look up neighbours."""

from __future__ import annotations

from typing import Any

from brinery.trust.guards.checking import (
    is_array,
    is_count,
    refuse,
    require,
    require_array,
    require_within,
    restore_once,
)

METRIC = "sklearn.metrics.DistanceMetric"
# Whose weights are read for every coordinate.
WEIGHTED = ("SEuclidean", "Minkowski")


def restore_metric(obj: Any, state: Any) -> None:
    """A power, a vector and a matrix. Whether they fit the data is up to the tree that has both."""
    require(type(state) is tuple and len(state) == 3, METRIC, "the state", "must be a tuple of three")
    power, vector, matrix = state
    require(isinstance(power, float), METRIC, "p", "must be a number")
    require_array(vector, METRIC, "vec", ndim=1, dtype="f")
    require_array(matrix, METRIC, "mat", ndim=2, dtype="f")
    require(matrix.shape[0] == matrix.shape[1], METRIC, "mat", "must be a square")
    obj.__setstate__(state)


def require_metric(metric: Any, dimensions: int, kind: str) -> None:
    name = type(metric).__name__
    require(type(metric).__module__ == "sklearn.metrics._dist_metrics", kind, "dist_metric", "must be a metric")
    if name.startswith("PyFunc"):
        refuse(kind, "dist_metric", "must not call a function")
    _, vector, matrix = metric.__getstate__()
    if name.startswith(WEIGHTED[0]) or (name.startswith(WEIGHTED[1]) and len(vector) > 1):
        require(len(vector) == dimensions, kind, "dist_metric", f"must have {dimensions} weights")
    if name.startswith("Mahalanobis"):
        require(len(matrix) == dimensions, kind, "dist_metric", f"must be of {dimensions} dimensions")
    if name.startswith("Haversine"):
        require(dimensions == 2, kind, "dist_metric", "must be of two dimensions")


def restore_tree(obj: Any, state: Any) -> None:
    """A KDTree or BallTree: nodes stand where a heap has them, and name points there are."""
    kind = f"sklearn.neighbors.{type(obj).__name__}"
    require(type(state) is tuple and len(state) == 13, kind, "the state", "must be a tuple of thirteen")
    data, points, nodes, bounds, _, levels, count, *_, metric, weights = state
    require_array(data, kind, "data", ndim=2, dtype="f")
    require_array(nodes, kind, "node_data", ndim=1, dtype="V")
    require_array(bounds, kind, "node_bounds", ndim=3, dtype="f")
    require_array(points, kind, "idx_array", ndim=1)
    samples, dimensions = data.shape
    require(len(points) == samples > 0, kind, "idx_array", f"must have {samples} items")
    require_within(points, 0, samples, kind, "idx_array")
    require(is_count(levels) and levels < 64, kind, "n_levels", "must be a small number")
    require(is_count(count) and count == len(nodes) == 2 ** int(levels) - 1 > 0, kind, "n_nodes", "must fit the levels")
    sides = 2 if type(obj).__name__.startswith("KD") else 1
    require(bounds.shape == (sides, count, dimensions), kind, "node_bounds", "must be of its nodes and dimensions")
    require_nodes(nodes, samples, kind)
    require_metric(metric, dimensions, kind)
    if weights is not None:
        require_array(weights, kind, "sample_weight", ndim=1, dtype="f")
        require(len(weights) == samples, kind, "sample_weight", f"must have {samples} items")
    obj.__setstate__(state)


def require_nodes(nodes: Any, samples: int, kind: str) -> None:
    require("idx_start" in (nodes.dtype.names or ()), kind, "node_data", "must be nodes")
    start, end, leaf = nodes["idx_start"], nodes["idx_end"], nodes["is_leaf"]
    require(start.min() >= 0 and end.max() <= samples, kind, "node_data", f"must lie within {samples} points")
    require((start <= end).all(), kind, "node_data", "must not end before they start")
    require((leaf[len(nodes) // 2 :] != 0).all(), kind, "node_data", "must have leaves on the last level")


def restore_estimator(obj: Any, state: Any) -> None:
    """What looks up neighbours of data that has the features it was fitted on."""
    kind = f"sklearn.neighbors.{type(obj).__name__}"
    restore_once(obj, state, kind)
    fields = vars(obj)
    if "_fit_X" not in fields:
        return
    fitted, tree = fields["_fit_X"], fields.get("_tree")
    shape: Any = getattr(fitted, "shape", None)
    require(isinstance(shape, tuple) and len(shape) == 2, kind, "_fit_X", "must be a table")
    require(shape[1] == fields.get("n_features_in_"), kind, "n_features_in_", "must be that of the data")
    require(fields.get("n_samples_fit_") == shape[0], kind, "n_samples_fit_", "must be that of the data")
    if tree is not None:
        path = (type(tree).__module__, type(tree).__name__)
        require(path in TREES, kind, "_tree", "must be a tree of points")
        require(tree.data.shape == shape, kind, "_tree", "must be of the data")
    if "_y" in fields and "classes_" in fields:
        require_labels(fields, shape[0], kind)


TREES = (
    ("sklearn.neighbors._kd_tree", "KDTree"),
    ("sklearn.neighbors._ball_tree", "BallTree"),
    ("sklearn.neighbors._kd_tree", "KDTree64"),
    ("sklearn.neighbors._ball_tree", "BallTree64"),
)


def require_labels(fields: dict[str, Any], samples: int, kind: str) -> None:
    labels, classes = fields["_y"], fields["classes_"]
    require_array(labels, kind, "_y", dtype="iu")
    require(len(labels) == samples, kind, "_y", f"must have {samples} items")
    several = type(classes) is list
    sizes = [len(each) for each in (classes if several else [classes]) if is_array(each)]
    require(sizes and (labels.ndim == 2) == several, kind, "classes_", "must be arrays")
    require_within(labels, 0, min(sizes), kind, "_y") if not several else require_each(labels, sizes, kind)


def require_each(labels: Any, sizes: list[int], kind: str) -> None:
    require(labels.shape[1] == len(sizes), kind, "classes_", "must be as many as the outputs")
    for column, size in zip(labels.T, sizes, strict=True):
        require_within(column, 0, size, kind, "_y")


def restore_density(obj: Any, state: Any) -> None:
    """KernelDensity: its tree was made of data with the features that it will be given."""
    kind = "sklearn.neighbors.KernelDensity"
    restore_once(obj, state, kind)
    tree = vars(obj).get("tree_")
    if tree is not None:
        require((type(tree).__module__, type(tree).__name__) in TREES, kind, "tree_", "must be a tree of points")
        same = tree.data.shape[1] == vars(obj).get("n_features_in_")
        require(same, kind, "n_features_in_", "must be that of its tree")
