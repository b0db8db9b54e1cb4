"""scikit-learn, every public estimator fitted on little data; xgboost, lightgbm and joblib."""

from __future__ import annotations

import io
import warnings
from functools import partial
from typing import Any

import joblib
import lightgbm
import numpy as np
import xgboost
from sklearn import (
    compose,
    datasets,
    ensemble,
    feature_selection,
    linear_model,
    metrics,
    model_selection,
    pipeline,
    preprocessing,
    svm,
    tree,
)
from sklearn import gaussian_process as gp
from sklearn.base import is_classifier, is_clusterer
from sklearn.neighbors import BallTree, KDTree, KernelDensity
from sklearn.utils import all_estimators, get_tags

from bench.honest.case import add, answer_by_repr

X, CLASSES = datasets.make_classification(60, 6, n_classes=3, n_informative=4, random_state=5)
X = np.abs(X) + 0.1
NUMBERS = X @ np.arange(1.0, 7.0)
LABELS = np.stack([CLASSES > 0, CLASSES > 1], axis=1).astype(int)
TEXTS = ["a cat sat", "the dog ran", "a dog sat", "cats and dogs"] * 15
RECORDS = [{"city": "x", "n": 1}, {"city": "y", "n": 2}] * 30
SETTINGS = {
    "n_estimators": 5,
    "max_iter": 20,
    "n_init": 2,
    "n_components": 2,
    "n_clusters": 3,
    "cv": 2,
    "max_subpopulation": 20,
}
OWN_SETTINGS: dict[str, dict[str, Any]] = {
    "IterativeImputer": {"estimator": linear_model.BayesianRidge()},
    "OrthogonalMatchingPursuitCV": {"max_iter": 3},
    "SpectralBiclustering": {"n_components": 4, "n_best": 2},
    "TSNE": {"max_iter": 250, "perplexity": 5},
    "RANSACRegressor": {"min_samples": 0.9},
}
OF_OTHERS = {
    "ColumnTransformer": lambda c: c([("s", preprocessing.StandardScaler(), [0, 1])], remainder="passthrough"),
    "FeatureUnion": lambda c: c([("s", preprocessing.StandardScaler()), ("m", preprocessing.MinMaxScaler())]),
    "Pipeline": lambda c: c([("s", preprocessing.StandardScaler()), ("l", linear_model.LogisticRegression())]),
    "StackingClassifier": lambda c: c([("t", tree.DecisionTreeClassifier()), ("l", linear_model.LogisticRegression())]),
    "StackingRegressor": lambda c: c([("t", tree.DecisionTreeRegressor()), ("l", linear_model.Ridge())]),
    "VotingClassifier": lambda c: c([("t", tree.DecisionTreeClassifier()), ("l", linear_model.LogisticRegression())]),
    "VotingRegressor": lambda c: c([("t", tree.DecisionTreeRegressor()), ("l", linear_model.Ridge())]),
    "GridSearchCV": lambda c: c(tree.DecisionTreeClassifier(), {"max_depth": [1, 2]}, cv=2),
    "RandomizedSearchCV": lambda c: c(tree.DecisionTreeClassifier(), {"max_depth": [1, 2]}, n_iter=2, cv=2),
    "HalvingGridSearchCV": lambda c: c(tree.DecisionTreeClassifier(), {"max_depth": [1, 2]}, cv=2),
    "HalvingRandomSearchCV": lambda c: c(tree.DecisionTreeClassifier(), {"max_depth": [1, 2]}, cv=2),
    "SparseCoder": lambda c: c(X[:4] / np.linalg.norm(X[:4], axis=1, keepdims=True)),
    "TunedThresholdClassifierCV": lambda c: c(linear_model.LogisticRegression(), cv=2),
}
TAKES_REGRESSOR = {"RegressorChain", "MultiOutputRegressor", "RANSACRegressor", "TransformedTargetRegressor"}
TAKES_LABELS = {"ClassifierChain", "MultiOutputClassifier"}
TAKES_NUMBERS = {"MultiOutputRegressor", "RegressorChain", "CCA", "PLSCanonical", "PLSSVD"}
MULTI_TASK = ("MultiTask",)


