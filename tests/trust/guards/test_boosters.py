"""xgboost and lightgbm: forged models are refused before C++ reads them, honest ones predict the same."""

from __future__ import annotations

import pickle
import struct
from typing import Any

import numpy as np
import pytest

from brinery.errors import IntegrityError
from brinery.trust.guards import boosters
from brinery.trust.guards.ubjson import Reader
from tests.trust.loading import loads

X = np.random.default_rng(5).random((80, 3))
NUMBERS = X @ np.arange(1.0, 4.0)


def test_numbers_text_and_arrays() -> None:
    assert Reader(b"{U\x01aSU\x02hiU\x01b[U\x01TZ]U\x01cd\x00\x00\x00\x00}").read() == {
        "a": "hi",
        "b": [1, True, None],
        "c": 0.0,
    }
    for broken in (b"", b"{", b"{U\x01a", b"[$S#U\x01", b"SU\xff", b"U\x01U", b"[" * 100, b"X", b"SL" + b"\xff" * 8):
        with pytest.raises(ValueError, match=r".*"):
            Reader(broken).read()


class TestXGBoost:
    xgboost = pytest.importorskip("xgboost", reason="pip install xgboost-cpu")

    def booster(self, **settings: Any) -> Any:
        return self.xgboost.train({"max_depth": 3, **settings}, self.xgboost.DMatrix(X, NUMBERS), 3)

    @pytest.mark.parametrize(
        "settings", [{}, {"booster": "dart"}, {"tree_method": "exact"}, {"num_parallel_tree": 2}], ids=str
    )
    def test_honest_models(self, settings: dict[str, Any]) -> None:
        booster = self.booster(**settings)
        data = self.xgboost.DMatrix(X)
        assert loads(pickle.dumps(booster)).predict(data).tolist() == booster.predict(data).tolist()

    def test_categories(self) -> None:
        import pandas as pd

        table = pd.DataFrame({"k": pd.Categorical(list("abcd") * 20), "v": X[:, 0]})
        data = self.xgboost.DMatrix(table, NUMBERS, enable_categorical=True)
        booster = self.xgboost.train({"max_cat_to_onehot": 1, "max_depth": 3}, data, 3)
        assert loads(pickle.dumps(booster)).predict(data).tolist() == booster.predict(data).tolist()

    @pytest.mark.parametrize(
        ("field", "value", "problem"),
        [
            ("left_children", 10**6, "children"),
            ("left_children", 0, "children"),
            ("right_children", -7, "children"),
            ("split_indices", 3, "split_indices"),
            ("split_indices", -1, "split_indices"),
        ],
    )
    def test_forged_models(self, field: str, value: int, problem: str) -> None:
        booster = self.booster()
        state = booster.__getstate__()
        place = state["handle"].index(field.encode() + b"[$l#L") + len(field) + 5 + 8
        struct.pack_into(">i", state["handle"], place, value)
        with pytest.raises(IntegrityError, match=problem):
            boosters.restore_xgboost(type(booster).__new__(type(booster)), state)

    def test_what_is_no_model(self) -> None:
        booster = self.booster()
        for handle in (5, bytearray(b"{}"), bytearray(b"text"), b"bytes", booster.__getstate__()["handle"][:-9]):
            with pytest.raises(IntegrityError, match="handle"):
                boosters.restore_xgboost(type(booster).__new__(type(booster)), {"handle": handle})


class TestLightGBM:
    lightgbm = pytest.importorskip("lightgbm", reason="pip install lightgbm")

    def booster(self) -> Any:
        return self.lightgbm.train({"verbose": -1, "num_leaves": 4}, self.lightgbm.Dataset(X, NUMBERS), 3)

    def test_honest_models(self) -> None:
        booster = self.booster()
        assert loads(pickle.dumps(booster)).predict(X).tolist() == booster.predict(X).tolist()

    @pytest.mark.parametrize(
        ("field", "change"),
        [
            ("left_child", lambda values: ["9", *values[1:]]),
            ("left_child", lambda values: ["0", *values[1:]]),
            ("right_child", lambda values: ["-99", *values[1:]]),
            ("right_child", lambda values: values[:-1]),
            ("split_feature", lambda values: ["3", *values[1:]]),
            ("split_feature", lambda values: ["-1", *values[1:]]),
            ("leaf_value", lambda values: values[:-1]),
            ("num_leaves", lambda values: ["1000"]),
            ("num_cat", lambda values: ["5"]),
            ("decision_type", lambda values: ["3", *values[1:]]),
            ("max_feature_idx", lambda values: ["0"]),
            ("tree_sizes", lambda values: ["1", *values[1:]]),
            ("num_tree_per_iteration", lambda values: ["7"]),
        ],
    )
    def test_forged_models(self, field: str, change: Any) -> None:
        booster = self.booster()
        state = booster.__getstate__()
        lines = state["_handle"].split("\n")
        place = next(index for index, line in enumerate(lines) if line.startswith(f"{field}="))
        lines[place] = f"{field}={' '.join(change(lines[place].partition('=')[2].split()))}"
        state["_handle"] = "\n".join(lines)
        with pytest.raises(IntegrityError, match=r"lightgbm\.Booster"):
            boosters.restore_lightgbm(type(booster).__new__(type(booster)), state)

    @pytest.mark.parametrize(
        ("name", "value"), [("_network", True), ("_handle", 5), ("_Booster__init_predictor", "one")]
    )
    def test_forged_states(self, name: str, value: Any) -> None:
        booster = self.booster()
        with pytest.raises(IntegrityError):
            boosters.restore_lightgbm(type(booster).__new__(type(booster)), {**booster.__getstate__(), name: value})
