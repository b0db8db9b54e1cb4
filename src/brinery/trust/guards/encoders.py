"""scikit-learn's encoders, which build sparse matrices of indexes that nothing checks again."""

from __future__ import annotations

from typing import Any

from brinery.trust.guards.checking import (
    is_array,
    is_count,
    is_whole,
    own_dict,
    own_list,
    refuse,
    require,
    require_array,
    restore_once,
)


def restore_vectorizer(obj: Any, state: Any) -> None:
    """A vocabulary numbers the columns from 0 on."""
    kind = f"sklearn.{type(obj).__name__}"
    restore_once(obj, state, kind)
    if "vocabulary_" not in vars(obj):
        return
    columns = own_dict(obj, "vocabulary_", kind).values()
    require(all(map(is_whole, columns)), kind, "vocabulary_", "must be numbers")
    if columns and (min(columns) < 0 or max(columns) >= len(columns)):
        refuse(kind, "vocabulary_", f"must be numbers below {len(columns)}")


def restore_hasher(obj: Any, state: Any) -> None:
    """Hashes are taken modulo the number of features."""
    kind = f"sklearn.{type(obj).__name__}"
    restore_once(obj, state, kind)
    count = vars(obj).get("n_features")
    require(is_count(count) and 0 < int(count) < 2**31, kind, "n_features", "must be a number from 1 on")


def restore_labels(obj: Any, state: Any) -> None:
    """MultiLabelBinarizer, which makes its index of the classes again when there is none."""
    restore_once(obj, state, "sklearn.MultiLabelBinarizer")
    if "_cached_dict" in vars(obj):
        obj._cached_dict = None


ONE_HOT = "sklearn.OneHotEncoder"


def restore_one_hot(obj: Any, state: Any) -> None:
    """As many columns for each feature as it has categories, less the one that is dropped."""
    restore_once(obj, state, ONE_HOT)
    fields = vars(obj)
    if "categories_" not in fields or "_n_features_outs" not in fields:
        return
    categories = own_list(obj, "categories_", ONE_HOT)
    columns = own_list(obj, "_n_features_outs", ONE_HOT)
    require(len(categories) == len(columns), ONE_HOT, "_n_features_outs", "must be as many as the features")
    mappings = own_list(obj, "_default_to_infrequent_mappings", ONE_HOT) if fields.get("_infrequent_enabled") else None
    require(mappings is None or len(mappings) == len(columns), ONE_HOT, "mappings", "must be as many as the features")
    dropped = dropped_of(fields, len(categories))
    for index, (values, count) in enumerate(zip(categories, columns, strict=True)):
        require_array(values, ONE_HOT, "categories_", ndim=1)
        known = len(values) if mappings is None or mappings[index] is None else most(mappings[index], len(values))
        require(
            is_whole(count) and count >= known - dropped[index], ONE_HOT, "_n_features_outs", "must hold its categories"
        )


def most(mapping: Any, count: int) -> int:
    require_array(mapping, ONE_HOT, "mappings", ndim=1, dtype="iu")
    require(len(mapping) == count, ONE_HOT, "mappings", "must be as many as the categories")
    require(not count or mapping.min() >= 0, ONE_HOT, "mappings", "must not be negative")
    return int(mapping.max()) + 1 if count else 0


def dropped_of(fields: dict[str, Any], features: int) -> list[int]:
    """How many categories of each feature are dropped."""
    dropped = fields.get("_drop_idx_after_grouping", fields.get("drop_idx_"))
    if dropped is None:
        return [0] * features
    require(is_array(dropped) and dropped.shape == (features,), ONE_HOT, "drop_idx_", "must be one of each feature")
    return [0 if each is None else 1 for each in dropped]
