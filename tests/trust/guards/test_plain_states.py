"""The plain cases of NumPy's states in the core take what the guards take in general, and make the same of it."""

import pickle
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brinery.codec import array_scalar, empty_array, restored_array, restored_dtype
from brinery.errors import IntegrityError
from brinery.trust.guards import arrays, dtypes

numpy = pytest.importorskip("numpy", reason="guards of NumPy's states need NumPy")

odd = st.sampled_from([None, -1, 0, 1, 3, 2**63, True, 1.0, "", "b", b"", "x" * 8, b"12345678", (), (0,), [], {}])
shapes = st.lists(st.one_of(st.integers(-1, 3), odd), max_size=3).map(tuple) | odd
kinds = st.sampled_from(["f8", "i2", "S3", "U2", "O", "M8[s]", "?", "V4", "f4,i4"]).map(numpy.dtype) | odd
contents = st.binary(max_size=32) | st.binary(max_size=32).map(bytearray) | st.lists(odd, max_size=4) | odd
states = st.tuples(st.just(1) | odd, shapes, kinds, st.booleans() | odd, contents)


def in_general(module, **plain):
    """The guards without what the core does for them."""
    return mock.patch.multiple(module, **{name: lambda *_, answer=answer: answer for name, answer in plain.items()})


def outcome(restore, obj, state):
    try:
        restore(obj, state)
    except IntegrityError:
        return "refused"
    return pickle.dumps(obj)


@given(states)
def test_an_array_is_restored_as_in_general_or_left_alone(state):
    ours = numpy.ndarray((0,), "b")
    before = pickle.dumps(ours)
    if restored_array(ours, state):
        with in_general(arrays, restored_array=False):
            assert outcome(arrays.restore, numpy.ndarray((0,), "b"), state) == pickle.dumps(ours)
    else:
        assert pickle.dumps(ours) == before


@pytest.mark.parametrize("array", [numpy.arange(6.0).reshape(2, 3), numpy.array(["a", None], dtype=object)])
def test_an_array_with_its_own_state_is_restored(array):
    state = array.__reduce__()[2]
    ours = numpy.ndarray((0,), "b")
    assert restored_array(ours, state)
    assert ours.tolist() == array.tolist()
    assert not restored_array(ours, state)  # it has items now


type_states = st.tuples(
    st.sampled_from([3, 4]) | odd, st.sampled_from("<>=|") | odd, *([st.none() | odd] * 3), *([st.integers(-1, 1)] * 3)
)


@given(st.sampled_from(["f8", "i4", "?", "O", "S4", "U1", "M8", "V2"]), type_states)
def test_a_dtype_is_restored_as_in_general_or_left_alone(name, state):
    ours = numpy.dtype(name, copy=True)
    before = pickle.dumps(ours)
    if restored_dtype(ours, state):
        with in_general(dtypes, restored_dtype=False):
            assert outcome(dtypes.restore, numpy.dtype(name, copy=True), state) == pickle.dumps(ours)
    else:
        assert pickle.dumps(ours) == before


def test_a_dtype_of_numbers_takes_an_order_of_bytes():
    ours = numpy.dtype("f8", copy=True)
    assert restored_dtype(ours, (3, ">", None, None, None, -1, -1, 0))
    assert ours == numpy.dtype(">f8")


@given(kinds, contents)
def test_a_scalar_is_made_as_in_general_or_not_at_all(kind, content):
    made = array_scalar(kind, content)
    if made is not None:
        with in_general(dtypes, array_scalar=None):
            expected = dtypes.scalar(kind, content)
        assert type(made) is type(expected)
        assert made.tobytes() == expected.tobytes()


@pytest.mark.parametrize(
    ("cls", "shape", "kind", "made"),
    [
        (numpy.ndarray, (0,), b"b", True),
        (numpy.ndarray, (0,), "b", True),
        (numpy.ndarray, (1,), b"b", False),
        (numpy.ndarray, [0], b"b", False),
        (numpy.ndarray, (0,), b"O", False),
        (numpy.matrix, (0,), b"b", False),
        (list, (0,), b"b", False),
    ],
)
def test_empty_arrays_are_made_for_nothing_else(cls, shape, kind, made):
    array = empty_array(cls, shape, kind)
    assert (array is not None) is made
    assert array is None or (array.shape, array.dtype) == ((0,), numpy.dtype("b"))
