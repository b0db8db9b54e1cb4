"""Tables: what pandas, Arrow and polars would copy, send too much of, or mix up by sharing.

Most of a table needs nothing from here: the arrays it is made of are written as such.
"""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any

from brinery.reducers.registry import rebuilds, reduces

if TYPE_CHECKING:
    from brinery.reducers.reduction import Reduction

# --- pandas: who shares memory with whom ------------------------------------------------------------------------------
#
# Tables, columns and indexes share memory until one of them is written to (copy on write). pandas knows by a list in
# each of them who does; its own reduction leaves that list behind, so that those which share an array after loading
# would write into each other.

BLOCKS = ("Block", "NumpyBlock", "ExtensionBlock", "NDArrayBackedExtensionBlock", "DatetimeLikeBlock")
INDEXES = {
    "base.Index": "Index",
    "category.CategoricalIndex": "CategoricalIndex",
    "datetimes.DatetimeIndex": "DatetimeIndex",
    "timedeltas.TimedeltaIndex": "TimedeltaIndex",
    "period.PeriodIndex": "PeriodIndex",
    "interval.IntervalIndex": "IntervalIndex",
}


@reduces(*(f"pandas.core.internals.blocks.{name}" for name in BLOCKS))
def reduce_block(reduction: Reduction, block: Any) -> Any:
    # pandas itself would copy the array where it is a part of another.
    internals: Any = importlib.import_module("pandas._libs.internals")
    found = internals._unpickle_block, (block.values, block.mgr_locs.indexer, block.ndim)
    sharers = getattr(block, "refs", None)
    if sharers is None or not sharers.has_reference():
        return found
    return (*found, sharers, None, None, set_block_sharers)


@reduces("pandas.core.internals.managers.SingleBlockManager")
def reduce_column_manager(reduction: Reduction, manager: Any) -> Any:
    # It is reduced to its array; here to the block, which knows who shares it.
    block = manager.blocks[0]
    sharers = getattr(block, "refs", None)
    if sharers is None or not sharers.has_reference():
        return NotImplemented
    return type(manager), (block, manager.axes[0])


@reduces(*(f"pandas.{name}" for name in INDEXES.values()), *(f"pandas.core.indexes.{path}" for path in INDEXES))
def reduce_index(reduction: Reduction, index: Any) -> Any:
    sharers = getattr(index, "_references", None)
    if sharers is None or not sharers.has_reference():
        return NotImplemented
    return (*index.__reduce_ex__(5)[:2], sharers, None, None, set_index_sharers)


@reduces("pandas._libs.internals.BlockValuesRefs")
def reduce_sharers(reduction: Reduction, sharers: Any) -> Any:
    return make_sharers, ()


@rebuilds
def make_sharers() -> Any:
    """The list of who shares an array; those who do add themselves."""
    internals: Any = importlib.import_module("pandas._libs.internals")
    return internals.BlockValuesRefs()


@rebuilds
def set_block_sharers(block: Any, sharers: Any) -> None:
    block.refs = sharers
    sharers.add_reference(block)


@rebuilds
def set_index_sharers(index: Any, sharers: Any) -> None:
    index._references = sharers
    sharers.add_index_reference(index)


# --- Arrow: slices ----------------------------------------------------------------------------------------------------


@reduces("pyarrow.lib.Array", subclasses=True)
def reduce_arrow_array(reduction: Reduction, array: Any) -> Any:
    # A slice takes along the buffers of the whole: more than twice what it needs is copied instead.
    if not is_much_too_large(array):
        return NotImplemented
    return reduction.memory.keep(compact(array)).__reduce_ex__(5)


def is_much_too_large(array: Any) -> bool:
    try:
        return bool(array.get_total_buffer_size() > 2 * array.nbytes + 1024)
    except sys.modules["pyarrow"].ArrowException:
        return False


def compact(array: Any) -> Any:
    """The same items in buffers of their own."""
    pyarrow = sys.modules["pyarrow"]
    return array.take(pyarrow.array(range(len(array)), pyarrow.int64()))


# --- polars: buffers out of band --------------------------------------------------------------------------------------


@reduces("polars.series.series.Series", "polars.Series")
def reduce_series(reduction: Reduction, series: Any) -> Any:
    if not reduction.out_of_band or not is_arrow_like(series.dtype):
        return NotImplemented
    try:
        array = series.to_arrow(compat_level=importlib.import_module("polars").CompatLevel.newest())
    except ImportError:
        return NotImplemented  # without pyarrow there are no buffers to be had
    return make_series, (series.name, reduction.memory.keep(array))


@reduces("polars.dataframe.frame.DataFrame", "polars.DataFrame")
def reduce_frame(reduction: Reduction, frame: Any) -> Any:
    if not reduction.out_of_band:
        return NotImplemented
    return make_frame, (frame.get_columns(), frame.height)


def is_arrow_like(dtype: Any) -> bool:
    """Whether Arrow has the very type, so that nothing is converted either way."""
    polars = sys.modules["polars"]
    if dtype in (polars.List, polars.Array):
        return is_arrow_like(dtype.inner)
    if dtype == polars.Struct:
        return all(is_arrow_like(field.dtype) for field in dtype.fields)
    same = (polars.Boolean, polars.String, polars.Binary, polars.Date, polars.Datetime, polars.Duration, polars.Time)
    return dtype in same or (dtype.is_numeric() and dtype not in (polars.Decimal, *wide_types(polars)))


def wide_types(polars: Any) -> list[Any]:
    return [getattr(polars, name) for name in ("Int128", "UInt128", "Float16") if hasattr(polars, name)]


@rebuilds
def make_series(name: str, array: Any) -> Any:
    """A polars series of the buffers of an Arrow array."""
    polars: Any = importlib.import_module("polars")
    return polars.Series(name, array)


@rebuilds
def make_frame(columns: list[Any], height: int) -> Any:
    polars: Any = importlib.import_module("polars")
    return polars.DataFrame(columns) if columns else polars.DataFrame(height=height)
