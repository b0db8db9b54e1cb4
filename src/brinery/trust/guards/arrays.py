"""NumPy's arrays: sizes that must agree with what is there."""

from __future__ import annotations

import sys
from typing import Any

from brinery.codec import empty_array, restored_array
from brinery.trust.guards.checking import is_array, refuse, require

KIND = "numpy.ndarray"
MOST_DIMENSIONS = 64
Content = bytes | bytearray | str | list[Any]


def restore(obj: Any, state: Any) -> None:
    """An array that has no items yet: one that has may be the memory of others."""
    if restored_array(obj, state):
        return
    require(type(state) is tuple and 4 <= len(state) <= 5, KIND, "the state", "must be a tuple of four or five")
    *version, shape, dtype, _, content = state
    require(version in ([], [1]), KIND, "version", "must be 1")
    require(obj.nbytes == 0 and obj.base is None, KIND, "the state", "must not be restored twice")
    require_content(shape, dtype, content, "data")
    try:
        obj.__setstate__(state)
    except Exception as error:
        refuse(KIND, "the state", f"is refused by NumPy: {error}")


def require_content(shape: Any, dtype: Any, content: Any, field: str) -> None:
    """What numpy itself does not count are the items of a list."""
    require(isinstance(dtype, sys.modules["numpy"].dtype), KIND, "dtype", "must be a dtype")
    count = items_of(shape)
    # Objects, and text of any width, travel item by item.
    listed = dtype.hasobject or dtype.kind == "T"
    if type(content) is list:
        if not listed:
            refuse(KIND, field, f"must not be a list for {dtype}")
        if len(content) != count:
            refuse(KIND, field, f"has {len(content)} items, but its shape has room for {count}")
        return
    require(isinstance(content, bytes | bytearray | str), KIND, field, "must be bytes or a list")
    if listed:
        refuse(KIND, field, f"must be a list for {dtype}")
    if len(content) != count * dtype.itemsize:
        refuse(KIND, field, f"has {len(content)} bytes, but its shape takes {count * dtype.itemsize}")


def items_of(shape: Any) -> int:
    require(type(shape) is tuple and len(shape) <= MOST_DIMENSIONS, KIND, "shape", "must be a tuple of numbers")
    count = 1
    for size in shape:
        require(type(size) is int and 0 <= size < 2**62, KIND, "shape", "must be a tuple of numbers, none negative")
        count *= size
    return count


def reconstruct(cls: Any, shape: Any, kind: Any) -> Any:
    """An array without items, for :func:`restore` to fill.

    >>> import numpy
    >>> reconstruct(numpy.ndarray, (0,), b"b")
    array([], dtype=int8)
    """
    plain = empty_array(cls, shape, kind)
    if plain is not None:
        return plain
    numpy = sys.modules["numpy"]
    require(isinstance(cls, type) and issubclass(cls, numpy.ndarray), KIND, "the class", "must be one of arrays")
    require(shape == (0,), KIND, "shape", "must be (0,) before there is a state")
    require(kind in {b"b", "b"}, KIND, "dtype", "must be b before there is a state")
    return numpy.ndarray.__new__(cls, (0,), "b")


def restore_masked(obj: Any, state: Any) -> None:
    from numpy import ma

    require(type(state) is tuple and len(state) == 7, "numpy.ma.MaskedArray", "the state", "must be a tuple of seven")
    _, shape, dtype, _, content, mask, _ = state
    require(obj.nbytes == 0, "numpy.ma.MaskedArray", "the state", "must not be restored twice")
    require_content(shape, dtype, content, "data")
    require_content(shape, ma.make_mask_descr(dtype), mask, "mask")
    obj.__setstate__(state)


def view(memory: Any, dtype: Any, shape: Any, strides: Any, offset: Any, writable: Any) -> Any:
    """What brinery makes of arrays that share memory; numpy itself would take bytes for the addresses of objects."""
    from brinery.reducers.arrays import make_array

    numpy = sys.modules["numpy"]
    require(isinstance(dtype, numpy.dtype), KIND, "dtype", "must be a dtype")
    items_of(shape)
    require(type(strides) is tuple and len(strides) == len(shape), KIND, "strides", "must be as many as the sizes")
    if is_array(memory):
        objects = (memory.dtype.kind == "O", dtype.kind == "O")
        plain = all(objects) or not (memory.dtype.hasobject or dtype.hasobject)
    else:
        plain = not dtype.hasobject
        memory = memoryview(memory) if plain else memory
    require(plain and dtype.kind != "T", KIND, "dtype", "must be of objects where, and only where, its memory is")
    try:
        return make_array(memory, dtype, shape, strides, offset, writable)
    except (TypeError, ValueError) as error:
        refuse(KIND, "strides", f"lead out of its memory: {error}")
