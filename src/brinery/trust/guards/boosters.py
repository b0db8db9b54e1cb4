"""xgboost's and lightgbm's models: trees in a format of their own, whose indexes are believed when they predict."""

from __future__ import annotations

import itertools
import sys
from typing import Any

from brinery.trust.guards.checking import fields_of, refuse, require, restore_attributes
from brinery.trust.guards.ubjson import Reader

XGBOOST = "xgboost.Booster"
LIGHTGBM = "lightgbm.Booster"
LEAF = -1


def restore_xgboost(obj: Any, state: Any) -> None:
    """A booster: its snapshot is read here before C++ does."""
    fields = fields_of(state, XGBOOST)
    require(not vars(obj), XGBOOST, "the state", "must not be restored twice")
    snapshot = fields.get("handle")
    if snapshot is not None:
        require(type(snapshot) is bytearray, XGBOOST, "handle", "must be a bytearray")
        try:
            model = Reader(snapshot).read()
            require_model(model["Model"]["learner"])
        except (ValueError, KeyError, TypeError, AttributeError, IndexError, UnicodeDecodeError) as error:
            refuse(XGBOOST, "handle", f"is no snapshot of a model: {error!r}")
    restore_attributes(obj, dict(fields))


def require_model(learner: dict[str, Any]) -> None:
    booster = learner["gradient_booster"]
    features = int(learner["learner_model_param"]["num_feature"])
    if booster["name"] == "dart":
        weights, booster = booster["weight_drop"], booster["gbtree"]
        require(len(weights) == len(booster["model"]["trees"]), XGBOOST, "weight_drop", "must be as many as the trees")
    require(booster["name"] == "gbtree", XGBOOST, "gradient_booster", "must be of trees")
    model = booster["model"]
    trees, groups = model["trees"], model["tree_info"]
    classes = max(int(learner["learner_model_param"]["num_class"]), 1)
    targets = max(int(learner["learner_model_param"].get("num_target", "1")), 1)
    count = int(model["gbtree_model_param"]["num_trees"])
    require(count == len(trees) == len(groups), XGBOOST, "num_trees", f"must be {len(trees)}")
    known = not len(groups) or (min(groups) >= 0 and max(groups) < max(classes, targets))
    require(known, XGBOOST, "tree_info", "must be one of the classes")
    rounds = model.get("iteration_indptr")
    if rounds is not None:
        ascends = all(a <= b for a, b in itertools.pairwise(rounds))
        known = len(rounds) > 0 and rounds[0] == 0 and rounds[-1] == count
        require(ascends and known, XGBOOST, "iteration_indptr", "must ascend to the number of trees")
    for tree in trees:
        require_tree(tree, features, max(classes, targets))


NODES = ("left_children", "right_children", "split_indices", "split_conditions", "default_left", "loss_changes")


def require_tree(tree: dict[str, Any], features: int, outputs: int) -> None:
    count = int(tree["tree_param"]["num_nodes"])
    width = int(tree["tree_param"].get("size_leaf_vector", "1"))
    require(count > 0 and 0 <= width <= outputs, XGBOOST, "num_nodes", "must be one or more")
    for name in NODES:
        if name in tree:
            require(len(tree[name]) == count, XGBOOST, name, f"must be of {count} nodes")
    numpy = sys.modules["numpy"]
    left, right = (numpy.asarray(tree[name], dtype="i8") for name in NODES[:2])
    inner = (left != LEAF).nonzero()[0]
    require_reached_once(numpy, left, right, count)
    split = numpy.asarray(tree["split_indices"], dtype="i8")[inner]
    known = not split.size or (split.min() >= 0 and split.max() < features)
    require(known, XGBOOST, "split_indices", f"must be one of {features} features")
    require_categories(numpy, tree, count)


def require_reached_once(numpy: Any, left: Any, right: Any, count: int) -> None:
    """From the root on, every node is met once: no circles, and none out of range."""
    level = numpy.zeros(1, dtype="i8")
    seen = 0
    while level.size:
        seen += level.size
        require(seen <= count, XGBOOST, "children", "must not come back to a node")
        level = level[left[level] != LEAF]
        level = numpy.concatenate([left[level], right[level]])
        known = not level.size or (level.min() > 0 and level.max() < count)
        require(known, XGBOOST, "children", f"must lie below {count}")


def require_categories(numpy: Any, tree: dict[str, Any], count: int) -> None:
    categories = tree.get("categories", ())
    parts = [numpy.asarray(tree.get(f"categories_{name}", ()), dtype="i8") for name in ("nodes", "segments", "sizes")]
    nodes, segments, sizes = parts
    require(len(nodes) == len(segments) == len(sizes), XGBOOST, "categories", "must be as many as their nodes")
    if len(nodes):
        within = segments.min() >= 0 and sizes.min() >= 0 and (segments + sizes).max() <= len(categories)
        require(within, XGBOOST, "categories_segments", "must lie within the categories")
        require(nodes.min() >= 0 and nodes.max() < count, XGBOOST, "categories_nodes", f"must lie below {count}")
    if len(categories):
        values = numpy.asarray(categories, dtype="i8")
        require(values.min() >= 0 and values.max() < 2**24, XGBOOST, "categories", "must be small numbers")
    kinds = numpy.asarray(tree.get("split_type", ()), dtype="i8")
    listed = set((kinds == 1).nonzero()[0].tolist()) == set(nodes.tolist()) if len(kinds) else not len(nodes)
    require(listed, XGBOOST, "split_type", "must tell which nodes have categories")


