"""pandas: where blocks lie, codes that are looked up, masks and caches that are believed."""

from __future__ import annotations

import sys
from typing import Any

from brinery.trust.guards.checking import (
    fields_of,
    is_array,
    is_count,
    require,
    require_array,
    require_fields,
    require_within,
    restore_attributes,
)

FRAME = "pandas.DataFrame"
BLOCKS = "pandas blocks"
INDEX = "pandas.Index"


def module_of(path: str) -> Any:
    """A module of pandas, which is loaded where a pickle names what is in it."""
    return sys.modules[path]


# --- blocks -----------------------------------------------------------------------------------------------------------


def make_block(values: Any, placement: Any, ndim: Any) -> Any:
    """A block of columns; each of them has one place."""
    require(type(ndim) is int and 1 <= ndim <= 2, BLOCKS, "ndim", "must be 1 or 2")
    places = places_of(placement)
    shape: Any = getattr(values, "shape", None)
    require(isinstance(shape, tuple) and shape, BLOCKS, "values", "must be an array")
    several = len(shape) == ndim == 2
    count = shape[0] if several or ndim == 1 else 1
    require(places == count, BLOCKS, "placement", f"must be of {count} columns")
    return module_of("pandas._libs.internals")._unpickle_block(values, placement, ndim)


def places_of(placement: Any) -> int:
    if isinstance(placement, slice):
        bounds = placement.start, placement.stop, placement.step
        known = all(is_count(each) for each in bounds[:2]) and (bounds[2] is None or is_count(bounds[2]))
        require(known and bounds[2] != 0, BLOCKS, "placement", "must go from a column to a later one")
        return len(range(bounds[0], bounds[1], bounds[2] or 1))
    require_array(placement, BLOCKS, "placement", ndim=1, dtype="iu")
    require(not placement.size or placement.min() >= 0, BLOCKS, "placement", "must not be negative")
    return len(placement)


def make_manager(cls: Any, blocks: Any, axes: Any) -> Any:
    """Blocks that have every column of a table once."""
    numpy = sys.modules["numpy"]
    require(type(blocks) is tuple and type(axes) is list and len(axes) == 2, BLOCKS, "axes", "must be two")
    places = [each.mgr_locs.as_array for each in blocks]
    columns = numpy.sort(numpy.concatenate(places)) if places else numpy.empty(0, int)
    count = len(axes[0])
    whole = len(columns) == count and (columns == numpy.arange(count)).all()
    require(whole, BLOCKS, "placement", f"must have each of {count} columns once")
    for block in blocks:
        require(block.values.shape[-1] == len(axes[1]), BLOCKS, "values", f"must have {len(axes[1])} rows")
    return cls(blocks, list(axes))


def make_column(cls: Any, *args: Any) -> Any:
    """The manager of one column: empty, or as brinery writes it where the column shares its memory."""
    if not args:
        return cls.__new__(cls)
    block, axis = args
    require(
        len(block.mgr_locs) == len(axis) == block.values.shape[-1], BLOCKS, "values", "must be as many as the index"
    )
    require(block.values.ndim == 1, BLOCKS, "values", "must have one dimension")
    return cls(block, axis)


def restore_column(obj: Any, state: Any) -> None:
    """The manager of one column: one block, which lies where it is."""
    require(type(state) is tuple and len(state) == 4 and type(state[3]) is dict, BLOCKS, "the state", "must be of four")
    require(not hasattr(obj, "blocks") or not obj.blocks, BLOCKS, "the state", "must not be restored twice")
    axes, blocks = require_fields(state[3].get("0.14.1"), ("axes", "blocks"), BLOCKS)
    require(
        type(axes) is list and len(axes) == 1 and type(blocks) is list and len(blocks) == 1,
        BLOCKS,
        "blocks",
        "must be one",
    )
    values, places = require_fields(blocks[0], ("values", "mgr_locs"), BLOCKS)
    count = len(axes[0])
    require(getattr(values, "shape", None) == (count,), BLOCKS, "values", f"must be {count}")
    known = isinstance(places, slice) or is_array(places)
    require(known and places_of(places) == count, BLOCKS, "placement", f"must be of {count} items")
    whole = places.start == 0 if isinstance(places, slice) else (places == range(count)).all()
    require(whole, BLOCKS, "placement", "must be in order")
    obj.__setstate__(state)


