"""State that C code takes as it is: NumPy's arrays, dtypes and generators, SciPy's matrices, trees and splines.

Honest objects are made and pickled with one field changed; what is loaded is then used as an honest program would.
"""

from __future__ import annotations

import copyreg
import io
import pickle
from collections.abc import Callable
from typing import Any

from tests.attacks import sources
from tests.attacks.assembly import NONE, call, listed, name, number, packed, raw, stream, text
from tests.attacks.case import Family, Marker

CASES = Family("forged arrays")


def changed(made: object, change: Callable[[Any], Any]) -> bytes:
    """An honest object, pickled with another state."""
    reduced = list(made.__reduce_ex__(4))
    reduced[2] = change(reduced[2])
    kind = type(made)
    file = io.BytesIO()
    pickler = pickle.Pickler(file, 4)
    pickler.dispatch_table = copyreg.dispatch_table.copy()
    pickler.dispatch_table[kind] = lambda each: tuple(reduced) if each is made else each.__reduce_ex__(4)
    pickler.dump(made)
    return file.getvalue()


def array(shape: int, dtype: bytes, content: bytes) -> bytes:
    """An array by its state."""
    made = call(name("numpy._core.multiarray", "_reconstruct"), name("numpy", "ndarray"), packed(number(0)), raw(b"b"))
    return made + packed(number(1), packed(number(shape)), dtype, b"\x89", content) + b"b"


def dtype(code: str, *state: bytes) -> bytes:
    made = call(name("numpy", "dtype"), text(code), b"\x89", b"\x88")
    return made + packed(*state) + b"b" if state else made


def object_dtype() -> bytes:
    return dtype("O8", number(3), text("|"), NONE, NONE, NONE, number(-1), number(-1), number(63))


def short_object_list(marker: Marker) -> bytes:
    return stream(array(100_000, object_dtype(), listed(number(1), number(2))))


def object_bytes(marker: Marker) -> bytes:
    """A dtype of raw bytes says by its flags that it holds references: the bytes are pointers."""
    forged = dtype("V8", number(3), text("|"), NONE, NONE, NONE, number(8), number(1), number(63))
    return stream(array(64, forged, raw(b"\x41" * 512)))


def fields_outside(marker: Marker) -> bytes:
    """A field lies a gigabyte behind the item that it is of."""
    field = packed(dtype("f8"), number(1 << 30))
    fields = b"}" + text("a") + field + b"s"
    forged = dtype("V8", number(3), text("|"), NONE, packed(text("a")), fields, number(8), number(1), number(0))
    return stream(array(2, forged, raw(bytes(16))))


def object_field(marker: Marker) -> bytes:
    """A field of references in a dtype whose flags do not tell of it."""
    field = packed(object_dtype(), number(0))
    fields = b"}" + text("a") + field + b"s"
    forged = dtype("V8", number(3), text("|"), NONE, packed(text("a")), fields, number(8), number(1), number(0))
    return stream(array(2, forged, raw(b"\x41" * 16)))


def short_dtype_state(marker: Marker) -> bytes:
    return stream(dtype("f8", number(3), text("<")))


def scalar_of_object(marker: Marker) -> bytes:
    return stream(call(name("numpy._core.multiarray", "scalar"), object_dtype()))


def itemsize(marker: Marker) -> bytes:
    """A text dtype whose items are of no size that text has."""
    forged = dtype("U1", number(3), text("<"), NONE, NONE, NONE, number(1 << 30), number(4), number(0))
    return stream(array(1, forged, raw(b"a\x00\x00\x00")))


def generator(marker: Marker, pos: int = 1 << 30) -> bytes:
    import numpy

    made = numpy.random.RandomState(0)

    def forge(state: dict[str, Any]) -> dict[str, Any]:
        return {**state, "state": {**state["state"], "pos": pos}}

    return changed(made, forge)


def bit_generator(marker: Marker) -> bytes:
    import numpy

    def forge(state: tuple[dict[str, Any], Any]) -> tuple[dict[str, Any], Any]:
        return {**state[0], "buffer_pos": -(1 << 28)}, state[1]

    return changed(numpy.random.Philox(0), forge)


def matrix(kind: str, **fields: object) -> Callable[[Marker], bytes]:
    def build(marker: Marker) -> bytes:
        import numpy
        import scipy.sparse

        made = getattr(scipy.sparse, kind)(numpy.eye(4))
        for key, value in fields.items():
            made.__dict__[key] = numpy.array(value, "i4")
        return pickle.dumps(made, 4)

    return build


def coordinates(marker: Marker) -> bytes:
    import numpy
    import scipy.sparse

    made = scipy.sparse.coo_matrix(numpy.eye(4))
    made.coords = (numpy.array([0, 1, 2, 1 << 28], "i4"), made.coords[1])
    return pickle.dumps(made, 4)


