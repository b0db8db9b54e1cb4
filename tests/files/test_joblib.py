"""joblib's files load as joblib loads them, and are judged as any others."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier

import brinery
from brinery.errors import DecodeError, UntrustedError
from tests.files.test_dump_load import ARRAYS, Own, same

COMPRESSED = [0, 3, ("gzip", 3), ("bz2", 3), ("xz", 1), ("lzma", 1)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "file.joblib"


@pytest.mark.parametrize("compress", COMPRESSED, ids=str)
def test_arrays_are_what_joblib_loads(path: Path, compress: Any) -> None:
    shared = np.arange(12).reshape(3, 4)
    joblib.dump({"arrays": ARRAYS, "twice": [shared, shared], "text": "t", "empty": np.empty((0, 3))}, path, compress)
    found = brinery.load(path)
    assert same(found, joblib.load(path))
    found["arrays"]["numbers"][0] = 7
    assert found["text"] == "t"


def test_arrays_of_objects(path: Path) -> None:
    expected = {"objects": np.array([[1, "a"], [None, (2, 3)]], object), "numbers": np.arange(3), "after": ["x"]}
    joblib.dump(expected, path)
    assert same(brinery.load(path), expected)


def test_models_predict_alike(path: Path) -> None:
    data, target = make_classification(200, random_state=0)
    model = RandomForestClassifier(10, random_state=0).fit(data, target)
    for compress in (0, 3):
        joblib.dump(model, path, compress)
        assert same(brinery.load(path).predict_proba(data), model.predict_proba(data))


def test_mapped_arrays_are_written_to_in_memory_alone(path: Path) -> None:
    joblib.dump([np.arange(100_000.0), np.asfortranarray(np.ones((3, 4)))], path)
    before = path.read_bytes()
    numbers, ones = brinery.load(path, mmap=True)
    numbers[:] = 0
    assert ones.flags.f_contiguous
    assert path.read_bytes() == before


def test_what_is_not_vetted_is_refused(path: Path) -> None:
    joblib.dump([Own(), ARRAYS], path)
    with pytest.raises(UntrustedError, match="Own"):
        brinery.load(path)
    assert same(brinery.load(path, trust=[Own])[1], joblib.load(path)[1])
    joblib.dump(np.array([Own()], object), path)
    with pytest.raises(UntrustedError, match="Own"):
        brinery.load(path)


def test_damaged_files_are_refused(path: Path) -> None:
    joblib.dump([np.arange(1000), "end"], path)
    whole = path.read_bytes()
    for data in (whole[:500], whole[:-1], whole + b"N."):
        path.write_bytes(data)
        with pytest.raises(DecodeError):
            brinery.load(path)


def test_a_pickle_that_mentions_the_wrapper_is_a_pickle(path: Path) -> None:
    path.write_bytes(pickle.dumps(["NumpyArrayWrapper", 1]))
    assert brinery.load(path) == ["NumpyArrayWrapper", 1]