MANAGERS = ("BlockManager", "SingleBlockManager")
OWN_METADATA = frozenset({"name", "_name"})


def restore_frame(obj: Any, state: Any) -> None:
    """A DataFrame or Series: a manager, a name, attributes that users set."""
    fields = fields_of(state, FRAME)
    manager = fields.get("_mgr", fields.get("_data"))
    wanted = MANAGERS[0] if type(obj).__name__ == "DataFrame" else MANAGERS[1]
    require(type(manager).__name__ == wanted, FRAME, "_mgr", f"must be a {wanted}")
    require("_mgr" not in vars(obj), FRAME, "the state", "must not be restored twice")
    metadata = fields.get("_metadata", [])
    require(type(metadata) is list and OWN_METADATA.issuperset(metadata), FRAME, "_metadata", "must be the name")
    flags = fields.get("_flags", {})
    require(type(flags) is dict and set(flags) <= {"allows_duplicate_labels"}, FRAME, "_flags", "must be known")
    obj.__setstate__(state)


# --- indexes ----------------------------------------------------------------------------------------------------------

INDEX_FIELDS = {
    "RangeIndex": {"name", "start", "stop", "step", "dtype"},
    "MultiIndex": {"levels", "codes", "labels", "sortorder", "names"},
    "PeriodIndex": {"data", "name", "freq", "dtype", "ordinal"},
}
PLAIN_FIELDS = {"data", "name", "dtype", "closed", "freq", "tz", "categories", "ordered"}


def make_index(cls: Any, fields: Any) -> Any:
    """An index; codes of several levels are looked up without a check."""
    found = fields_of(fields, INDEX)
    known = INDEX_FIELDS.get(cls.__name__, PLAIN_FIELDS)
    require(set(found) <= known, INDEX, "the fields", "must be those of its class")
    if cls.__name__ == "MultiIndex":
        require_codes(found)
    return module_of("pandas.core.indexes.base")._new_Index(cls, dict(found))


def require_codes(fields: dict[str, Any]) -> None:
    levels: Any = fields.get("levels")
    codes: Any = fields.get("codes", fields.get("labels"))
    require(type(levels) is list and type(codes) is list, INDEX, "levels", "must be lists")
    require(len(levels) == len(codes) > 0, INDEX, "codes", "must be as many as the levels")
    length = len(codes[0])
    for level, own in zip(levels, codes, strict=True):
        require_within(own, -1, len(level), INDEX, "codes")
        require(own.ndim == 1 and len(own) == length, INDEX, "codes", "must all be as long")
    order = fields.get("sortorder")
    require(order is None or is_count(order), INDEX, "sortorder", "must be a number or None")


# --- arrays -----------------------------------------------------------------------------------------------------------

# The kinds of NumPy's that pandas' arrays of one NumPy array keep.
BACKED = {
    "DatetimeArray": "M",
    "TimedeltaArray": "m",
    "PeriodArray": "i",
    "Categorical": "i",
    "StringArray": "OT",
    "NumpyExtensionArray": "biufcSUVOmMT",
    "PandasArray": "biufcSUVOmMT",
}


