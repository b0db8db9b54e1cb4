"""scikit-learn's trees, and what is made of them: nodes that others must lie after, features that there are."""

from __future__ import annotations

import sys
from typing import Any

from brinery.trust.guards.checking import (
    is_array,
    is_count,
    is_of,
    own_list,
    refuse,
    require,
    require_array,
    require_fields,
    restore_once,
)

TREE = "sklearn.tree.Tree"
LEAF = -1
MOST_OUTPUTS = 1 << 20


def make_tree(cls: Any, n_features: Any, n_classes: Any, n_outputs: Any) -> Any:
    """A tree without nodes; it copies as many numbers of classes as it is told there are outputs."""
    require(is_count(n_features), TREE, "n_features", "must be a number")
    require(is_count(n_outputs) and 0 < n_outputs < MOST_OUTPUTS, TREE, "n_outputs", "must be a number from 1 on")
    require_array(n_classes, TREE, "n_classes", ndim=1, dtype="iu")
    require(
        len(n_classes) == n_outputs and min(n_classes.tolist()) > 0, TREE, "n_classes", f"must be {n_outputs} numbers"
    )
    return cls(n_features, n_classes, n_outputs)


def restore_tree(obj: Any, state: Any) -> None:
    """A tree in C: children lie after their parents, so that there are no circles and no nodes out of range."""
    depth, count, nodes, values = require_fields(state, ("max_depth", "node_count", "nodes", "values"), TREE)
    require(obj.node_count == 0, TREE, "the state", "must not be restored twice")
    require_array(nodes, TREE, "nodes", ndim=1, dtype="V")
    require_array(values, TREE, "values", ndim=3, dtype="f")
    require(is_count(count) and count == len(nodes) > 0, TREE, "node_count", "must be as many as the nodes")
    require(len(values) == count, TREE, "values", "must be of as many nodes")
    require("left_child" in (nodes.dtype.names or ()), TREE, "nodes", "must have children")
    require(is_count(depth), TREE, "max_depth", "must be a number")
    require_nodes(nodes, obj.n_features, int(depth))
    obj.__setstate__(state)


# Up to as many nodes, one look at each in Python is faster than NumPy's looks at all of them.
SMALL = 256


def require_nodes(nodes: Any, n_features: int, depth: int) -> None:
    if len(nodes) <= SMALL:
        require_few_nodes(nodes, n_features, depth)
    else:
        require_many_nodes(nodes, n_features, depth)


def require_few_nodes(nodes: Any, n_features: int, depth: int) -> None:
    count = len(nodes)
    depths = [0] * count
    columns = nodes["left_child"].tolist(), nodes["right_child"].tolist(), nodes["feature"].tolist()
    for node, (left, right, feature) in enumerate(zip(*columns, strict=True)):
        if left == LEAF:
            continue
        if not (node < left < count and node < right < count):
            refuse(TREE, "children", f"must lie after their parents, and below {count}")
        if not 0 <= feature < n_features:
            refuse(TREE, "feature", f"must lie within {n_features}")
        depths[left] = depths[right] = depths[node] + 1
    require(max(depths) <= depth, TREE, "max_depth", "must not be less than the depth there is")


def require_many_nodes(nodes: Any, n_features: int, depth: int) -> None:
    left, right = nodes["left_child"], nodes["right_child"]
    inner = (left != LEAF).nonzero()[0]
    if not inner.size:
        return
    left, right, feature = left[inner], right[inner], nodes["feature"][inner]
    count = len(nodes)
    require(((left > inner) & (right > inner)).all(), TREE, "children", "must lie after their parents")
    require(left.max() < count and right.max() < count, TREE, "children", "must be nodes")
    require(feature.min() >= 0 and feature.max() < n_features, TREE, "feature", "must be one of the features")
    parents = sys.modules["numpy"].full(count, -1)
    parents[left] = parents[right] = inner
    require(height(parents) <= depth, TREE, "max_depth", "must not be less than the depth there is")


def height(parents: Any) -> int:
    """The depth of a tree by the indexes of the parents: each step looks twice as far up as the one before."""
    steps = (parents >= 0).astype(parents.dtype)
    ancestors = parents.copy()
    while True:
        deep = (ancestors >= 0).nonzero()[0]
        if not deep.size:
            return int(steps.max())
        above = ancestors[deep]
        steps[deep] += steps[above]
        ancestors[deep] = ancestors[above]


