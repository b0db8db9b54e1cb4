"""SciPy's sparse matrices: row pointers that ascend, and indexes of columns that there are."""

from __future__ import annotations

import itertools
import sys
from typing import Any

from brinery.trust.guards.checking import (
    is_count,
    refuse,
    require,
    require_array,
    require_fields,
    require_within,
    restore_once,
)


def restore(obj: Any, state: Any) -> None:
    """A matrix of any format; what there is to check depends on it."""
    kind = f"scipy.sparse.{type(obj).__name__}"
    fields = dict(state) if type(state) is dict else refuse(kind, "the state", "must be a dict")
    shape: Any = fields.get("_shape")
    require(type(shape) is tuple and all(is_count(each) for each in shape), kind, "_shape", "must be numbers")
    check = CHECKS.get(type(obj).__name__.partition("_")[0])
    if check is not None:
        check(fields, shape, kind)
    restore_once(obj, fields, kind)


def require_compressed(fields: dict[str, Any], shape: tuple[int, ...], kind: str) -> None:
    pointers, indices, data = require_fields(fields, ("indptr", "indices", "data"), kind)
    across = kind.rpartition(".")[2].startswith("csc")
    require(1 <= len(shape) <= 2 and not (across and len(shape) == 1), kind, "_shape", "must be of two dimensions")
    major, minor = (1, shape[0]) if len(shape) == 1 else (shape[1], shape[0]) if across else shape
    require_array(data, kind, "data", ndim=1)
    require_pointers(pointers, indices, len(data), major, kind)
    require_within(indices, 0, minor, kind, "indices")


def require_pointers(pointers: Any, indices: Any, count: int, major: int, kind: str) -> None:
    require_array(pointers, kind, "indptr", ndim=1, dtype="i")
    require_array(indices, kind, "indices", ndim=1, dtype="i")
    require(len(pointers) == major + 1, kind, "indptr", f"must have {major + 1} items")
    require(pointers[0] == 0, kind, "indptr", "must begin with 0")
    require((pointers[1:] >= pointers[:-1]).all(), kind, "indptr", "must ascend")
    require(pointers[-1] <= min(len(indices), count), kind, "indptr", f"must end within the {count} items")


def require_blocks(fields: dict[str, Any], shape: tuple[int, ...], kind: str) -> None:
    pointers, indices, data = require_fields(fields, ("indptr", "indices", "data"), kind)
    require_array(data, kind, "data", ndim=3)
    rows, columns = data.shape[1:]
    fits = len(shape) == 2 and rows > 0 and columns > 0 and shape[0] % rows == 0 and shape[1] % columns == 0
    require(fits, kind, "data", "must be blocks that the shape is made of")
    require_pointers(pointers, indices, len(data), shape[0] // rows, kind)
    require_within(indices, 0, shape[1] // columns, kind, "indices")


def require_coordinates(fields: dict[str, Any], shape: tuple[int, ...], kind: str) -> None:
    coordinates = fields.get("coords", (fields.get("row"), fields.get("col")))
    require_array(fields.get("data"), kind, "data", ndim=1)
    known = type(coordinates) is tuple and len(coordinates) == len(shape)
    require(known, kind, "coords", "must be as many as the dimensions")
    for own, size in zip(coordinates, shape, strict=True):
        require_array(own, kind, "coords", ndim=1, dtype="i")
        require(len(own) == len(fields["data"]), kind, "coords", "must be as many as the items")
        require_within(own, 0, size, kind, "coords")


def require_diagonals(fields: dict[str, Any], shape: tuple[int, ...], kind: str) -> None:
    data, offsets = require_fields(fields, ("data", "offsets"), kind)
    require_array(data, kind, "data", ndim=2)
    require_array(offsets, kind, "offsets", ndim=1, dtype="i")
    require(len(shape) == 2 and len(data) == len(offsets), kind, "offsets", "must be as many as the diagonals")


def require_lists(fields: dict[str, Any], shape: tuple[int, ...], kind: str) -> None:
    """Lists of columns and of values; the matrix gets lists of its own."""
    rows, data = require_fields(fields, ("rows", "data"), kind)
    require_array(rows, kind, "rows", ndim=1, dtype="O")
    require_array(data, kind, "data", ndim=1, dtype="O")
    require(len(shape) == 2 and len(rows) == len(data) == shape[0], kind, "rows", "must be as many as in the shape")
    fields["rows"], fields["data"] = own_lists(rows), own_lists(data)
    for columns, values in zip(fields["rows"], fields["data"], strict=True):
        require(len(columns) == len(values), kind, "data", "must have as many items as the rows")
        within = all(is_count(each) and each < shape[1] for each in columns)
        require(within and all(a < b for a, b in itertools.pairwise(columns)), kind, "rows", "must ascend")


def own_lists(lists: Any) -> Any:
    found = sys.modules["numpy"].empty(len(lists), dtype=object)
    for index, each in enumerate(lists):
        require(type(each) is list, "scipy.sparse", "rows", "must be lists")
        found[index] = list(each)
    return found


CHECKS = {
    "csr": require_compressed,
    "csc": require_compressed,
    "bsr": require_blocks,
    "coo": require_coordinates,
    "dia": require_diagonals,
    "lil": require_lists,
}