def instance(name: str, kind: Any) -> Any:
    if name in OF_OTHERS:
        return OF_OTHERS[name](kind)
    settings: dict[str, Any] = {}
    parameters = kind._get_param_names()
    if "estimator" in parameters:
        settings["estimator"] = linear_model.Ridge() if name in TAKES_REGRESSOR else linear_model.LogisticRegression()
        if name in {"RFECV", "RFE"}:
            settings["estimator"] = tree.DecisionTreeClassifier(random_state=5)
        if name in {"AdaBoostRegressor", "BaggingRegressor"}:
            settings["estimator"] = tree.DecisionTreeRegressor(max_depth=2)
        if name == "FrozenEstimator":
            settings["estimator"] = linear_model.LogisticRegression().fit(X, CLASSES)
    settings |= {key: value for key, value in SETTINGS.items() if key in parameters}
    if name == "SequentialFeatureSelector":
        settings["n_features_to_select"] = 2
    settings |= OWN_SETTINGS.get(name, {})
    if "random_state" in parameters:
        settings["random_state"] = 5
    return kind(**settings)


def target(name: str, made: Any) -> Any:
    if name in TAKES_LABELS or name == "MultiLabelBinarizer":
        return LABELS
    if name in TAKES_NUMBERS or name.startswith(MULTI_TASK):
        return np.stack([NUMBERS, NUMBERS + 1], axis=1)
    if name == "IsotonicRegression" or get_tags(made).estimator_type == "regressor":
        return NUMBERS
    return (CLASSES > 0).astype(int) if name in {"TunedThresholdClassifierCV", "FixedThresholdClassifier"} else CLASSES


def fitted(name: str, kind: Any) -> Any:
    made = instance(name, kind)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return fitted_to(name, made)


# What others than classifiers and regressors of numbers are fitted to.
FITTED_TO: dict[str, Any] = {
    "CountVectorizer": (TEXTS,),
    "HashingVectorizer": (TEXTS,),
    "TfidfVectorizer": (TEXTS,),
    "DictVectorizer": (RECORDS,),
    "FeatureHasher": (RECORDS,),
    "TfidfTransformer": (X,),
    "IsotonicRegression": (X[:, 0], NUMBERS),
    "MultiLabelBinarizer": ([{1, 2}, {3}],),
    "LabelEncoder": (CLASSES,),
    "LabelBinarizer": (CLASSES,),
    "PatchExtractor": (X[:12].reshape(-1, 6, 6),),
    "TargetEncoder": (X.round(), CLASSES),
    "KBinsDiscretizer": (X.round(), CLASSES),
    "KernelCenterer": (X @ X.T,),
}


def fitted_to(name: str, made: Any) -> Any:
    return made.fit(*FITTED_TO[name]) if name in FITTED_TO else made.fit(X, target(name, made))


def answer_by_estimator(made: Any) -> Any:
    """What it predicts or transforms, or else its parameters."""
    for method in ("query", "predict", "transform"):
        if hasattr(made, method):
            for data in (X, X[:, 0], TEXTS, RECORDS, CLASSES, [{1}], X @ X.T):
                try:
                    found = getattr(made, method)(data)
                except (ValueError, TypeError, AttributeError):
                    continue
                return [as_lists(each) for each in found] if isinstance(found, tuple) else as_lists(found)
    return answer_by_repr(made)


def as_lists(found: Any) -> Any:
    return np.asarray(found.toarray() if hasattr(found, "toarray") else found).tolist()


def quietly(make: Any) -> Any:
    def made() -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return make()

    return made


