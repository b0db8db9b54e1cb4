"""scikit-learn: what its compiled code would believe is refused, and honest models predict the same."""

from __future__ import annotations

import pickle
import warnings
from typing import Any

import numpy as np
import pytest
from sklearn import cluster, ensemble, feature_extraction, neighbors, preprocessing, svm, tree
from sklearn.pipeline import make_pipeline

from brinery.errors import IntegrityError, UntrustedError
from brinery.trust.guards import forests
from tests.trust.forging import assert_refused, at, restored, within
from tests.trust.loading import loads

RNG = np.random.default_rng(5)
X = RNG.random((60, 4))
CLASSES = (X[:, 0] * 3).astype(int)
NUMBERS = X @ np.arange(1.0, 5.0)

TREE = tree.DecisionTreeClassifier(random_state=5).fit(X, CLASSES)
FOREST = ensemble.RandomForestClassifier(5, random_state=5).fit(X, CLASSES)
BOOSTED = ensemble.GradientBoostingClassifier(n_estimators=3, random_state=5).fit(X, CLASSES)
HISTOGRAMS = ensemble.HistGradientBoostingClassifier(max_iter=3, min_samples_leaf=5, random_state=5).fit(X, CLASSES)
CATEGORIES = ensemble.HistGradientBoostingRegressor(max_iter=3, min_samples_leaf=2, categorical_features=[0])
CATEGORIES.fit(np.column_stack([CLASSES, X]), CLASSES)
ISOLATION = ensemble.IsolationForest(n_estimators=5, random_state=5, max_features=2).fit(X)
NEIGHBOURS = neighbors.KNeighborsClassifier(algorithm="kd_tree").fit(X, CLASSES)
MACHINE = svm.SVC().fit(X, CLASSES)
REGRESSING = svm.SVR().fit(X, NUMBERS)
MEANS = cluster.KMeans(3, n_init=1, random_state=5).fit(X)
BISECTING = cluster.BisectingKMeans(3, random_state=5).fit(X)
MODELS: list[Any] = [
    TREE, FOREST, BOOSTED, HISTOGRAMS, ISOLATION, NEIGHBOURS, MACHINE, REGRESSING, MEANS, BISECTING,
    ensemble.GradientBoostingRegressor(n_estimators=3).fit(X, NUMBERS),
    ensemble.ExtraTreesRegressor(3).fit(X, np.stack([NUMBERS, NUMBERS], 1)),
    neighbors.RadiusNeighborsRegressor(2.0, algorithm="ball_tree").fit(X, NUMBERS),
    svm.NuSVC(kernel="precomputed", nu=0.1).fit(X @ X.T, CLASSES > 0),
]  # fmt: skip


@pytest.mark.parametrize("model", MODELS, ids=lambda model: type(model).__name__)
@pytest.mark.parametrize("protocol", [2, 5])
def test_honest_models_predict_the_same(model: Any, protocol: int) -> None:
    data = X @ X.T if getattr(model, "kernel", "") == "precomputed" else X
    loaded = loads(pickle.dumps(model, protocol))
    assert loaded.predict(data).tolist() == model.predict(data).tolist()


def test_categories_predict_the_same() -> None:
    data = np.column_stack([CLASSES, X])
    assert loads(pickle.dumps(CATEGORIES)).predict(data).tolist() == CATEGORIES.predict(data).tolist()


@pytest.mark.parametrize(
    ("field", "index", "value", "problem"),
    [
        ("left_child", 0, 10**9, "children"),
        ("left_child", 0, -5, "children"),
        ("right_child", 0, 0, "children"),
        ("right_child", 1, 1, "children"),
        ("feature", 0, 4, "feature"),
        ("feature", 0, -1, "feature"),
    ],
)
def test_forged_nodes(field: str, index: int, value: int, problem: str) -> None:
    made, state = remade(TREE.tree_)
    state["nodes"][field][index] = value
    with pytest.raises(IntegrityError, match=problem):
        forests.restore_tree(made, state)


def remade(inner: Any) -> tuple[Any, dict[str, Any]]:
    cls, arguments, state = inner.__reduce__()
    return forests.make_tree(cls, *arguments), {**state, "nodes": state["nodes"].copy()}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("node_count", 10**6),
        ("max_depth", 0),
        ("max_depth", -1),
        ("values", np.zeros((1, 1, 3))),
        ("nodes", np.zeros(3)),
    ],
)
def test_forged_trees(field: str, value: Any) -> None:
    made, state = remade(TREE.tree_)
    with pytest.raises(IntegrityError, match=field):
        forests.restore_tree(made, {**state, field: value})