def spatial_tree(marker: Marker) -> bytes:
    import numpy
    import scipy.spatial

    def forge(state: tuple[Any, ...]) -> tuple[Any, ...]:
        nodes = state[0].copy()
        numbers = nodes.view("i8")
        numbers[numbers > 0] = 1 << 40
        return (nodes, *state[1:])

    return changed(scipy.spatial.cKDTree(numpy.arange(200.0).reshape(100, 2)), forge)


def spline(marker: Marker) -> bytes:
    import numpy
    from scipy.interpolate import BSpline

    made = BSpline(numpy.arange(10.0), numpy.ones(6), 3)
    state = {**made.__dict__, "k": 100_000}
    made.__dict__.update(state)
    return pickle.dumps(made, 4)


def triangulation(marker: Marker) -> bytes:
    import numpy
    from scipy.interpolate import LinearNDInterpolator

    points = numpy.array([[0.0, 0], [0, 1], [1, 0], [1, 1], [0.4, 0.6]])
    made = LinearNDInterpolator(points, numpy.arange(5.0))
    made.tri.__dict__["simplices"] = made.tri.simplices + (1 << 28)
    made.tri.__dict__["_vertices"] = made.tri.__dict__["simplices"]
    return pickle.dumps(made, 4)


def add(title: str, technique: str, source: str, build: Callable[[Marker], bytes], after: str, **more: object) -> None:
    CASES.add(title, technique, source, build, **{"effect": "forges", "package": "numpy", "after": after, **more})


MATRIX_USE = "import numpy; made @ numpy.ones(4); made @ made; made.toarray(); made.sum(0)"

add(
    "objects-too-few",
    "an array of 100,000 objects whose list has two",
    sources.numpy(13593),
    short_object_list,
    "repr(made)",
)
add(
    "objects-by-bytes",
    "a dtype's flags say that bytes are references",
    sources.numpy(13593),
    object_bytes,
    "made.tolist(); made.copy(); repr(made)",
    effect="refused",
)
add(
    "field-outside",
    "a dtype's field lies outside of its items",
    sources.numpy(30476),
    fields_outside,
    "made['a'].sum()",
)
add(
    "object-field-unflagged",
    "a dtype has a field of references, its flags none",
    sources.numpy(13593),
    object_field,
    "made.tolist(); repr(made)",
)
add(
    "dtype-state-short",
    "the state of a dtype is too short",
    sources.numpy(30476),
    short_dtype_state,
    "repr(made); made.itemsize",
    effect="refused",
)
add(
    "dtype-itemsize",
    "an item is larger than the array's bytes",
    sources.numpy(30476),
    itemsize,
    "made.tolist()",
    effect="refused",
)
add(
    "scalar-of-object",
    "numpy's scalar() of an object dtype without a value",
    sources.numpy(28316),
    scalar_of_object,
    "repr(made)",
    effect="refused",
)
add(
    "random-state-position",
    "a RandomState's position is outside of its key",
    sources.numpy(25402),
    generator,
    "made.random_sample(10)",
)
add(
    "philox-position",
    "a Philox's position is outside of its buffer",
    sources.numpy(28784),
    bit_generator,
    "made.random_raw(10)",
)
add(
    "csr-indptr",
    "a CSR matrix's indptr runs past its data",
    sources.scipy(8778),
    matrix("csr_matrix", indptr=[0, 1, 2, 3, 1 << 28]),
    MATRIX_USE,
    package="scipy",
)
add(
    "csr-indices",
    "a CSR matrix's columns lie outside",
    sources.scipy(5212),
    matrix("csr_matrix", indices=[1 << 28] * 4),
    MATRIX_USE,
    package="scipy",
)
add(
    "csc-indices",
    "a CSC matrix's rows lie outside",
    sources.scipy(5212),
    matrix("csc_matrix", indices=[1 << 28] * 4),
    MATRIX_USE,
    package="scipy",
)
add(
    "csr-negative",
    "a CSR array's columns are negative",
    sources.scipy(12131),
    matrix("csr_array", indices=[-(1 << 28)] * 4),
    MATRIX_USE,
    package="scipy",
)
add(
    "bsr-indices",
    "the columns of a BSR matrix's blocks lie outside",
    sources.scipy(21170),
    matrix("bsr_matrix", indices=[1 << 28] * 4),
    MATRIX_USE,
    package="scipy",
)
add("coo-rows", "a COO matrix's rows lie outside", sources.scipy(9965), coordinates, MATRIX_USE, package="scipy")
add(
    "ckdtree",
    "the nodes of a cKDTree point anywhere",
    sources.scipy(21170),
    spatial_tree,
    "made.query([[1.0, 2.0]] * 50, k=5)",
    package="scipy",
)
add(
    "bspline",
    "a BSpline's degree is larger than its knots allow",
    sources.scipy(21170),
    spline,
    "made([0.5, 4.5])",
    package="scipy",
)
add(
    "triangulation",
    "a triangulation's corners are points that are not there",
    sources.scipy(21170),
    triangulation,
    "made([[0.3, 0.3], [0.5, 0.2]])",
    package="scipy",
)