with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from sklearn.experimental import enable_halving_search_cv, enable_iterative_imputer  # noqa: F401

    for name, kind in all_estimators():
        add("sklearn", name, partial(fitted, name, kind), answer_by_estimator, (4, 5))

MORE = {
    "GradientBoosting, two classes": lambda: ensemble.GradientBoostingClassifier(n_estimators=3).fit(X, CLASSES > 0),
    "GradientBoosting, losses": lambda: [
        ensemble.GradientBoostingRegressor(loss=loss, n_estimators=3).fit(X, NUMBERS)
        for loss in ("absolute_error", "huber", "quantile")
    ],
    "GradientBoosting with init": lambda: ensemble.GradientBoostingRegressor(init="zero", n_estimators=2).fit(
        X, NUMBERS
    ),
    "GradientBoosting, exponential": lambda: ensemble.GradientBoostingClassifier(
        loss="exponential", n_estimators=2
    ).fit(X, CLASSES > 0),
    "HistGradientBoosting, two classes": lambda: ensemble.HistGradientBoostingClassifier(max_iter=3).fit(
        X, CLASSES > 0
    ),
    "HistGradientBoosting, losses": lambda: [
        ensemble.HistGradientBoostingRegressor(loss=loss, max_iter=3, quantile=0.5).fit(X, NUMBERS)
        for loss in ("absolute_error", "poisson", "gamma", "quantile")
    ],
    "HistGradientBoosting, categories": lambda: ensemble.HistGradientBoostingClassifier(
        max_iter=3, categorical_features=[0]
    ).fit(X.round(), CLASSES),
    "HistGradientBoosting, early stopping": lambda: ensemble.HistGradientBoostingRegressor(
        max_iter=5, early_stopping=True
    ).fit(X, NUMBERS),
    "forest of two outputs": lambda: ensemble.RandomForestRegressor(3).fit(X, np.stack([NUMBERS] * 2, 1)),
    "tree of text classes": lambda: tree.DecisionTreeClassifier().fit(X, np.array(list("abc"))[CLASSES]),
    "SVC of each kernel": lambda: [
        svm.SVC(kernel=each, probability=False).fit(X, CLASSES) for each in ("linear", "poly", "rbf")
    ],
    "SVC of sparse data": lambda: svm.SVC().fit(__import__("scipy.sparse").sparse.csr_matrix(X), CLASSES),
    "grid search with a scorer": lambda: model_selection.GridSearchCV(
        tree.DecisionTreeClassifier(), {"max_depth": [1, 2]}, cv=2, scoring="accuracy"
    ).fit(X, CLASSES),
    "grid search with several scorers": lambda: model_selection.GridSearchCV(
        linear_model.Ridge(), {"alpha": [1.0]}, cv=2, scoring=["r2", "neg_mean_squared_error"], refit="r2"
    ).fit(X, NUMBERS),
    "function transformer of a ufunc": lambda: preprocessing.FunctionTransformer(np.log1p).fit(X),
    "best features by each score": lambda: [
        feature_selection.SelectKBest(score, k=2).fit(X, CLASSES)
        for score in (feature_selection.chi2, feature_selection.f_classif, feature_selection.mutual_info_classif)
    ],
    "regressors of features": lambda: feature_selection.SelectKBest(feature_selection.f_regression, k=2).fit(
        X, NUMBERS
    ),
    "pipeline of columns": lambda: pipeline.make_pipeline(
        compose.make_column_transformer(
            (preprocessing.OneHotEncoder(handle_unknown="ignore"), [0]), (preprocessing.StandardScaler(), slice(1, 4))
        ),
        linear_model.LogisticRegression(),
    ).fit(X.round(), CLASSES),
    "columns by kind": lambda: compose.make_column_transformer(
        (preprocessing.StandardScaler(), compose.make_column_selector(dtype_include=float))
    ).fit(__import__("pandas").DataFrame(X)),
    "Gaussian process": lambda: gp.GaussianProcessRegressor(
        gp.kernels.ConstantKernel() * gp.kernels.Matern() + gp.kernels.WhiteKernel(), alpha=1.0
    ).fit(X, NUMBERS),
    "kernels": lambda: [
        gp.kernels.RationalQuadratic() + gp.kernels.DotProduct() ** 2,
        gp.kernels.ExpSineSquared(),
        gp.kernels.RBF([1.0] * 6),
        gp.kernels.CompoundKernel([gp.kernels.PairwiseKernel()]),
    ],
    "stochastic gradients, losses": lambda: [
        linear_model.SGDClassifier(loss=each).fit(X, CLASSES)
        for each in ("log_loss", "modified_huber", "squared_hinge")
    ],
    "splitters": lambda: [
        model_selection.KFold(3),
        model_selection.StratifiedKFold(3),
        model_selection.TimeSeriesSplit(3),
        model_selection.ShuffleSplit(),
        model_selection.LeaveOneOut(),
        model_selection.GroupKFold(3),
    ],
    "a scorer": lambda: [metrics.make_scorer(metrics.f1_score, average="macro"), metrics.get_scorer("roc_auc")],
    "trees of space": lambda: [KDTree(X, leaf_size=5), BallTree(X, leaf_size=5), KernelDensity().fit(X)],
    "trees of other metrics": lambda: [
        KDTree(X, metric="manhattan"),
        BallTree(X, metric="haversine") if X.shape[1] == 2 else BallTree(X, metric="canberra"),
        BallTree(X, metric="minkowski", p=3),
    ],
    "Bunch": datasets.load_iris,
    "not fitted": lambda: [ensemble.RandomForestClassifier(), svm.SVC(), preprocessing.StandardScaler()],
    "error": lambda: __import__("sklearn.exceptions").exceptions.NotFittedError("no"),
}


