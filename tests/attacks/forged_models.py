"""State that Cython code takes as it is: scikit-learn's trees and machines, pandas' blocks and codes, Arrow's buffers, torch's storages."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

from tests.attacks import sources
from tests.attacks.case import Family, Marker
from tests.attacks.forged_arrays import changed

CASES = Family("forged models")


def points() -> tuple[Any, Any]:
    import numpy

    x = numpy.arange(80.0).reshape(40, 2) % 7
    return x, (x.sum(1) > 6).astype(int)


class Planted:
    """Pickles as what another object pickles as, with parts of that replaced: an honest owner of a forged part."""

    def __init__(self, owner: Any, part: Any, change: Callable[[Any], Any]) -> None:
        self.owner, self.part, self.change = owner, part, change

    def data(self) -> bytes:
        import copyreg
        import io

        function, args, state, *_ = self.part.__reduce__()
        file = io.BytesIO()
        pickler = pickle.Pickler(file, 4)
        pickler.dispatch_table = copyreg.dispatch_table.copy()
        pickler.dispatch_table[type(self.part)] = lambda each: (
            (function, args, self.change(state)) if each is self.part else each.__reduce__()
        )
        pickler.dump(self.owner)
        return file.getvalue()


def tree_with(**fields: int) -> Callable[[Marker], bytes]:
    """A decision tree whose root is changed."""

    def build(marker: Marker) -> bytes:
        from sklearn.tree import DecisionTreeClassifier

        model = DecisionTreeClassifier(random_state=0).fit(*points())

        def change(state: dict[str, Any]) -> dict[str, Any]:
            nodes = state["nodes"].copy()
            for key, value in fields.items():
                nodes[key][0] = value
            return {**state, "nodes": nodes}

        return Planted(model, model.tree_, change).data()

    return build


def predictor_with(key: str, value: int) -> Callable[[Marker], bytes]:
    """The root of a tree of gradient boosting by histograms."""

    def build(marker: Marker) -> bytes:
        from sklearn.ensemble import HistGradientBoostingClassifier

        model = HistGradientBoostingClassifier(max_iter=1, min_samples_leaf=2).fit(*points())
        model._predictors[0][0].nodes[key][0] = value
        return pickle.dumps(model, 4)

    return build


def neighbours(kind: str) -> Callable[[Marker], bytes]:
    def build(marker: Marker) -> bytes:
        import sklearn.neighbors

        def change(state: tuple[Any, ...]) -> tuple[Any, ...]:
            indices = state[1].copy()
            indices[:] = 1 << 40
            return (state[0], indices, *state[2:])

        return changed(getattr(sklearn.neighbors, kind)(points()[0], leaf_size=4), change)

    return build


def neighbour_nodes(marker: Marker) -> bytes:
    import sklearn.neighbors

    def change(state: tuple[Any, ...]) -> tuple[Any, ...]:
        nodes = state[2].copy()
        nodes["idx_start"] = 1 << 40
        nodes["idx_end"] = (1 << 40) + 5
        nodes["is_leaf"] = 1
        return (*state[:2], nodes, *state[3:])

    return changed(sklearn.neighbors.KDTree(points()[0], leaf_size=4), change)


def machine(marker: Marker) -> bytes:
    """A support vector machine that has support vectors for two classes, and counts for thousands."""
    import numpy
    from sklearn.svm import SVC

    model = SVC().fit(*points())
    model._n_support = numpy.array([len(model.support_)] + [0] * 5000, "i4")
    return pickle.dumps(model, 4)


def multi_index(marker: Marker) -> bytes:
    import pandas

    made = pandas.MultiIndex.from_product([["a", "b"], [1, 2]])
    function, (kind, state), *_ = made.__reduce__()
    codes = [[127] * 4, list(made.codes[1])]
    return pickle.dumps(Reduced(function, (kind, {**state, "codes": codes})), 4)


def categorical(marker: Marker) -> bytes:
    """A series of categories whose codes name none."""
    import numpy
    import pandas

    made = pandas.Series(["a", "b"] * 20, dtype="category")

    def change(state: Any) -> Any:
        return (state[0], numpy.full(40, 127, "i1"), *state[2:])

    return Planted(made, made._values, change).data()


def block_placement(marker: Marker) -> bytes:
    """A block of a table says that it lies at columns that the table does not have."""
    import copyreg

    import numpy
    import pandas
    from pandas._libs.internals import _unpickle_block

    frame = pandas.DataFrame({"a": [1.0, 2.0], "b": [3.0, 4.0]})
    block = Reduced(_unpickle_block, (numpy.ones((2, 2)), slice(1 << 28, (1 << 28) + 2, 1), 2))
    function, args, *_ = frame._mgr.__reduce__()
    manager = Reduced(function, ((block,), list(args[1]), *args[2:]))
    return pickle.dumps(
        Reduced(copyreg._reconstructor, (pandas.DataFrame, object, None), {**frame.__getstate__(), "_mgr": manager}), 2
    )


class Reduced:
    """Pickles as a call, and a state if there is one."""

    def __init__(self, function: Any, args: tuple[Any, ...], *state: Any) -> None:
        self.reduced = (function, args, *state)

    def __reduce__(self) -> tuple[Any, ...]:
        return self.reduced


def arrow_offsets(marker: Marker) -> bytes:
    """The offsets of an array of texts point far behind the buffer of their letters."""
    import struct

    import pyarrow

    made = pyarrow.array(["a", "b"])
    function, args = made.__reduce__()
    parts = list(args[0])
    buffers = list(parts[4])
    buffers[1] = pyarrow.py_buffer(struct.pack("<3i", 1 << 30, (1 << 30) + 1, (1 << 30) + 2))
    parts[4] = buffers
    return pickle.dumps(Reduced(function, (tuple(parts),)), 4)


def tensor(marker: Marker) -> bytes:
    """A tensor's sizes reach far beyond its storage, which its bytes hold."""
    import torch

    made = torch.arange(4.0)
    function, args, *_ = made.__reduce_ex__(4)
    if function is torch._tensor._rebuild_from_type_v2:
        function, args = args[0], args[2]
    return pickle.dumps(Reduced(function, (args[0], 0, (1 << 24,), (1,), *args[4:])), 4)


