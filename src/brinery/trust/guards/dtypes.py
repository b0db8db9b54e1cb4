"""NumPy's dtypes: what a forged one says about memory is believed by everything else.

A dtype is made anew from its description (the letter, the fields, the shape), and what the state says of sizes, flags
and alignment must be what NumPy makes of that description.
"""

from __future__ import annotations

import re
import sys
from typing import Any

from brinery.codec import array_scalar, restored_dtype
from brinery.trust.guards.checking import refuse, require

KIND = "numpy.dtype"
NAME = re.compile(r"[<>=|]?[?a-zA-Z]\d{0,9}")
ORDERS = frozenset("<>=|")
# Flags that say how items refer to objects; others differ between versions of NumPy.
OBJECT_FLAGS = 0x01 | 0x02 | 0x04
ALIGNED_STRUCT = 0x80
PLAIN = (-1, -1, 0)


def make(cls: Any, description: Any, align: Any = False, copy: Any = True) -> Any:
    """A dtype of its own: one that NumPy shares would be changed for all by a state.

    >>> import numpy
    >>> make(numpy.dtype, "f8", False, False)
    dtype('float64')
    """
    numpy = sys.modules["numpy"]
    if isinstance(description, str):
        require(NAME.fullmatch(description), KIND, "the name", f"must not be {description[:20]!r}")
    else:
        require(description is numpy.record, KIND, "the name", "must be text")
    return numpy.dtype(description, bool(align), True)


def restore(obj: Any, state: Any) -> None:
    if restored_dtype(obj, state):
        return
    require(type(state) is tuple and 8 <= len(state) <= 9, KIND, "the state", "must be a tuple of eight or nine")
    version, order, base, names, fields, size, alignment, flags = state[:8]
    require(type(version) is int and version in {3, 4}, KIND, "version", "must be 3 or 4")
    require(type(order) is str and order in ORDERS, KIND, "byteorder", "must be one of < > = |")
    require(obj.names is None and obj.subdtype is None, KIND, "the state", "must not be restored twice")
    for value, field in ((size, "itemsize"), (alignment, "alignment"), (flags, "flags")):
        require(type(value) is int, KIND, field, "must be a number")
    if base is None and names is None and (size, alignment, flags) == PLAIN and not obj.hasobject:
        require(obj.kind not in "SUV" and fields is None, KIND, "itemsize", "is missing")
        set_state(obj, state)
    else:
        expected = described(obj, state)
        require_agreement(expected, obj, (size, alignment, flags))
        set_state(obj, state)
        same = obj.itemsize == expected.itemsize and obj.hasobject == expected.hasobject
        require(same, KIND, "the state", "must make what its description makes")


def require_agreement(expected: Any, obj: Any, said: tuple[int, int, int]) -> None:
    size, alignment, flags = said
    flexible = obj.kind in "SUV"
    require(size == (expected.itemsize if flexible else -1), KIND, "itemsize", f"must be {expected.itemsize}")
    known = expected.alignment if flexible else -1
    # Up to NumPy 1.x text said that it was aligned by the size of its items, or not at all.
    require(alignment in {known, 1}, KIND, "alignment", f"must be {known}")
    same = (flags & 0xFF) & OBJECT_FLAGS == expected.flags & OBJECT_FLAGS
    require(same and 0 <= flags < 0x10000, KIND, "flags", f"must be {expected.flags}")


def set_state(obj: Any, state: tuple[Any, ...]) -> None:
    try:
        obj.__setstate__(state)
    except Exception as error:
        refuse(KIND, "the state", f"is refused by NumPy: {error}")


def described(obj: Any, state: tuple[Any, ...]) -> Any:
    """What NumPy makes of the description alone."""
    _, _, base, names, fields, size, _, flags = state[:8]
    numpy = sys.modules["numpy"]
    try:
        if base is not None:
            require(names is None and fields is None, KIND, "fields", "must be missing where there is a shape")
            return with_shape(numpy, base)
        if names is not None:
            require(obj.kind == "V", KIND, "the name", "must be of the kind V where there are fields")
            return with_fields(numpy, names, fields, size, bool(flags & ALIGNED_STRUCT))
        require(fields is None, KIND, "fields", "must be missing where there are no names")
        if obj.kind in "SUV":
            return of_size(numpy, obj, size)
        return numpy.dtype(obj.str)
    except (TypeError, ValueError, OverflowError) as error:
        refuse(KIND, "the description", f"is refused by NumPy: {error}")


def of_size(numpy: Any, obj: Any, size: int) -> Any:
    each = 4 if obj.kind == "U" else 1
    require(0 <= size < 2**31 and size % each == 0, KIND, "itemsize", f"must be a multiple of {each} below 2**31")
    return numpy.dtype(f"{obj.kind}{size // each}")


def with_shape(numpy: Any, base: Any) -> Any:
    require(type(base) is tuple and len(base) == 2, KIND, "subdtype", "must be a dtype and a shape")
    item, shape = base
    require(isinstance(item, numpy.dtype), KIND, "subdtype", "must be a dtype and a shape")
    sizes = shape if type(shape) is tuple else (shape,)
    require(all(type(each) is int and each >= 0 for each in sizes), KIND, "shape", "must be of numbers")
    return numpy.dtype((item, shape))


def with_fields(numpy: Any, names: Any, fields: Any, size: int, aligned: bool) -> Any:
    require(type(names) is tuple and type(fields) is dict, KIND, "fields", "must be a tuple of names and a dict")
    formats, offsets, titles = [], [], []
    for name in names:
        require(type(name) is str and name in fields, KIND, "names", "must be text, and the fields' names")
        field = fields[name]
        known = type(field) is tuple and 2 <= len(field) <= 3 and isinstance(field[0], numpy.dtype)
        require(known and type(field[1]) is int, KIND, f"fields[{name!r}]", "must be a dtype and an offset")
        formats.append(field[0])
        offsets.append(field[1])
        titles.append(field[2] if len(field) == 3 else None)
    require(set(fields) <= set(names) | set(titles), KIND, "fields", "must be the fields of the names")
    content = {"names": list(names), "formats": formats, "offsets": offsets, "itemsize": size}
    if any(each is not None for each in titles):
        content["titles"] = titles
    return numpy.dtype(content, align=aligned)


def scalar(dtype: Any, value: Any = b"") -> Any:
    """A number of NumPy's; of objects it would take whatever is given for an address.

    >>> import numpy
    >>> scalar(numpy.dtype("i4"), b"\\x05\\x00\\x00\\x00")
    np.int32(5)
    """
    plain = array_scalar(dtype, value)
    if plain is not None:
        return plain
    numpy = sys.modules["numpy"]
    require(isinstance(dtype, numpy.dtype), "numpy.scalar", "dtype", "must be a dtype")
    require(not dtype.hasobject, "numpy.scalar", "dtype", "must not be of objects")
    content = value.encode("latin1") if isinstance(value, str) else value
    require(type(content) is bytes, "numpy.scalar", "value", "must be bytes")
    require(len(content) == dtype.itemsize, "numpy.scalar", "value", f"must be {dtype.itemsize} bytes")
    return multiarray().scalar(dtype, content)


def multiarray() -> Any:
    """NumPy's own module of that name, which has moved."""
    return sys.modules.get("numpy._core.multiarray") or sys.modules["numpy.core.multiarray"]
