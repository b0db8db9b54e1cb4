"""NumPy: arrays of every kind, scalars, random generators, what is around them."""

from __future__ import annotations

import datetime
import warnings
from typing import Any

import numpy as np
from numpy import ma
from numpy.polynomial import Chebyshev, Polynomial

from bench.honest.case import add

ALL = (0, 1, 2, 3, 4, 5)
TYPES = [
    "?",
    "i1",
    "u1",
    "i2",
    "u2",
    "i4",
    "u4",
    "i8",
    "u8",
    "f2",
    "f4",
    "f8",
    "g",
    "c8",
    "c16",
    "G",
    "S5",
    "U5",
    "V3",
    "M8[D]",
    "M8[ns]",
    "m8[s]",
    "m8",
    ">i4",
    ">f8",
]
FIELDS = np.dtype([("n", "i4"), ("s", "U2"), ("sub", "f8", (2,))])
ALIGNED = np.dtype({"names": ["a", "b"], "formats": ["i1", "f8"]}, align=True)


def numpy_case(name: str, obj: Any, protocols: tuple[int, ...] = (2, 4, 5)) -> None:
    add("numpy", name, lambda: obj, protocols=protocols)


def answer_by_draws(generator: Any) -> Any:
    """What a random generator draws next, one number of each way."""
    if hasattr(generator, "random_raw"):
        return generator.random_raw(5).tolist()
    return generator.random(3).tolist(), generator.permutation(4).tolist()


def matrix() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return np.asmatrix([[1, 2]])


def array_of(kind: str) -> Any:
    return np.zeros((2, 3), dtype=kind)


for kind in TYPES:
    numpy_case(f"array of {kind}", array_of(kind), ALL)
numpy_case("scalars", [np.dtype(kind).type(1) for kind in TYPES if kind[0] not in "SUVMm>"])
numpy_case(
    "scalars of text and time", [np.str_("a"), np.bytes_(b"b"), np.datetime64("2024-01-02"), np.timedelta64(1, "s")]
)
numpy_case("array of objects", np.array([1, "a", None, [2], datetime.date(2024, 1, 1)], dtype=object), ALL)
numpy_case("empty and zero-dimensional arrays", [np.empty((0, 3)), np.array(5.0), np.array(None), np.array("x")], ALL)
numpy_case("Fortran order", np.asfortranarray(np.arange(6.0).reshape(2, 3)), ALL)
numpy_case("views", [np.arange(10)[::2], np.arange(6).reshape(2, 3).T, np.arange(4)[::-1]], ALL)
numpy_case("array with fields", np.zeros(3, FIELDS), ALL)
numpy_case("aligned fields", np.zeros(3, ALIGNED), ALL)
numpy_case("record array", np.rec.array([(1, "a")], dtype=[("n", "i4"), ("s", "U2")]))
numpy_case("record and void", [np.zeros(1, FIELDS)[0], np.rec.array([(1, "a")], dtype=[("n", "i4"), ("s", "U2")])[0]])
numpy_case("array of arrays", np.array([np.arange(2), np.arange(3)], dtype=object))
numpy_case(
    "dtypes", [np.dtype(kind) for kind in TYPES] + [FIELDS, ALIGNED, np.dtype("O"), np.dtype(("f4", (2, 2)))], ALL
)
numpy_case("dtype with metadata", np.dtype("f8", metadata={"unit": "m"}))
numpy_case("dtype classes and types", [np.float64, np.int32, np.ndarray, np.bool_, np.str_, np.object_, np.datetime64])
numpy_case("variable width strings", np.array(["a", "long text" * 5], dtype=np.dtypes.StringDType()))
numpy_case("variable width strings with missing", np.dtypes.StringDType(na_object=None))
numpy_case("masked array", ma.masked_array([1, 2, 3], [0, 1, 0], fill_value=9))
numpy_case("masked records and constants", [ma.masked, ma.masked_array(np.zeros(2, [("a", "i4")]), True)])
add("numpy", "matrix", matrix, protocols=(2, 4, 5))
numpy_case("char array", np.char.array(["a", "b"]))
numpy_case("polynomials", [Polynomial([1, 2]), Chebyshev([1, 2, 3]), np.poly1d([1, 2])])
numpy_case("ufuncs as values", [np.sin, np.add, np.log1p, np.maximum])
numpy_case("functions as values", [np.mean, np.sum, np.median])
numpy_case("errors", [np.linalg.LinAlgError("singular"), np.exceptions.AxisError(3, 2)])
numpy_case("finfo and iinfo", [np.finfo("f8").dtype, np.iinfo("i4").dtype])
numpy_case("NaN keys", {np.int64(1): np.float64(2.0), np.str_("a"): np.bool_(True)})
numpy_case("shared arrays", [np.arange(3.0)] * 3)
numpy_case("large array", np.arange(100_000.0))
for bits in ("MT19937", "PCG64", "PCG64DXSM", "Philox", "SFC64"):
    generator = getattr(np.random, bits)
    add("numpy", f"{bits} generator", lambda of=generator: np.random.Generator(of(5)), answer_by_draws, (2, 5))
    add("numpy", f"{bits}", lambda of=generator: of(5), answer_by_draws, (2, 5))
add("numpy", "RandomState", lambda: np.random.RandomState(5), answer_by_draws, ALL)
add("numpy", "SeedSequence", lambda: np.random.SeedSequence(5).spawn(1)[0])