def add(title: str, technique: str, source: str, build: Callable[[Marker], bytes], *needs: str) -> None:
    package, after = needs
    CASES.add(title, technique, source, build, effect="forges", package=package, after=after)


PREDICT = "made.predict([[1.0, 2.0]] * 100)"
add(
    "tree-child",
    "a child of a tree's root is far outside of its nodes",
    sources.SKLEARN_TREE,
    tree_with(left_child=1 << 40, right_child=1 << 40),
    "sklearn",
    PREDICT,
)
add(
    "tree-negative",
    "a child of a tree's root is negative",
    sources.SKLEARN_TREE,
    tree_with(left_child=-(1 << 40), right_child=-(1 << 40)),
    "sklearn",
    PREDICT,
)
add(
    "tree-cycle",
    "a tree's root is its own child: predict never ends",
    sources.SKLEARN_TREE,
    tree_with(left_child=0, right_child=0),
    "sklearn",
    PREDICT,
)
add(
    "tree-feature",
    "a tree's root asks for a column that no table has",
    sources.SKLEARN_TREE,
    tree_with(feature=1 << 40),
    "sklearn",
    PREDICT,
)
add(
    "boosting-child",
    "a child in a tree of HistGradientBoosting is outside",
    sources.SKLEARN_TREE,
    predictor_with("left", 1 << 30),
    "sklearn",
    PREDICT + "; " + PREDICT,
)
add(
    "boosting-feature",
    "a tree of HistGradientBoosting asks for a column that is not there",
    sources.SKLEARN_TREE,
    predictor_with("feature_idx", 1 << 40),
    "sklearn",
    PREDICT,
)
add(
    "kd-tree",
    "the indices of a KDTree are outside of its points",
    sources.SKOPS_TREE,
    neighbours("KDTree"),
    "sklearn",
    "made.query([[1.0, 2.0]], k=3)",
)
add(
    "ball-tree",
    "the indices of a BallTree are outside of its points",
    sources.SKOPS_TREE,
    neighbours("BallTree"),
    "sklearn",
    "made.query([[1.0, 2.0]], k=3)",
)
add(
    "kd-tree-nodes",
    "the nodes of a KDTree hold points that are not there",
    sources.SKOPS_TREE,
    neighbour_nodes,
    "sklearn",
    "made.query([[1.0, 2.0]], k=3)",
)
add(
    "support-vectors",
    "an SVC says that it tells thousands of classes apart",
    sources.SKOPS_TREE,
    machine,
    "sklearn",
    PREDICT,
)
add(
    "multi-index",
    "the codes of a MultiIndex are outside of its levels",
    sources.pandas(25318),
    multi_index,
    "pandas",
    "made.values; repr(made)",
)
add(
    "categorical",
    "the codes of a Categorical are outside of its categories",
    sources.pandas(25318),
    categorical,
    "pandas",
    "import numpy\ncodes = made.cat.codes\nif codes.max() >= len(made.cat.categories): ran()\nlist(made)",
)
add(
    "block-placement",
    "a block of a DataFrame lies outside of the table",
    sources.pandas(25318),
    block_placement,
    "pandas",
    "made.values; made['a'].sum(); made._mgr.blknos; repr(made)",
)
add(
    "arrow-offsets",
    "the offsets of an Arrow array point behind its buffer",
    "https://github.com/apache/arrow/pull/11610",
    arrow_offsets,
    "pyarrow",
    "made.to_pylist()",
)
add(
    "tensor-size",
    "a tensor is larger than its storage",
    "https://nvd.nist.gov/vuln/detail/CVE-2026-24747",
    tensor,
    "torch",
    "if made.numel() == 1 << 24: ran()",
)
