"""Forged arrays, dtypes and generators are refused, and honest ones come back as they were."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest

from brinery.errors import IntegrityError
from brinery.trust.guards import arrays, dtypes, generators
from tests.trust.loading import loads

DTYPES = [
    "?", "i1", ">u2", "f8", ">f4", "g", "c16", "O", "S5", "U5", ">U5", "V3", "M8[D]", "m8[7s]", "M8",
    np.dtype(("f4", (2, 3))), np.dtype([("n", "i4"), ("s", "U2"), ("o", "O")]), np.dtype("f8", metadata={"unit": "m"}),
    np.dtype({"names": ["a", "b"], "formats": ["i1", "f8"], "offsets": [8, 16], "itemsize": 32}),
    np.dtype({"names": ["a", "b"], "formats": ["i1", "f8"]}, align=True),
    np.dtype([(("title", "n"), "i4"), ("inner", [("x", "f4", (2,))])]),
]  # fmt: skip


def fresh(obj: Any) -> tuple[Any, Any]:
    """An object as it is before its state, and the state."""
    function, arguments, state = obj.__reduce__()[:3]
    return function(*arguments), state


def changed(state: tuple[Any, ...], **values: Any) -> tuple[Any, ...]:
    """A state with other values at the places `at_N`."""
    found = list(state)
    for place, value in values.items():
        found[int(place.removeprefix("at_"))] = value
    return tuple(found)


@pytest.mark.parametrize("kind", DTYPES, ids=str)
def test_honest_dtypes(kind: Any) -> None:
    dtype = np.dtype(kind)
    made, state = fresh(dtype)
    dtypes.restore(made, state)
    assert made == dtype
    assert (made.itemsize, made.alignment, made.hasobject) == (dtype.itemsize, dtype.alignment, dtype.hasobject)
    assert dict(made.metadata or {}) == dict(dtype.metadata or {})


FIELDS = np.dtype([("n", "i4"), ("o", "O")])


@pytest.mark.parametrize(
    ("kind", "forgery"),
    [
        ("f8", {"at_7": 63}),
        ("f8", {"at_5": 800}),
        ("O", {"at_7": 0}),
        ("S5", {"at_5": -5}),
        ("U5", {"at_5": 21}),
        ("U5", {"at_7": 63}),
        ("f8", {"at_2": (np.dtype("f8"), (2,))}),
        ("f8", {"at_3": ("a",), "at_4": {"a": (np.dtype("f8"), 0)}}),
        (FIELDS, {"at_7": 0}),
        (FIELDS, {"at_5": 4}),
        (FIELDS, {"at_4": {"n": (np.dtype("i4"), 0), "o": (np.dtype("O"), 100)}}),
        (FIELDS, {"at_4": {"n": (np.dtype("i4"), -400), "o": (np.dtype("O"), 4)}}),
        (FIELDS, {"at_4": {"n": (np.dtype("O"), 2), "o": (np.dtype("O"), 4)}}),
        (FIELDS, {"at_6": 64}),
        (np.dtype(("f4", (2, 3))), {"at_5": 4}),
        (np.dtype(("f4", (2, 3))), {"at_2": (np.dtype("f4"), (1000, 3))}),
        (np.dtype(("f4", (2, 3))), {"at_2": (np.dtype("O"), (3,)), "at_7": 0}),
    ],
    ids=str,
)
def test_forged_dtypes(kind: Any, forgery: dict[str, Any]) -> None:
    made, state = fresh(np.dtype(kind))
    with pytest.raises(IntegrityError, match=r"numpy\.dtype"):
        dtypes.restore(made, changed(state, **forgery))


def test_a_dtype_that_numpy_shares_is_not_touched() -> None:
    made = dtypes.make(np.dtype, "f8", False, False)
    assert made is not np.dtype("f8")
    with pytest.raises(IntegrityError):
        dtypes.make("f8, O", False, True)


ARRAYS = [
    np.arange(6.0).reshape(2, 3), np.asfortranarray(np.arange(6).reshape(2, 3)), np.array([1, None, "a"], dtype=object),
    np.zeros(3, FIELDS), np.array(["a", "bc"]), np.empty((0, 3)), np.array(5.0), np.array("2024-01-01", "M8[D]"),
    np.array(["a", "b" * 50], dtype=np.dtypes.StringDType()), np.rec.array([(1, "a")], dtype=[("n", "i4"), ("s", "U2")]),
]  # fmt: skip


@pytest.mark.parametrize("array", ARRAYS, ids=str)
def test_honest_arrays(array: Any) -> None:
    made, state = fresh(array)
    arrays.restore(made, state)
    assert type(made) is type(array)
    assert made.dtype == array.dtype
    assert made.flags.f_contiguous == array.flags.f_contiguous
    assert made.tolist() == array.tolist()


@pytest.mark.parametrize(
    ("array", "forgery"),
    [
        (np.array([1, None, "a"], dtype=object), {"at_1": (100_000,)}),
        (np.array([1, None, "a"], dtype=object), {"at_4": [1]}),
        (np.array([1, None, "a"], dtype=object), {"at_4": b"\x01" * 24}),
        (np.arange(3.0), {"at_1": (4,)}),
        (np.arange(3.0), {"at_1": (-3,)}),
        (np.arange(3.0), {"at_1": (2**62, 2**62, 3)}),
        (np.arange(3.0), {"at_2": np.dtype("O")}),
        (np.arange(3.0), {"at_2": FIELDS}),
        (np.arange(3.0), {"at_4": [1.0, 2.0, 3.0]}),
        (np.arange(3.0), {"at_0": 2}),
        (np.zeros(3, FIELDS), {"at_4": [(1, None)]}),
    ],
    ids=str,
)
def test_forged_arrays(array: Any, forgery: dict[str, Any]) -> None:
    made, state = fresh(array)
    with pytest.raises(IntegrityError, match=r"numpy\.ndarray"):
        arrays.restore(made, changed(state, **forgery))


def test_an_array_is_restored_once() -> None:
    made, state = fresh(np.arange(3.0))
    arrays.restore(made, state)
    with pytest.raises(IntegrityError, match="twice"):
        arrays.restore(made, state)


def test_masked_arrays() -> None:
    array = np.ma.masked_array([1, 2, 3], [0, 1, 0], fill_value=9)
    made, state = fresh(array)
    arrays.restore_masked(made, state)
    assert repr(made) == repr(array)
    again, _ = fresh(array)
    with pytest.raises(IntegrityError, match="mask"):
        arrays.restore_masked(again, changed(state, at_5=b"\x00"))


def test_views_of_shared_memory_stay_in_it() -> None:
    assert arrays.view(b"\x01" * 16, np.dtype("i4"), (2,), (4,), 8, False).tolist() == [0x1010101] * 2
    shared = np.arange(4.0)
    assert np.shares_memory(arrays.view(shared, np.dtype("f8"), (2,), (8,), 8, True), shared)
    for memory, dtype, shape, strides, offset in [
        (b"\x01" * 16, np.dtype("O"), (2,), (8,), 0),
        (b"\x01" * 16, np.dtype("i4"), (4,), (4,), 8),
        (b"\x01" * 16, np.dtype("i4"), (2,), (-4,), 0),
        (np.array([1, 2], dtype=object), np.dtype("i8"), (2,), (8,), 0),
        (np.array([1, 2], dtype=object), np.dtype("O"), (3,), (8,), 0),
    ]:
        with pytest.raises(IntegrityError):
            arrays.view(memory, dtype, shape, strides, offset, True)


def test_scalars_have_as_many_bytes_as_their_type() -> None:
    assert dtypes.scalar(np.dtype("i4"), b"\x05\x00\x00\x00") == 5
    with pytest.raises(IntegrityError):
        dtypes.scalar(np.dtype("i4"), b"\x05")
    with pytest.raises(IntegrityError):
        dtypes.scalar(np.dtype("O"), b"\x05" * 8)


@pytest.mark.parametrize("name", ["MT19937", "PCG64", "PCG64DXSM", "Philox", "SFC64"])
def test_honest_generators_draw_the_same(name: str) -> None:
    generator = np.random.Generator(getattr(np.random, name)(5))
    loaded = loads(pickle.dumps(generator))
    assert loaded.random(9).tolist() == generator.random(9).tolist()


@pytest.mark.parametrize(
    ("name", "path", "value"),
    [
        ("MT19937", ("state", "pos"), 625),
        ("MT19937", ("state", "pos"), -1),
        ("MT19937", ("state", "key"), np.zeros(3, "u4")),
        ("MT19937", ("bit_generator",), "PCG64"),
        ("Philox", ("buffer_pos",), 5),
        ("Philox", ("buffer",), np.zeros(1, "u8")),
        ("Philox", ("state", "key"), np.zeros(1, "u8")),
        ("SFC64", ("state", "state"), np.zeros(1, "u8")),
        ("PCG64", ("has_uint32",), 7),
    ],
)
def test_forged_generators(name: str, path: tuple[str, ...], value: Any) -> None:
    made, state = fresh(getattr(np.random, name)(5))
    place = state[0]
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    with pytest.raises(IntegrityError, match=path[-1]):
        generators.restore(made, state)


def test_the_old_generator() -> None:
    old = np.random.RandomState(5)
    assert loads(pickle.dumps(old)).random(5).tolist() == old.random(5).tolist()
    state = old.__reduce__()[2]
    state["state"]["pos"] = 10**6
    with pytest.raises(IntegrityError, match="pos"):
        generators.restore_legacy(np.random.RandomState(), state)


def test_seeds_have_a_pool_of_their_size() -> None:
    seed = np.random.SeedSequence(5)
    assert loads(pickle.dumps(seed)).generate_state(4).tolist() == seed.generate_state(4).tolist()
    made, state = fresh(seed)
    for forgery in ({"at_3": 1000}, {"at_2": np.zeros(1, "u4")}, {"at_2": np.zeros(4, "u8")}, {"at_1": -1}):
        with pytest.raises(IntegrityError):
            generators.restore_seed(made, changed(state, **forgery))