def restore_backed(obj: Any, state: Any) -> None:
    """An array of pandas' that keeps one of NumPy's; codes of categories are looked up without a check."""
    kind = f"pandas.{type(obj).__name__}"
    require(not has_array(obj), kind, "the state", "must not be restored twice")
    require(type(state) is tuple and 2 <= len(state) <= 3, kind, "the state", "must be a tuple of two or three")
    arrays = [each for each in state[:2] if is_array(each)]
    require(len(arrays) == 1, kind, "the state", "must have one array")
    require_array(arrays[0], kind, "the array", dtype=BACKED.get(type(obj).__name__, ""))
    dtype = state[0] if state[1] is arrays[0] else state[1]
    if type(obj).__name__ == "Categorical":
        require(type(dtype).__name__ == "CategoricalDtype", kind, "dtype", "must be one of categories")
        require_within(arrays[0], -1, len(dtype.categories), kind, "codes")
    elif isinstance(dtype, sys.modules["numpy"].dtype):
        require(dtype == arrays[0].dtype, kind, "dtype", "must be that of the array")
    elif type(obj).__name__ == "PeriodArray":
        require(arrays[0].dtype.itemsize == 8, kind, "the array", "must be of eight bytes")
    obj.__setstate__(without_cache(state))


def without_cache(state: tuple[Any, ...]) -> tuple[Any, ...]:
    """What was computed of an array is computed again: anything could stand there."""
    if len(state) < 3:
        return state
    require(type(state[2]) is dict, "pandas", "the attributes", "must be a dict")
    return (*state[:2], {name: value for name, value in state[2].items() if name != "_cache"})


def has_array(obj: Any) -> bool:
    try:
        return obj._ndarray is not None
    except AttributeError:
        return False


def restore_masked(obj: Any, state: Any) -> None:
    """Numbers and a mask of as many items."""
    kind = f"pandas.{type(obj).__name__}"
    data, mask = require_fields(state, ("_data", "_mask"), kind)
    require_array(data, kind, "_data", dtype="biuf")
    require_array(mask, kind, "_mask", dtype="b")
    require(data.shape == mask.shape, kind, "_mask", "must be as long as the data")
    require("_data" not in vars(obj), kind, "the state", "must not be restored twice")
    restore_attributes(obj, uncached(state))


def uncached(state: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in state.items() if name != "_cache"}


def restore_arrow(obj: Any, state: Any) -> None:
    kind = f"pandas.{type(obj).__name__}"
    fields = fields_of(state, kind)
    arrow = fields.get("_pa_array", fields.get("_data"))
    require(type(arrow).__module__ == "pyarrow.lib", kind, "_pa_array", "must be an array of Arrow's")
    require("_pa_array" not in vars(obj), kind, "the state", "must not be restored twice")
    obj.__setstate__({"_cache": {}, **uncached(fields)})


def restore_sparse(obj: Any, state: Any) -> None:
    """Values at the places of an index, which pandas itself checks."""
    kind = "pandas.SparseArray"
    index, values = require_fields(state, ("_sparse_index", "_sparse_values"), kind)
    require(type(index).__module__ == "pandas._libs.sparse", kind, "_sparse_index", "must be an index")
    require_array(values, kind, "_sparse_values", ndim=1)
    require(len(values) == index.npoints, kind, "_sparse_values", f"must be {index.npoints}")
    require(not vars(obj), kind, "the state", "must not be restored twice")
    obj.__setstate__(state)


def restore_interval(obj: Any, state: Any) -> None:
    kind = "pandas.IntervalArray"
    require(type(state) is tuple and len(state) == 1, kind, "the state", "must be a tuple of one")
    left, right = require_fields(state[0], ("_left", "_right"), kind)
    same = getattr(left, "shape", None) == getattr(right, "shape", ()) and getattr(left, "ndim", 0) == 1
    require(same, kind, "_right", "must be as long as the left")
    obj.__setstate__(state)


# --- groups -----------------------------------------------------------------------------------------------------------


def restore_group(obj: Any, state: Any) -> None:
    """What groups: numbers of groups that were computed are computed again."""
    kind = f"pandas.{type(obj).__name__}"
    fields = fields_of(state, kind)
    require(not vars(obj), kind, "the state", "must not be restored twice")
    vars(obj).update({**fields, "_cache": {}} if "_cache" in fields else fields)
