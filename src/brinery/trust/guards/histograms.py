"""scikit-learn's gradient boosting by histograms."""

from __future__ import annotations

import functools
import sys
from typing import Any

from brinery.trust.guards.checking import (
    is_array,
    is_count,
    is_of,
    own_list,
    require,
    require_array,
    require_fields,
    restore_once,
)
from brinery.trust.guards.nodes import require_nodes

PREDICTOR = "sklearn.HistGradientBoosting.TreePredictor"
BOOSTING = "sklearn.HistGradientBoosting"
NODE_FIELDS = ("left", "right", "feature_idx", "is_leaf")
BITSET_WORDS = 8
BITSET_BITS = 256


def restore_predictor(obj: Any, state: Any) -> None:
    """A tree as an array: children lie after their parents, and rows of bits are there."""
    fields = ("nodes", "binned_left_cat_bitsets", "raw_left_cat_bitsets")
    nodes, binned, raw = require_fields(state, fields, PREDICTOR)
    require_array(nodes, PREDICTOR, "nodes", ndim=1, dtype="V")
    categories = {"bitset_idx", "is_categorical"} <= set(nodes.dtype.names or ())
    require(len(nodes) > 0 and categories, PREDICTOR, "nodes", "must be nodes")
    for bits, name in ((binned, fields[1]), (raw, fields[2])):
        require_array(bits, PREDICTOR, name, ndim=2, dtype="u")
        require(bits.shape[1] == BITSET_WORDS, PREDICTOR, name, f"must have {BITSET_WORDS} columns")
    require_nodes(nodes, NODE_FIELDS, sys.maxsize, PREDICTOR)
    if nodes["is_categorical"].any():
        rows = nodes["bitset_idx"][chosen_by_category(nodes)]
        known = not rows.size or rows.max() < min(len(binned), len(raw))
        require(known, PREDICTOR, "bitset_idx", "must be a row of the bits")
    restore_once(obj, state, PREDICTOR)


def restore_boosting(obj: Any, state: Any) -> None:
    restore_once(obj, state, BOOSTING)
    if "_predictors" not in vars(obj):
        return
    require(is_of(vars(obj).get("_bin_mapper"), MAPPER), BOOSTING, "_bin_mapper", "must be a bin mapper")
    categorical = require_mapper(obj._bin_mapper)
    columns = min(obj.n_features_in_, obj._n_features, len(categorical))
    if vars(obj).get("_preprocessor") is not None:
        require_preprocessor(obj._preprocessor, obj._n_features)
    rounds = own_list(obj, "_predictors", BOOSTING)
    for index, each in enumerate(rounds):
        require(type(each) is list, BOOSTING, "_predictors", "must be a list of lists")
        rounds[index] = list(each)
        for predictor in rounds[index]:
            require_predictor(predictor, columns, categorical)


MAPPER = "sklearn.ensemble._hist_gradient_boosting.binning._BinMapper"
PREDICTOR_CLASS = "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor"


def require_mapper(mapper: Any) -> Any:
    """Which features are categories; their values have a bit each."""
    categorical = vars(mapper).get("is_categorical_")
    require_array(categorical, BOOSTING, "is_categorical_", ndim=1)
    thresholds = own_list(mapper, "bin_thresholds_", BOOSTING)
    require(len(thresholds) == len(categorical), BOOSTING, "bin_thresholds_", "must be as many as the features")
    for index in categorical.nonzero()[0]:
        values = thresholds[index]
        require_array(values, BOOSTING, "bin_thresholds_", ndim=1, dtype="fiu")
        known = not values.size or (values.min() >= 0 and values.max() < BITSET_BITS)
        require(known, BOOSTING, "bin_thresholds_", f"must be categories below {BITSET_BITS}")
    return categorical


def require_predictor(predictor: Any, columns: int, categorical: Any) -> None:
    require(is_of(predictor, PREDICTOR_CLASS) and "nodes" in vars(predictor), BOOSTING, "_predictors", "must be trees")
    nodes = predictor.nodes
    require_nodes(nodes, NODE_FIELDS, columns, BOOSTING)
    if nodes["is_categorical"].any():
        used = nodes["feature_idx"][chosen_by_category(nodes)]
        require(categorical[used].all(), BOOSTING, "is_categorical", "must be features of categories")


def chosen_by_category(nodes: Any) -> Any:
    return (nodes["is_leaf"] == 0) & (nodes["is_categorical"] != 0)


def restore_mapper(obj: Any, state: Any) -> None:
    restore_once(obj, state, BOOSTING)


def require_preprocessor(preprocessor: Any, n_features: Any) -> None:
    """What puts the categories in front: it must give as many columns as it is given."""
    kind = "sklearn.compose._column_transformer.ColumnTransformer"
    require(is_of(preprocessor, kind), BOOSTING, "_preprocessor", "must be a column transformer")
    steps = own_list(preprocessor, "transformers_", BOOSTING)
    columns = 0
    for step in steps:
        require(type(step) is tuple and len(step) == 3, BOOSTING, "_preprocessor", "must be steps of three")
        if isinstance(step[1], str) and step[1] == "drop":
            continue
        require(is_of(step[1], *STEPS), BOOSTING, "_preprocessor", "must encode, or check")
        require_checking(vars(step[1]).get("func"))
        columns += width(step[2], n_features)
    require(columns == n_features, BOOSTING, "_preprocessor", f"must give {n_features} columns")
    for name in ("sparse_output_", "transformer_weights"):
        require(not vars(preprocessor).get(name), BOOSTING, "_preprocessor", f"must not have {name}")


STEPS = (
    "sklearn.preprocessing._encoders.OrdinalEncoder",
    "sklearn.preprocessing._function_transformer.FunctionTransformer",
)


def require_checking(function: Any) -> None:
    """What lets data pass, or refuses it."""
    known = function is None or (type(function) is functools.partial and function.func.__name__ == "check_array")
    require(known, BOOSTING, "_preprocessor", "must call nothing but check_array")


def width(columns: Any, n_features: int) -> int:
    """How many columns a step takes."""
    if is_array(columns) and columns.dtype.kind == "b":
        require(columns.shape == (n_features,), BOOSTING, "_preprocessor", "must choose among the features")
        return int(columns.sum())
    if isinstance(columns, slice):
        return len(range(*columns.indices(n_features)))
    known = is_array(columns) or (type(columns) is list and all(is_count(each) for each in columns))
    require(known, BOOSTING, "_preprocessor", "must choose columns by their numbers")
    return len(columns)