# --- lightgbm ---------------------------------------------------------------------------------------------------------


def restore_lightgbm(obj: Any, state: Any) -> None:
    """A booster: its text is read here before C++ does."""
    fields = fields_of(state, LIGHTGBM)
    require(not vars(obj), LIGHTGBM, "the state", "must not be restored twice")
    text = fields.get("_handle", fields.get("handle"))
    require(text is None or isinstance(text, str), LIGHTGBM, "_handle", "must be text")
    require(not fields.get("_network"), LIGHTGBM, "_network", "must be False")
    require(fields.get("_Booster__init_predictor") is None, LIGHTGBM, "init_predictor", "must be None")
    if text is not None:
        try:
            require_text(text)
        except (ValueError, KeyError, IndexError) as error:
            refuse(LIGHTGBM, "_handle", f"is no model: {error!r}")
    restore_attributes(obj, dict(fields))


def require_text(text: str) -> None:
    head, *trees = text.partition("\nend of trees")[0].split("\nTree=")
    header = settings_of(head)
    features = int(header["max_feature_idx"]) + 1
    classes = int(header["num_tree_per_iteration"])
    require(0 < classes < 1 << 20 and int(header["num_class"]) > 0, LIGHTGBM, "num_class", "must be one or more")
    require(len(header["feature_names"].split()) == features, LIGHTGBM, "feature_names", f"must be {features}")
    require(len(trees) % classes == 0, LIGHTGBM, "trees", "must be as many for each class")
    sizes = header.get("tree_sizes")
    require(sizes is None or len(sizes.split()) == len(trees), LIGHTGBM, "tree_sizes", f"must be {len(trees)}")
    if sizes is not None:
        require_sizes(text, [int(each) for each in sizes.split()])
    for tree in trees:
        require_leaves(settings_of(tree), features)


def require_sizes(text: str, sizes: list[int]) -> None:
    """Each tree begins where the sizes of those before say: the model is read by them, on several threads."""
    content = text.encode()
    at = content.find(b"Tree=0\n") if sizes else 0
    for index, size in enumerate(sizes):
        require(
            content.startswith(b"Tree=%d\n" % index, at) and size > 0,
            LIGHTGBM,
            "tree_sizes",
            "must be those of the trees",
        )
        at += size


def settings_of(text: str) -> dict[str, str]:
    pairs = (line.split("=", 1) for line in text.splitlines() if "=" in line)
    return dict(pairs)


SPLITS = ("split_feature", "threshold", "decision_type", "left_child", "right_child")


def require_leaves(tree: dict[str, str], features: int) -> None:
    leaves = int(tree["num_leaves"])
    require(leaves > 0, LIGHTGBM, "num_leaves", "must be one or more")
    require(len(tree["leaf_value"].split()) == leaves, LIGHTGBM, "leaf_value", f"must be {leaves}")
    require(tree.get("is_linear", "0") == "0", LIGHTGBM, "is_linear", "must be 0")
    if leaves == 1:
        return
    for name in SPLITS:
        require(len(tree[name].split()) == leaves - 1, LIGHTGBM, name, f"must be {leaves - 1}")
    split, kinds, left, right = (
        [int(each) for each in tree[name].split()]
        for name in ("split_feature", "decision_type", "left_child", "right_child")
    )
    require(min(split) >= 0 and max(split) < features, LIGHTGBM, "split_feature", f"must be one of {features}")
    for index, children in enumerate(zip(left, right, strict=True)):
        for child in children:
            known = index < child < leaves - 1 if child >= 0 else ~child < leaves
            require(known, LIGHTGBM, "children", "must be a later node, or a leaf")
    require_bits(tree, kinds, [float(each) for each in tree["threshold"].split()])


def require_bits(tree: dict[str, str], kinds: list[int], thresholds: list[float]) -> None:
    """Splits by category have bits, between two boundaries that the threshold numbers."""
    count = int(tree["num_cat"])
    used = [int(threshold) for kind, threshold in zip(kinds, thresholds, strict=True) if kind & 1]
    if not count:
        require(not used, LIGHTGBM, "num_cat", "must be as many as there are")
        return
    bounds = [int(each) for each in tree["cat_boundaries"].split()]
    bits = tree["cat_threshold"].split()
    require(len(bounds) == count + 1 and bounds[0] == 0, LIGHTGBM, "cat_boundaries", f"must be {count + 1}")
    require(bounds == sorted(bounds) and bounds[-1] == len(bits), LIGHTGBM, "cat_boundaries", "must ascend")
    require(all(0 <= each < count for each in used), LIGHTGBM, "threshold", f"must be one of {count} sets")
