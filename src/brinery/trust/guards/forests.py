"""scikit-learn's trees, and what is made of them: nodes that others must lie after, features that there are."""

from __future__ import annotations

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
from brinery.trust.guards.nodes import require_nodes

TREE = "sklearn.tree.Tree"
MOST_OUTPUTS = 1 << 20
NODE_FIELDS = ("left_child", "right_child", "feature", None)


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
    require(is_count(depth), TREE, "max_depth", "must be a number")
    height = require_nodes(nodes, NODE_FIELDS, obj.n_features, TREE)
    require(height <= depth, TREE, "max_depth", "must not be less than the depth there is")
    obj.__setstate__(state)


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
