"""scikit-learn's support vector machines: libsvm takes all sizes from one of its arrays."""

from __future__ import annotations

from typing import Any

from brinery.trust.guards.checking import require, require_array, restore_once

ARRAYS = ("support_", "_n_support", "_intercept_", "_probA", "_probB")


def restore(obj: Any, state: Any) -> None:
    kind = f"sklearn.svm.{type(obj).__name__}"
    restore_once(obj, state, kind)
    fields = vars(obj)
    if "support_vectors_" not in fields:
        return
    for name in ARRAYS:
        require_array(fields.get(name), kind, name, ndim=1)
    require(not callable(fields.get("kernel")), kind, "kernel", "must not be a function")
    vectors, weights = fields["support_vectors_"], fields["_dual_coef_"]
    sparse = bool(fields.get("_sparse"))
    require(
        hasattr(vectors, "indptr") == hasattr(weights, "indptr") == sparse, kind, "_sparse", "must tell what they are"
    )
    if not sparse:
        require_array(vectors, kind, "support_vectors_", ndim=2, dtype="f")
        require_array(weights, kind, "_dual_coef_", ndim=2, dtype="f")
    require_sizes(fields, kind)


def require_sizes(fields: dict[str, Any], kind: str) -> None:
    counts, vectors, weights = fields["_n_support"], fields["support_vectors_"], fields["_dual_coef_"]
    regresses = kind.endswith(("SVR", "OneClassSVM"))
    classes = 2 if regresses else len(counts)
    pairs = classes * (classes - 1) // 2
    if regresses:  # the second number is none, or nothing that libsvm reads
        require(1 <= len(counts) <= 2, kind, "_n_support", "must be of one class")
        counts = counts[:1]
    total = int(counts.sum())
    precomputed = fields.get("kernel") == "precomputed"
    found = len(fields["support_"])
    require(
        classes >= 2 and len(counts) > 0 and (counts >= 0).all(),
        kind,
        "_n_support",
        "must be numbers of two classes or more",
    )
    require(total == found, kind, "_n_support", f"must be of {found} vectors")
    require(weights.shape == (classes - 1, found), kind, "_dual_coef_", f"must be {classes - 1} times {found}")
    require(len(fields["_intercept_"]) == pairs, kind, "_intercept_", f"must be {pairs}")
    # A spread of one number is what regression keeps of its noise.
    for name in ("_probA", "_probB"):
        require(len(fields[name]) in {0, pairs}, kind, name, f"must be none or {pairs}")
    require(len(fields["_probA"]) >= len(fields["_probB"]), kind, "_probB", "must not be more than _probA")
    if precomputed:
        within = not found or (fields["support_"].min() >= 0 and fields["support_"].max() < fields["shape_fit_"][0])
        require(within, kind, "support_", "must be among the samples")
    else:
        require(vectors.shape[0] == found, kind, "support_vectors_", f"must be {found}")
        require(vectors.shape[1] == fields["n_features_in_"], kind, "n_features_in_", "must be that of the vectors")
    require(
        not fields.get("_effective_probability") or len(fields["_probA"]) == pairs, kind, "_probA", f"must be {pairs}"
    )