def test_a_tree_is_restored_once() -> None:
    made, state = remade(TREE.tree_)
    forests.restore_tree(made, state)
    with pytest.raises(IntegrityError, match="twice"):
        forests.restore_tree(made, state)


def test_a_tree_has_as_many_numbers_of_classes_as_outputs() -> None:
    for classes, outputs in ((np.array([3]), 1000), (np.array([0]), 1), (np.array([[3]]), 1), ([3], 1)):
        with pytest.raises(IntegrityError, match="n_"):
            forests.make_tree(type(TREE.tree_), 4, classes, outputs)


@pytest.mark.parametrize("model", [TREE, FOREST, BOOSTED, HISTOGRAMS, NEIGHBOURS, MACHINE, MEANS])
def test_no_model_takes_fewer_features_than_its_parts(model: Any) -> None:
    assert_refused(model, "feature", at("n_features_in_", 0))


OTHER = ensemble.RandomForestClassifier(2).fit(X[:, :1], CLASSES)


@pytest.mark.parametrize(
    ("model", "field", "name", "value"),
    [
        (TREE, "tree_", "tree_", "a tree"),
        (FOREST, "estimators_", "estimators_", ["a tree"]),
        (FOREST, "feature", "estimators_", OTHER.estimators_),
        (BOOSTED, "n_trees_per_iteration_", "n_trees_per_iteration_", 1),
        (BOOSTED, "estimators_", "estimators_", np.array([["a tree"] * 3], dtype=object)),
        (BOOSTED, "_loss", "estimators_", BOOSTED.estimators_[:, :1]),
        (BOOSTED, "init_", "init_", FOREST),
        (ISOLATION, "estimators_features_", "estimators_features_", []),
        (HISTOGRAMS, "_predictors", "_predictors", [["a tree"]]),
        (HISTOGRAMS, "_bin_mapper", "_bin_mapper", None),
        (HISTOGRAMS, "feature", "_n_features", 0),
        (CATEGORIES, "_preprocessor", "_preprocessor", preprocessing.StandardScaler().fit(X)),
        (NEIGHBOURS, "_tree", "_tree", "a tree"),
        (NEIGHBOURS, "_y", "_y", np.full(60, 10**6)),
        (NEIGHBOURS, "_y", "_y", np.zeros(2, int)),
        (NEIGHBOURS, "n_samples_fit_", "n_samples_fit_", 10**6),
        (MACHINE, "_n_support", "_n_support", np.array([1, 2, 3], "i4")),
        (MACHINE, "_dual_coef_", "_dual_coef_", np.zeros((1, 1))),
        (MACHINE, "_intercept_", "_intercept_", np.zeros(1)),
        (MACHINE, "_probA", "_probA", np.zeros(1)),
        (MACHINE, "support_vectors_", "support_vectors_", np.zeros((3, 4))),
        (MACHINE, "kernel", "kernel", len),
        (REGRESSING, "_n_support", "_n_support", np.array([3] * 9, "i4")),
        (MEANS, "n_features_in_", "cluster_centers_", np.zeros((3, 2))),
        (BISECTING, "_bisecting_tree", "_bisecting_tree", "a tree"),
    ],
)
def test_forged_models(model: Any, field: str, name: str, value: Any) -> None:
    assert_refused(model, field, at(name, value))


def test_what_was_checked_does_not_change_after() -> None:
    listed = list(FOREST.estimators_)
    made = restored(FOREST, at("estimators_", listed))
    listed.append("a tree")
    assert len(made.estimators_) == 5
    with pytest.raises(IntegrityError, match="twice"):
        forests.restore_forest(made, {"n_features_in_": 1})


PREDICTOR = HISTOGRAMS._predictors[0][0]


@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
        ("left", 0, "children"),
        ("right", 10**6, "children"),
        ("feature_idx", -1, "feature"),
        ("left", 2**32 - 1, "children"),
    ],
)
def test_forged_histograms(field: str, value: int, problem: str) -> None:
    assert_refused(PREDICTOR, problem, within("nodes", 0, value, field))