def answer_by_each(made: Any) -> Any:
    return [answer_by_estimator(each) for each in made] if isinstance(made, list) else answer_by_estimator(made)


for name, make in MORE.items():
    add("sklearn", name, quietly(make), answer_by_each, (2, 5))
_ = (is_classifier, is_clusterer)

for name, make in {
    "classifier": lambda: xgboost.XGBClassifier(n_estimators=3).fit(X, CLASSES),
    "regressor": lambda: xgboost.XGBRegressor(n_estimators=3).fit(X, NUMBERS),
    "ranker": lambda: xgboost.XGBRanker(n_estimators=3).fit(X, CLASSES, qid=np.zeros(60)),
    "forest classifier": lambda: xgboost.XGBRFClassifier(n_estimators=3).fit(X, CLASSES),
    "forest regressor": lambda: xgboost.XGBRFRegressor(n_estimators=3).fit(X, NUMBERS),
}.items():
    add("xgboost", name, quietly(make), answer_by_estimator)
add(
    "xgboost",
    "booster",
    lambda: xgboost.train({"max_depth": 2}, xgboost.DMatrix(X, NUMBERS), 3),
    lambda b: b.predict(xgboost.DMatrix(X)).tolist(),
)
for name, make in {
    "classifier": lambda: lightgbm.LGBMClassifier(n_estimators=3, verbose=-1).fit(X, CLASSES),
    "regressor": lambda: lightgbm.LGBMRegressor(n_estimators=3, verbose=-1).fit(X, NUMBERS),
    "ranker": lambda: lightgbm.LGBMRanker(n_estimators=3, verbose=-1).fit(X, CLASSES, group=[60]),
    "booster": lambda: lightgbm.train({"verbose": -1}, lightgbm.Dataset(X, NUMBERS), 3),
}.items():
    add("lightgbm", name, quietly(make), answer_by_estimator)


add("joblib", "results of a parallel run", lambda: joblib.Parallel(1)(joblib.delayed(float)(i) for i in range(3)))
_ = io
