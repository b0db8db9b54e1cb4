"""Arrays, tables and tensors: memory order, history and garbage do not matter; types and values do."""

import pytest

import brinery

numpy = pytest.importorskip("numpy")
pandas = pytest.importorskip("pandas")


def same(*values):
    return len({brinery.digest(value) for value in values}) == 1


def all_differ(*values):
    return len({brinery.digest(value) for value in values}) == len(values)


def test_memory_order_and_contiguity_do_not_matter():
    array = numpy.arange(24.0).reshape(4, 6)
    wide = numpy.zeros((8, 12))
    wide[::2, ::2] = array
    assert same(array, numpy.asfortranarray(array), wide[::2, ::2], array[::-1][::-1], array.copy())


def test_type_shape_and_values_matter():
    array = numpy.arange(6)
    assert all_differ(
        array,
        array.astype("i4"),
        array.astype(">i8"),
        array.astype("f8"),
        array.reshape(2, 3),
        array.reshape(3, 2),
        array[::-1],
        array.tolist(),
    )
    assert all_differ(numpy.float64(1), 1.0, numpy.array(1.0), numpy.float32(1), numpy.int64(1), numpy.bool_(1), True)


def test_every_nan_is_one_and_zeros_are_two():
    bits = numpy.array([0x7FF8000000000000, 0x7FF8000000000001, 0xFFF8000000000000], dtype="u8").view("f8")
    assert same(*(numpy.array([1.0, each]) for each in bits))
    assert same(*(numpy.array([1.0, complex(0, each)]) for each in bits))
    assert all_differ(numpy.array([0.0]), numpy.array([-0.0]))


def test_nans_in_large_arrays_are_one_in_every_piece():
    one = numpy.arange(1_000_000.0)
    one[[5, 700_000]] = numpy.nan
    other = one.copy()
    other.view("u8")[[5, 700_000]] = 0xFFF8000000000001
    without = numpy.nan_to_num(one)
    assert same(one, other, other[::-1][::-1], numpy.asfortranarray(other.reshape(1000, 1000)).reshape(-1))
    assert all_differ(one, without)


def test_bytes_between_the_fields_of_a_structure_do_not_matter():
    kind = numpy.dtype([("a", "i1"), ("b", "i8")], align=True)
    one, other = (numpy.frombuffer(fill * kind.itemsize, dtype=kind).copy() for fill in (b"\0", b"\xff"))
    for each in (one, other):
        each["a"], each["b"] = 1, 2
    assert same(one, other)


def test_elements_that_are_objects_are_digested_as_objects():
    make = lambda last: numpy.array(["a", 1, None, last], dtype=object)  # noqa: E731
    assert same(make([1]), make([1]))
    assert all_differ(make([1]), make([True]), make((1,)))
    with pytest.raises(brinery.EncodeError, match="generator"):
        brinery.digest(make(each for each in ()))


def test_what_is_masked_does_not_matter():
    one, other = (numpy.ma.array([1, value, 3], mask=[0, 1, 0]) for value in (2, 9))
    assert same(one, other)
    assert all_differ(one, numpy.ma.array([1, 2, 3]), numpy.array([1, 2, 3]))


def test_a_memory_map_counts_by_what_it_holds(tmp_path):
    maps = []
    for name in ("one", "other"):
        numpy.arange(3).tofile(tmp_path / name)
        maps.append(numpy.memmap(tmp_path / name, dtype="i8", mode="r"))
    assert same(*maps)


def frame():
    return pandas.DataFrame({"a": [1, 2], "b": [3, 4], "s": pandas.Series(["x", None], dtype=object)})


def test_how_a_table_keeps_its_columns_does_not_matter():
    pieces = pandas.DataFrame({"a": [1, 2]})
    pieces["b"] = [3, 4]
    pieces["s"] = pandas.Series(["x", None], dtype=object)
    longer = pandas.concat([frame(), frame()], ignore_index=True)
    assert same(frame(), pieces, pieces.copy(), brinery.loads(brinery.dumps(pieces), trust="everything"))
    assert same(longer.iloc[:2], frame())