def test_bits_of_categories_are_there() -> None:
    def categorical(state: Any) -> Any:
        nodes = state["nodes"].copy()
        nodes["is_categorical"][0], nodes["bitset_idx"][0] = 1, 7
        return {**state, "nodes": nodes}

    assert_refused(PREDICTOR, "bitset_idx", categorical)
    assert_refused(PREDICTOR, "raw_left_cat_bitsets", at("raw_left_cat_bitsets", np.zeros((3, 1), "u4")))


SPACE = neighbors.KDTree(X, leaf_size=5)


@pytest.mark.parametrize(
    ("place", "value", "problem"),
    [
        (1, np.full(60, 10**6), "idx_array"),
        (1, np.arange(3), "idx_array"),
        (0, X[:, :2], "node_bounds"),
        (5, 9, "n_nodes"),
        (6, 10**6, "n_nodes"),
        (11, "a metric", "dist_metric"),
        (12, np.ones(3), "sample_weight"),
    ],
)
def test_forged_trees_of_points(place: int, value: Any, problem: str) -> None:
    assert_refused(SPACE, problem, at(place, value))


@pytest.mark.parametrize(("field", "value"), [("idx_end", 10**6), ("idx_start", -1), ("idx_start", 61), ("is_leaf", 0)])
def test_forged_nodes_of_points(field: str, value: int) -> None:
    def change(state: Any) -> Any:
        nodes = state[2].copy()
        nodes[field][-1] = value
        return at(2, nodes)(state)

    assert_refused(SPACE, "node_data", change)


@pytest.mark.parametrize("metric", ["manhattan", "minkowski", "chebyshev"])
def test_trees_of_points_answer_the_same(metric: str) -> None:
    points = neighbors.BallTree(X, leaf_size=5, metric=metric)
    assert loads(pickle.dumps(points)).query(X[:3], 2)[1].tolist() == points.query(X[:3], 2)[1].tolist()


def test_metrics_have_as_many_weights_as_dimensions() -> None:
    points = neighbors.BallTree(X, metric="seuclidean", V=X.var(0))
    assert loads(pickle.dumps(points)).query(X[:3])[1].tolist() == points.query(X[:3])[1].tolist()
    other = neighbors.BallTree(X[:, :2], metric="seuclidean", V=X[:, :2].var(0))
    assert_refused(points, "dist_metric", at(11, other.__getstate__()[11]))


TEXTS = ["a cat sat", "the dog ran"]


@pytest.mark.parametrize(
    ("model", "fitted_to", "name", "value"),
    [
        (feature_extraction.text.CountVectorizer(), TEXTS, "vocabulary_", {"cat": 10**9}),
        (feature_extraction.text.TfidfVectorizer(), TEXTS, "vocabulary_", {"cat": -1}),
        (feature_extraction.DictVectorizer(), [{"a": 1}], "vocabulary_", {"a": 5}),
        (feature_extraction.text.HashingVectorizer(), TEXTS, "n_features", 0),
        (feature_extraction.FeatureHasher(), [{"a": 1}], "n_features", 0),
        (preprocessing.OneHotEncoder(), X.round(), "_n_features_outs", [1, 1, 1, 1]),
        (preprocessing.OneHotEncoder(drop="first"), X.round(), "_n_features_outs", [0, 0, 0, 0]),
        (preprocessing.OneHotEncoder(min_frequency=35), X.round(), "_n_features_outs", [0, 0, 0, 0]),
    ],
)
def test_columns_of_sparse_matrices_are_there(model: Any, fitted_to: Any, name: str, value: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(fitted_to)
        expected = model.transform(fitted_to).toarray().tolist()
        assert loads(pickle.dumps(model)).transform(fitted_to).toarray().tolist() == expected
    assert_refused(model, name, at(name, value))


def test_the_index_of_labels_is_made_again() -> None:
    labels = preprocessing.MultiLabelBinarizer().fit([{1, 2}, {3}])
    made = restored(labels, at("_cached_dict", {1: 10**9}))
    assert made.transform([{1, 3}]).tolist() == [[1, 0, 1]]


def test_no_cache_on_disk_comes_with_a_model() -> None:
    pipeline = make_pipeline(preprocessing.StandardScaler(), memory="/tmp/elsewhere")
    with pytest.raises(IntegrityError, match="memory"):
        loads(pickle.dumps(pipeline))


def test_functions_are_only_those_that_are_listed() -> None:
    assert loads(pickle.dumps(preprocessing.FunctionTransformer(np.log1p))).func is np.log1p
    with pytest.raises(UntrustedError, match="memmap"):
        loads(pickle.dumps(preprocessing.FunctionTransformer(np.memmap)))
