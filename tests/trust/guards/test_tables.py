"""pandas, Arrow and polars: forged places, codes, masks and buffers are refused, honest tables come back."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from brinery.errors import IntegrityError, UntrustedError
from brinery.trust.guards import columns, tables
from tests.trust.forging import assert_refused, at, restored
from tests.trust.loading import loads

TABLE = pd.DataFrame(
    {"a": [1, 2, 3], "b": [0.5, 1.5, 2.5], "c": ["x", "y", None], "d": pd.Categorical(["p", "q", "p"])}
)
LEVELS = pd.MultiIndex.from_product([["a", "b"], [1, 2]], names=["x", "y"])


@pytest.mark.parametrize(
    "obj", [TABLE, TABLE["b"], TABLE.set_index(["a", "b"]), TABLE.T, TABLE.iloc[1:, ::2]], ids=repr
)
def test_honest_tables(obj: Any) -> None:
    assert loads(pickle.dumps(obj)).equals(obj)


def blocks_of(table: Any) -> Any:
    return table._mgr.__reduce__()[1]


def test_every_column_is_in_one_block_once() -> None:
    blocks, axes = blocks_of(TABLE[["a", "b"]])
    assert tables.make_manager(type(TABLE._mgr), blocks, axes).shape == (2, 3)
    for forged in ((blocks[0], blocks[0]), blocks[:1], (*blocks, blocks[0])):
        with pytest.raises(IntegrityError, match="placement"):
            tables.make_manager(type(TABLE._mgr), forged, axes)
    with pytest.raises(IntegrityError, match="rows"):
        tables.make_manager(type(TABLE._mgr), blocks, [axes[0], pd.RangeIndex(10**6)])


@pytest.mark.parametrize(
    ("values", "placement"),
    [
        (np.zeros((1, 3)), slice(0, 10**6, 1)),
        (np.zeros((1, 3)), slice(-5, -4, 1)),
        (np.zeros((1, 3)), slice(0, 1, 0)),
        (np.zeros((2, 3)), np.array([0])),
        (np.zeros((1, 3)), np.array([-7])),
        (np.zeros((1, 3)), "a slice"),
        ("an array", slice(0, 1, 1)),
    ],
)
def test_forged_blocks(values: Any, placement: Any) -> None:
    with pytest.raises(IntegrityError):
        tables.make_block(values, placement, 2)


def test_a_column_is_as_long_as_its_index() -> None:
    manager = TABLE["b"]._mgr
    made = type(manager).__new__(type(manager))
    state = manager.__getstate__()
    for changed in ({"values": np.zeros(2)}, {"mgr_locs": slice(0, 10**6, 1)}, {"mgr_locs": np.array([2, 1, 0])}):
        content = state[3]["0.14.1"]
        forged = {"axes": content["axes"], "blocks": [{**content["blocks"][0], **changed}]}
        with pytest.raises(IntegrityError, match="pandas blocks"):
            tables.restore_column(made, (*state[:3], {"0.14.1": forged}))


@pytest.mark.parametrize(
    ("name", "value"), [("_mgr", "a manager"), ("_metadata", ["__class__"]), ("_flags", {"hidden": True})]
)
def test_forged_frames(name: str, value: Any) -> None:
    state = {**TABLE.__getstate__(), name: value}
    with pytest.raises(IntegrityError, match=name):
        tables.restore_frame(pd.DataFrame.__new__(pd.DataFrame), state)


def test_codes_of_levels_are_there() -> None:
    assert loads(pickle.dumps(LEVELS)).equals(LEVELS)
    fields = LEVELS.__reduce__()[1][1]
    for codes in (
        [np.array([0, 0, 1, 7]), fields["codes"][1]],
        [np.array([0, 0, 1, -2]), fields["codes"][1]],
        [np.array([0, 0]), fields["codes"][1]],
        fields["codes"][:1],
        [[0, 0, 1, 1], fields["codes"][1]],
    ):
        with pytest.raises(IntegrityError, match="codes"):
            tables.make_index(pd.MultiIndex, {**fields, "codes": codes})
    with pytest.raises(IntegrityError, match="fields"):
        tables.make_index(pd.Index, {"data": np.zeros(1), "tupleize_cols": True})


def test_codes_of_categories_are_there() -> None:
    values = pd.Categorical(["p", "q", None])
    assert list(loads(pickle.dumps(values)).codes) == [0, 1, -1]
    for codes in (np.array([0, 5, 0], "i1"), np.array([0, -2, 0], "i1"), np.array([0.5])):
        made, state = values.__reduce__()[0](*values.__reduce__()[1]), values.__reduce__()[2]
        with pytest.raises(IntegrityError, match="Categorical"):
            tables.restore_backed(made, (state[0], codes, *state[2:]))


def test_arrays_keep_what_their_dtype_says() -> None:
    days = pd.array(pd.date_range("2024-01-01", periods=2))
    function, arguments, state = days.__reduce__()[:3]
    for forged in (np.array(["a", "b"], dtype=object), np.zeros(2, "i8"), np.zeros(2, "M8[s]")):
        with pytest.raises(IntegrityError, match="DatetimeArray"):
            tables.restore_backed(function(*arguments), (state[0], forged, *state[2:]))


def test_a_mask_is_as_long_as_its_data() -> None:
    numbers = pd.array([1, None, 3], dtype="Int64")
    assert loads(pickle.dumps(numbers)).equals(numbers)
    assert_refused(numbers, "_mask", at("_mask", np.zeros(1, bool)))
    assert_refused(numbers, "_mask", at("_mask", np.zeros(3)))
    assert_refused(numbers, "_data", at("_data", np.array([1, 2, 3], dtype=object)))


def test_sparse_values_are_as_many_as_their_places() -> None:
    values = pd.arrays.SparseArray([0, 0, 1])
    assert loads(pickle.dumps(values)).to_dense().tolist() == [0, 0, 1]
    assert_refused(values, "_sparse_values", at("_sparse_values", np.zeros(9)))


def test_groups_are_numbered_anew() -> None:
    groups = pd.DataFrame({"k": list("aba"), "v": [1, 2, 3]}).groupby("k")
    assert groups.sum()["v"].tolist() == [4, 2]
    loaded = loads(pickle.dumps(groups))
    assert vars(loaded._grouper)["_cache"] == {}
    assert loaded.sum()["v"].tolist() == [4, 2]


# --- Arrow and polars -------------------------------------------------------------------------------------------------

ARROWS = [
    pa.array([1, 2, None]), pa.array(["a", None, "bc"]), pa.array([[1], [2, 3], None]), pa.array([{"a": 1, "b": "x"}]),
    pa.array(["a", "b", "a"]).dictionary_encode(), pa.nulls(3), pa.array([[("a", 1)]], pa.map_(pa.string(), pa.int64())),
    pa.array(range(10))[2:5], pa.array([True, None]), pa.array(["a" * 30], pa.string_view()),
]  # fmt: skip


@pytest.mark.parametrize("array", ARROWS, ids=lambda array: str(array.type))
def test_honest_arrow_arrays(array: Any) -> None:
    assert loads(pickle.dumps(array)).equals(array)


TEXT = pa.array(["a", "bc", "d"])


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (1, 10**9),
        (1, -1),
        (3, 10**9),
        (2, 7),
        (4, []),
        (4, [None]),
        (4, [None, pa.py_buffer(np.array([0, 1, 10**6, 4], "i4").tobytes()), TEXT.buffers()[2]]),
        (4, [None, pa.py_buffer(np.array([3, 2, 1, 0], "i4").tobytes()), TEXT.buffers()[2]]),
        (4, [None, TEXT.buffers()[1], pa.py_buffer(b"\xff\xff\xff\xff")]),
        (5, [TEXT.__reduce__()[1][0]]),
        (6, TEXT.__reduce__()[1][0]),
        (0, "string"),
    ],
)
def test_forged_arrow_arrays(place: int, value: Any) -> None:
    (parts,) = TEXT.__reduce__()[1]
    with pytest.raises(IntegrityError, match=r"pyarrow\.Array"):
        columns.make_array((*parts[:place], value, *parts[place + 1 :]))


def test_children_are_of_the_type_of_their_parent() -> None:
    (parts,) = pa.array([[1], [2, 3]]).__reduce__()[1]
    for child in (TEXT.__reduce__()[1][0], pa.array([1]).__reduce__()[1][0]):
        with pytest.raises(IntegrityError):
            columns.make_array((*parts[:5], [child], None))


def test_tables_of_arrow_and_polars() -> None:
    table = pa.table({"a": [1, 2], "b": ["x", None]})
    assert loads(pickle.dumps(table)).equals(table)
    frame = pl.DataFrame({"a": [1, 2], "b": ["x", None]})
    assert loads(pickle.dumps(frame)).equals(frame)
    with pytest.raises(IntegrityError):
        restored(pl.Series([1]), lambda state: b"no stream")
    with pytest.raises(UntrustedError, match="Expr"):
        loads(pickle.dumps(pl.col("a") + 1))