def test_labels_types_and_order_of_columns_matter():
    base = frame()
    assert all_differ(
        base,
        base[["b", "a", "s"]],
        base.rename(columns={"a": "c"}),
        base.astype({"a": "f8"}),
        base.set_axis([5, 6]),
        base["a"],
        base["b"],
    )


def test_what_lies_under_missing_values_does_not_matter():
    one, other = pandas.array([1, 2], dtype="Int64"), pandas.array([1, 9], dtype="Int64")
    one[1] = other[1] = pandas.NA
    assert same(one, other)
    assert all_differ(one, pandas.array([1, 0], dtype="Int64"), pandas.array([1, None], dtype="Int32"))


@pytest.mark.parametrize(
    "make",
    [
        lambda: pandas.Categorical(["a", "b", "a"]),
        lambda: pandas.date_range("2024-01-01", periods=3, tz="Europe/Berlin"),
        lambda: pandas.Series(["a", None, "c"], dtype="str"),
        lambda: pandas.interval_range(0, 3),
        lambda: pandas.MultiIndex.from_product([["a"], [1, 2]]),
        lambda: pandas.period_range("2024-01", periods=2, freq="M"),
        lambda: pandas.Timedelta(1, "s"),
        lambda: pandas.arrays.SparseArray([0, 0, 1]),
        lambda: pandas.NA,
    ],
)
def test_the_other_kinds_of_columns_have_digests_that_last(make):
    assert same(make(), make(), brinery.loads(brinery.dumps(make()), trust="everything"))


def test_sparse_matrices_count_by_their_entries():
    sparse = pytest.importorskip("scipy.sparse")
    entries = ([1.0, 2.0, 3.0], ([0, 1, 0], [1, 0, 2]))
    other = ([3.0, 0.5, 0.5, 2.0], ([0, 0, 0, 1], [2, 1, 1, 0]))
    assert same(sparse.csr_matrix(entries), sparse.csr_matrix(other))
    assert all_differ(sparse.csr_matrix(entries), sparse.csc_matrix(entries), sparse.csr_matrix(([1.0], ([0], [0]))))


@pytest.mark.filterwarnings("ignore:Sparse CSR tensor support is in beta")
def test_tensors_count_by_type_shape_and_elements():
    torch = pytest.importorskip("torch")  # not among what tests need: gigabytes
    base = torch.arange(6.0).reshape(2, 3)
    assert same(base, base.t().contiguous().t(), base.clone())
    assert all_differ(base, base.t(), base.double(), base.bfloat16(), base.numpy(), base.clone().requires_grad_())
    assert all_differ(torch.nn.Parameter(base), base)
    assert same(torch.tensor([float("nan")]), -torch.tensor([float("nan")]))
    layer = torch.nn.Linear(2, 2)
    assert same(layer, brinery.loads(brinery.dumps(layer), trust="everything"))
    sparse = torch.tensor([[0.0, 1.0]]).to_sparse()
    assert same(sparse, sparse.clone())
    with pytest.raises(brinery.EncodeError, match="layout"):
        brinery.digest([torch.eye(2).to_sparse_csr()])


def test_arrow_and_polars_go_by_their_values():
    polars, pyarrow = pytest.importorskip("polars"), pytest.importorskip("pyarrow")
    whole = pyarrow.table({"a": [1, 2, None], "b": ["x", "y", "z"]})
    chunks = pyarrow.concat_tables([whole.slice(0, 1), whole.slice(1)])
    assert brinery.digest(whole) == brinery.digest(chunks) != brinery.digest(whole.slice(1))
    assert brinery.digest(whole["a"]) == brinery.digest(chunks["a"]) != brinery.digest(whole["a"].cast("int32"))
    frame = polars.DataFrame({"a": [1, 2, None], "b": ["x", "y", "z"]})
    again = polars.concat([frame[:1], frame[1:]], rechunk=False)
    assert brinery.digest(frame) == brinery.digest(again) != brinery.digest(frame.reverse())
    assert brinery.digest(frame["a"]) != brinery.digest(frame["a"].cast(polars.Int32))
