"""Honest files: real objects of the standard library, NumPy, pandas, SciPy, scikit-learn and torch, pickled as usual."""

from __future__ import annotations

import collections
import datetime
import decimal
import fractions
import io
import ipaddress
import pathlib
import pickle
import random
import re
import uuid
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse
import scipy.spatial
from sklearn.utils import all_estimators


def standard() -> Iterator[tuple[str, Any]]:
    """Types of the standard library that carry data."""
    yield from {
        "scalars": [None, True, 1, 2**70, 1.5, 1j, "text", b"bytes", bytearray(b"x")],
        "containers": {"list": [1], "tuple": (1, (2,)), "set": {1, 2}, "frozenset": frozenset("ab"), "dict": {1: {}}},
        "records": [{"id": i, "name": f"name {i}", "tags": ["a", "b"]} for i in range(200)],
        "ordered-dict": collections.OrderedDict(a=1, b=2),
        "default-dict": collections.defaultdict(list, a=[1]),
        "counter": collections.Counter("hello"),
        "deque": collections.deque([1, 2, 3], 5),
        "dates": [datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.UTC), datetime.date(2026, 1, 2),
                  datetime.timedelta(days=3), datetime.time(1, 2)],
        "decimals": [decimal.Decimal("1.25"), fractions.Fraction(3, 7)],
        "uuid": uuid.UUID(int=5),
        "paths": [pathlib.PurePosixPath("/a/b"), pathlib.PurePosixPath("c")],
        "addresses": [ipaddress.ip_address("10.0.0.1"), ipaddress.ip_network("10.0.0.0/8")],
        "pattern": re.compile("a+b", re.I),
        "random": random.Random(3),
        "range-slice": [range(3), slice(1, 2)],
        "error": ValueError("what", 3),
    }.items()  # fmt: skip


def arrays() -> Iterator[tuple[str, Any]]:
    for code in ("?", "i1", "i8", "u2", "f4", "f8", "c16", "S5", "U5", "M8[ns]", "m8[s]", "V4"):
        yield f"array-{code[:2]}", np.zeros(6, code)
    yield "array-objects", np.array([1, "a", None], object)
    yield "array-structured", np.zeros(3, [("a", "i4"), ("b", "f8", (2,))])
    yield "array-masked", np.ma.array([1, 2, 3], mask=[0, 1, 0])
    yield "array-fortran", np.asfortranarray(np.ones((3, 4)))
    yield "numpy-scalar", [np.float64(1.5), np.int8(3), np.bool_(True), np.datetime64("2026-01-01")]
    yield "generator", np.random.default_rng(0)
    yield "random-state", np.random.RandomState(0)
    for kind in ("csr", "csc", "coo", "bsr", "lil", "dok", "dia"):
        yield f"sparse-{kind}", getattr(scipy.sparse, f"{kind}_matrix")(np.eye(4))
    yield "kd-tree", scipy.spatial.cKDTree(np.arange(20.0).reshape(10, 2))


def tables() -> Iterator[tuple[str, Any]]:
    dates = pd.date_range("2026-01-01", periods=4, tz="UTC")
    columns: dict[str, Any] = {
        "int": [1, 2, 3, 4], "float": [1.0, np.nan, 2.0, 3.0], "text": list("abcd"), "bool": [True, False, True, True],
        "date": dates, "category": pd.Categorical(list("aabb")), "nullable": pd.array([1, None, 3, 4], "Int64"),
        "string": pd.array(["a", None, "c", "d"], "string"), "period": pd.period_range("2026", periods=4, freq="D"),
        "interval": pd.interval_range(0, 4), "sparse": pd.arrays.SparseArray([0, 0, 1, 0]),
        "boolean": pd.array([True, None, False, True], "boolean"), "timedelta": pd.to_timedelta([1, 2, 3, 4], unit="h"),
    }  # fmt: skip
    for key, values in columns.items():
        yield f"series-{key}", pd.Series(values)
    yield "frame", pd.DataFrame({key: columns[key] for key in ("int", "float", "text", "bool", "date", "category")})
    yield "frame-multi-index", pd.DataFrame({"a": range(4)}, index=pd.MultiIndex.from_product([["x", "y"], [1, 2]]))


def models() -> Iterator[tuple[str, Any]]:
    """Every estimator of scikit-learn that fits a small table without being told more."""
    features = np.random.RandomState(0).rand(30, 4)
    for title, kind in all_estimators():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for target in (np.arange(30) % 2, features.sum(1)):
                try:
                    yield f"sklearn-{title}", kind().fit(features, target)
                except Exception as error:
                    del error  # it wants another target, or more parameters
                    continue
                break


def tensors() -> Iterator[tuple[str, bytes]]:
    try:
        import torch
    except ImportError:
        return
    model = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.ReLU(), torch.nn.Linear(8, 2))
    for title, made in (("state-dict", model.state_dict()), ("tensor", torch.arange(5)), ("model", model)):
        file = io.BytesIO()
        torch.save(made, file)
        yield f"torch-{title}.pt", file.getvalue()


def honest() -> Iterator[tuple[str, bytes]]:
    """File names and contents."""
    for title, made in standard():
        for protocol in (0, 2, 4, 5):
            yield f"{title}-{protocol}.pkl", pickle.dumps(made, protocol)
    for objects in (arrays(), tables(), models()):
        for title, made in objects:
            yield f"{title}.pkl", pickle.dumps(made)
    yield from tensors()
