"""Tables: shared until they are written to, sent without copies."""

import numpy as np
import pytest

import brinery

pandas = pytest.importorskip("pandas")
pyarrow = pytest.importorskip("pyarrow")
polars = pytest.importorskip("polars")
sparse = pytest.importorskip("scipy.sparse")


def travelled(obj, out_of_band=False):
    buffers = [] if out_of_band else None
    data = brinery.dumps(obj, buffers=buffers)
    return brinery.loads(data, trust="everything", buffers=buffers)


def numbers():
    return pandas.DataFrame({"a": np.arange(100.0), "b": np.arange(100.0)})


SHARED = {
    "shallow copy": lambda frame: [frame, frame.copy(deep=False)],
    "column": lambda frame: [frame, frame["a"]],
    "rows": lambda frame: [frame, frame[:10], frame[5:20]],
    "rows first": lambda frame: [frame[:10], frame],
}


@pytest.mark.parametrize("out_of_band", [False, True])
@pytest.mark.parametrize("make", SHARED.values(), ids=SHARED)
def test_pandas_objects_share_memory_until_one_is_written_to(make, out_of_band):
    loaded = travelled(make(numbers()), out_of_band)
    blocks = [each._mgr.blocks[0].values for each in loaded]
    assert np.shares_memory(blocks[0], blocks[1])
    for i, each in enumerate(loaded):
        each.iloc[0] = -1.0
        assert all((other != -1.0).all(axis=None) for other in loaded[i + 1 :])


def test_a_series_of_an_index_does_not_write_into_it():
    index = pandas.Index(np.arange(10))
    loaded_index, series = travelled([index, pandas.Series(index, copy=False)])
    series.iloc[0] = 99
    assert loaded_index[0] == 0


@pytest.mark.parametrize("out_of_band", [False, True])
def test_pandas_types_come_back_equal(out_of_band):
    frame = pandas.DataFrame(
        {
            "s": ["a", None],
            "c": pandas.Categorical(["x", "y"]),
            "d": pandas.date_range("2024", periods=2, tz="UTC"),
            "i": pandas.array([1, None], dtype="Int64"),
            "p": pandas.array([1, 2], dtype="int64[pyarrow]"),
        },
        index=pandas.MultiIndex.from_tuples([(1, "a"), (2, "b")]),
    )
    pandas.testing.assert_frame_equal(travelled(frame, out_of_band), frame)


def test_a_frame_and_a_part_of_it_go_out_of_band_uncopied():
    frame = numbers()
    for each in (frame, frame[::2]):
        block = travelled(each, out_of_band=True)._mgr.blocks[0].values
        assert np.shares_memory(block, each._mgr.blocks[0].values)


def test_a_slice_of_an_arrow_array_leaves_the_rest_behind():
    table = pyarrow.table({"n": range(100_000), "s": ["text"] * 100_000})
    for part in (table["n"].chunk(0)[5:10], table.slice(5, 10), table.to_batches()[0].slice(7, 3)):
        data = brinery.dumps(part)
        assert len(data) < 5_000
        assert brinery.loads(data, trust="everything").equals(part)


def test_arrow_buffers_go_out_of_band_uncopied():
    array = pyarrow.array(range(1000))
    loaded = travelled(pyarrow.table({"n": array}), out_of_band=True)
    assert loaded["n"].chunk(0).buffers()[1].address == array.buffers()[1].address


def test_polars_goes_out_of_band_uncopied_and_equal():
    frame = polars.DataFrame(
        {
            "n": [1, 2, 3],
            "s": ["a", None, "c" * 30],
            "l": [[1], [], None],
            "c": polars.Series(["u", "v", "u"], dtype=polars.Categorical),
            "t": polars.Series([1, 2, 3], dtype=polars.Datetime("ms", "UTC")),
        }
    )
    loaded = travelled(frame, out_of_band=True)
    assert loaded.equals(frame)
    assert loaded.schema == frame.schema
    assert np.shares_memory(loaded["n"].to_numpy(allow_copy=False), frame["n"].to_numpy(allow_copy=False))
    assert travelled(frame).equals(frame)
    assert travelled(polars.DataFrame(), out_of_band=True).shape == (0, 0)


@pytest.mark.parametrize("kind", ["csr", "csc", "coo", "bsr", "dia"])
def test_sparse_matrices_go_out_of_band_uncopied(kind):
    matrix = sparse.eye(50).asformat(kind)
    loaded = travelled(matrix, out_of_band=True)
    assert np.shares_memory(loaded.data, matrix.data)
    assert (loaded != matrix).nnz == 0