def restore_decision_tree(obj: Any, state: Any) -> None:
    kind = f"sklearn.tree.{type(obj).__name__}"
    restore_once(obj, state, kind)
    if "tree_" not in vars(obj):
        return
    require(is_of(obj.tree_, "sklearn.tree._tree.Tree"), kind, "tree_", "must be a tree")
    require(obj.tree_.node_count > 0, kind, "tree_", "has no nodes")
    require(obj.tree_.n_features == vars(obj).get("n_features_in_"), kind, "n_features_in_", "must be that of its tree")


def restore_forest(obj: Any, state: Any) -> None:
    """What asks its trees without letting them check the data again."""
    kind = f"sklearn.ensemble.{type(obj).__name__}"
    restore_once(obj, state, kind)
    if "estimators_" not in vars(obj):
        return
    for tree in own_list(obj, "estimators_", kind):
        require_tree(tree, obj.n_features_in_, kind)


def require_tree(tree: Any, n_features: Any, kind: str) -> None:
    """A decision tree that has been restored, of the features that it will be given."""
    found = vars(tree).get("tree_") if type(tree).__module__ == "sklearn.tree._classes" else None
    if found is None:
        refuse(kind, "estimators_", "must be decision trees")
    if found.n_features != n_features:
        refuse(kind, "n_features_in_", f"must be {found.n_features}, as in its trees")


def restore_isolation_forest(obj: Any, state: Any) -> None:
    """Each tree sees the features that are listed for it."""
    kind = "sklearn.ensemble.IsolationForest"
    restore_once(obj, state, kind)
    if "estimators_" not in vars(obj):
        return
    trees = own_list(obj, "estimators_", kind)
    features = own_list(obj, "estimators_features_", kind)
    require(len(trees) == len(features), kind, "estimators_features_", "must be as many as its trees")
    everything = obj._max_features == obj.n_features_in_
    for tree, own in zip(trees, features, strict=True):
        require_array(own, kind, "estimators_features_", ndim=1, dtype="iu")
        require_tree(tree, obj.n_features_in_ if everything else len(own), kind)


# --- gradient boosting ------------------------------------------------------------------------------------------------

BOOSTING = "sklearn.ensemble.GradientBoosting"


def restore_boosting(obj: Any, state: Any) -> None:
    """The trees add to an array of as many rows and columns as the first guess and the loss make it."""
    restore_once(obj, state, BOOSTING)
    if "estimators_" not in vars(obj):
        return
    require_array(obj.estimators_, BOOSTING, "estimators_", ndim=2, dtype="O")
    for tree in obj.estimators_.flat:
        require_tree(tree, obj.n_features_in_, BOOSTING)
        require(tree.tree_.n_outputs == 1 and tree.tree_.max_n_classes == 1, BOOSTING, "estimators_", "must regress")
    columns = obj.estimators_.shape[1]
    multiclass = is_of(vars(obj).get("_loss"), "sklearn._loss.loss.HalfMultinomialLoss")
    if multiclass:
        require(obj._loss.n_classes == columns, BOOSTING, "_loss", f"must be of {columns} classes")
    else:
        require(columns == 1, BOOSTING, "estimators_", "must have one column")
    require(obj.n_trees_per_iteration_ == columns, BOOSTING, "n_trees_per_iteration_", f"must be {columns}")
    require_first_guess(obj.init_, columns if multiclass else 0)


def require_first_guess(init: Any, classes: int) -> None:
    if isinstance(init, str):
        require(init == "zero", BOOSTING, "init_", "must be 'zero', or a dummy estimator")
        return
    require(is_of(init, *DUMMIES), BOOSTING, "init_", "must be 'zero', or a dummy estimator")
    fields = vars(init)
    require(
        type(fields.get("n_outputs_")) is int and fields["n_outputs_"] == 1, BOOSTING, "init_", "must have one output"
    )
    if "class_prior_" in fields:
        prior = fields["class_prior_"]
        known = is_array(prior) and prior.ndim == 1 and (len(prior) == classes if classes else len(prior) == 2)
        require(known and not fields.get("sparse_output_"), BOOSTING, "init_", "must be of as many classes")
    else:
        constant = fields.get("constant_")
        require(not classes, BOOSTING, "init_", "must be of classes")
        require(is_array(constant) and constant.size == 1, BOOSTING, "init_", "must be one constant")


DUMMIES = ("sklearn.dummy.DummyClassifier", "sklearn.dummy.DummyRegressor")
