"""NumPy arrays: what shares memory goes on sharing it, and out of band nothing is copied."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

import brinery
from brinery.reducers import make_array

KINDS = ["f8", ">i4", "?", "c16", "S3", "U2", "M8[s]", "m8[D]", [("a", "i4"), ("b", "f8", 2)], "O"]


def travelled(obj, out_of_band=False):
    buffers = [] if out_of_band else None
    data = brinery.dumps(obj, buffers=buffers)
    return brinery.loads(data, trust="everything", buffers=buffers)


def size_of(obj):
    return len(brinery.dumps(obj))


def filled(shape, dtype, order):
    array = np.empty(shape, dtype=dtype, order=order)
    numbers = np.arange(array.size)
    if array.dtype.names:
        array["a"] = numbers.reshape(shape)
        array["b"] = 0
    elif array.dtype.kind in "mM":
        array[...] = numbers.reshape(shape).astype("i8").view("i8").astype(array.dtype)
    else:
        array[...] = numbers.reshape(shape)
    return array


@st.composite
def families(draw):
    """An array, and views of it and of its views, in any order, with or without the array itself."""
    shape = draw(npst.array_shapes(max_dims=3, max_side=6))
    base = filled(shape, draw(st.sampled_from(KINDS)), draw(st.sampled_from("CF")))
    views = [base]
    for _ in range(draw(st.integers(1, 5))):
        source = draw(st.sampled_from(views))
        if draw(st.booleans()):
            view = source.transpose(draw(st.permutations(range(source.ndim))))
        else:
            view = source[draw(npst.basic_indices(source.shape, allow_ellipsis=True, allow_newaxis=True))]
        if isinstance(view, np.ndarray):
            views.append(view)
    for view in views[1:]:
        if draw(st.booleans()):
            view.flags.writeable = False
    return draw(st.permutations(views).map(lambda each: each[: max(1, len(each) - 1)]) | st.permutations(views))


@pytest.mark.parametrize("out_of_band", [False, True])
@given(family=families())
def test_views_are_equal_and_share_what_they_shared(out_of_band, family):
    loaded = travelled(family, out_of_band)
    for old, new in zip(family, loaded, strict=True):
        assert (new.dtype, new.shape) == (old.dtype, old.shape)
        assert new.flags.writeable == old.flags.writeable or not old.size
        np.testing.assert_array_equal(new, old)
    for i, one in enumerate(family):
        for j in range(i):
            assert np.shares_memory(loaded[i], loaded[j]) == np.shares_memory(one, family[j])


@given(family=families())
def test_out_of_band_the_memory_is_the_very_same(family):
    dense = [view for view in family if view.dtype != object and view.size and view.flags.forc]
    for old, new in zip(dense, travelled(dense, out_of_band=True), strict=True):
        assert np.shares_memory(old, new)
        assert new.__array_interface__["data"] == old.__array_interface__["data"]


@pytest.mark.parametrize("dtype", KINDS)
def test_a_lone_plain_array_is_a_stock_pickle(dtype):
    data = brinery.dumps(filled((3, 4), dtype, "C"))
    assert b"brinery" not in data
    np.testing.assert_array_equal(pickle.loads(data), filled((3, 4), dtype, "C"))


def test_a_lone_view_is_a_stock_pickle_of_what_it_needs():
    base = np.zeros(1_000_000)
    for view in (base[5:10], base[::100_000], base[:100].reshape(10, 10)):
        data = brinery.dumps(view)
        assert len(data) < 1_000
        assert b"brinery" not in data
        assert (pickle.loads(data) == view).all()


def test_the_stdlib_reads_views_that_share():
    base = np.arange(10.0)
    loaded = pickle.loads(brinery.dumps([base[2:], base]))
    loaded[0][0] = -1
    assert loaded[1][2] == -1


def test_only_what_is_needed_of_a_large_array_travels():
    base = np.zeros(1_000_000)
    assert size_of([base[:10], base[5:20]]) < 1_000
    buffers = []
    brinery.dumps([base[:10], base[5:20]], buffers=buffers)
    assert [buffer.raw().nbytes for buffer in buffers] == [160]
    buffers = []
    brinery.dumps(base[::1000], buffers=buffers)
    assert [buffer.raw().nbytes for buffer in buffers] == [8000]


def test_a_strided_view_goes_out_of_band_uncopied():
    base = np.arange(10.0)
    assert np.shares_memory(travelled(base[::2], out_of_band=True), base)


def test_buffers_are_given_only_once_the_whole_is_pickled():
    base = np.arange(10.0)
    buffers = ["mine"]
    with pytest.raises(brinery.EncodeError):
        brinery.dumps([base, (each for each in ())], buffers=buffers)
    assert buffers == ["mine"]


def test_arrays_made_anew_in_each_pass_end_it_all_the_same():
    class Source:
        def __reduce__(self):
            array = np.arange(100.0)
            return list, ([array[:10], array[50:60], array[::3]],)

    loaded = travelled(Source())
    assert loaded[1].tolist() == list(range(50, 60))


def test_memory_of_others_is_shared_too():
    memory = bytearray(80)
    one, other = travelled([np.frombuffer(memory, "f8"), np.frombuffer(memory, "f8", offset=16)])
    other[0] = 7
    assert one[2] == 7


def test_a_buffer_that_is_read_only_makes_an_array_that_is():
    buffers = []
    data = brinery.dumps(np.arange(4).astype("M8[s]"), buffers=buffers)
    loaded = brinery.loads(data, trust="everything", buffers=[bytes(each) for each in buffers])
    assert not loaded.flags.writeable


@pytest.mark.parametrize("out_of_band", [False, True])
def test_a_masked_array_keeps_its_mask_fill_value_and_data(out_of_band):
    data = np.arange(5.0)
    masked = np.ma.array(data, mask=data > 2, copy=False, fill_value=-1, hard_mask=True)
    loaded, whole = travelled([masked, data], out_of_band)
    assert loaded.filled().tolist() == [0, 1, 2, -1, -1]
    assert loaded.hardmask
    assert np.shares_memory(loaded.data, whole)
    assert np.shares_memory(loaded.data, data) == out_of_band
    assert travelled(np.ma.array([1, 2])).mask is np.ma.nomask


@pytest.mark.parametrize("out_of_band", [False, True])
def test_a_memory_map_travels_as_what_it_holds(tmp_path, out_of_band):
    mapped = np.memmap(tmp_path / "numbers", dtype="i4", mode="w+", shape=4)
    mapped[:] = [1, 2, 3, 4]
    buffers = [] if out_of_band else None
    data = brinery.dumps(mapped, buffers=buffers)
    (tmp_path / "numbers").unlink()
    loaded = brinery.loads(data, trust="everything", buffers=buffers)
    assert type(loaded) is np.memmap
    assert loaded.tolist() == [1, 2, 3, 4]
    assert np.shares_memory(loaded, mapped) == out_of_band


class Signal(np.ndarray):
    """With an attribute, which numpy's own reduction drops."""


class Own(np.ndarray):
    """With a reduction of its own."""

    def __reduce__(self):
        return list, ([1],)


def test_subclasses_keep_their_attributes_and_their_own_ways():
    signal = np.arange(3.0).view(Signal)
    signal.rate = 44100
    loaded, base = travelled([signal, signal.view(np.ndarray)])
    assert type(loaded) is Signal
    assert loaded.rate == 44100
    assert np.shares_memory(loaded, base)
    assert travelled(np.zeros(3).view(Own)) == [1]


@pytest.mark.parametrize("offset", [-8, 80, 1])
@pytest.mark.parametrize("memory", [np.zeros(10), np.zeros(10, dtype=object)])
def test_an_array_outside_of_its_memory_is_refused(memory, offset):
    with pytest.raises(ValueError, match=r"does not lie within|strides|offset|buffer"):
        make_array(memory, memory.dtype, (10,), (8,), offset, True)
