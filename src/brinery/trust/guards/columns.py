"""Arrow's and polars' columns: buffers of as many bytes as their lengths and offsets say."""

from __future__ import annotations

import sys
from typing import Any

from brinery.trust.guards.checking import is_count, refuse, require

KIND = "pyarrow.Array"
MOST_DEPTH = 100


def make_array(data: Any) -> Any:
    """An array of its parts, all of which Arrow checks when asked to; first, that there are as many as the type has.

    >>> import pyarrow
    >>> function, arguments = pyarrow.array([1, 2]).__reduce__()
    >>> make_array(*arguments).to_pylist()
    [1, 2]
    """
    arrow = sys.modules["pyarrow"]
    require_parts(arrow, data, 0)
    try:
        made = sys.modules["pyarrow.lib"]._restore_array(data)
        made.validate(full=True)
    except (arrow.ArrowException, TypeError, ValueError, OverflowError) as error:
        refuse(KIND, "the buffers", f"are refused by Arrow: {error}")
    return made


def require_parts(arrow: Any, data: Any, depth: int) -> None:
    require(type(data) is tuple and 7 <= len(data) <= 8, KIND, "the state", "must be a tuple of seven")
    require(depth < MOST_DEPTH, KIND, "children", f"must be nested less than {MOST_DEPTH} times")
    kind, length, nulls, offset, buffers, children, dictionary = data[:7]
    require(isinstance(kind, arrow.DataType), KIND, "type", "must be a type")
    require(is_count(length) and is_count(offset), KIND, "length", "must be a number")
    require(type(nulls) is int and -1 <= nulls <= length, KIND, "null_count", "must not be more than the length")
    stored = kind.storage_type if isinstance(kind, arrow.BaseExtensionType) else kind
    known = type(buffers) is list and all(each is None or isinstance(each, arrow.Buffer) for each in buffers)
    require(known, KIND, "buffers", "must be a list of buffers")
    views = arrow.types.is_string_view(stored) or arrow.types.is_binary_view(stored)
    fits = len(buffers) >= 2 if views else len(buffers) == stored.num_buffers
    require(fits, KIND, "buffers", f"must be {stored.num_buffers}")
    require_children(arrow, stored, children, depth)
    require_dictionary(arrow, stored, dictionary, depth)


def require_children(arrow: Any, kind: Any, children: Any, depth: int) -> None:
    require(type(children) is list and len(children) == kind.num_fields, KIND, "children", f"must be {kind.num_fields}")
    for index, child in enumerate(children):
        require_parts(arrow, child, depth + 1)
        same = child[0].equals(kind.field(index).type)
        require(same, KIND, "children", f"must be of {kind.field(index).type}")


def require_dictionary(arrow: Any, kind: Any, dictionary: Any, depth: int) -> None:
    if not arrow.types.is_dictionary(kind):
        require(dictionary is None, KIND, "dictionary", f"must not be there for {kind}")
        return
    require_parts(arrow, dictionary, depth + 1)
    require(dictionary[0].equals(kind.value_type), KIND, "dictionary", f"must be of {kind.value_type}")


def make_table(columns: Any, schema: Any) -> Any:
    return checked(sys.modules["pyarrow.lib"]._reconstruct_table, columns, schema)


def make_batch(columns: Any, schema: Any) -> Any:
    return checked(sys.modules["pyarrow.lib"]._reconstruct_record_batch, columns, schema)


def checked(make: Any, columns: Any, schema: Any) -> Any:
    """A table whose columns are of the types that its schema has."""
    arrow = sys.modules["pyarrow"]
    try:
        made = make(columns, schema)
        made.validate(full=True)
    except (arrow.ArrowException, TypeError, ValueError, AttributeError) as error:
        refuse("pyarrow.Table", "columns", f"are refused by Arrow: {error}")
    return made


def restore_polars(obj: Any, state: Any) -> None:
    """A series or a frame of Arrow's stream format, which polars reads with bounds checked, or panics."""
    kind = f"polars.{type(obj).__name__}"
    require(type(state) is bytes, kind, "the state", "must be bytes")
    try:
        obj.__setstate__(state)
    except BaseException as error:
        if isinstance(error, Exception) or type(error).__name__ == "PanicException":
            refuse(kind, "the state", f"is refused by polars: {error}")
        raise


def make_series(name: Any, array: Any) -> Any:
    """What brinery writes of a series when buffers go out of band."""
    from brinery.reducers.tables import make_series as make

    require(
        isinstance(name, str) and type(array).__module__ == "pyarrow.lib", "polars.Series", "array", "must be Arrow's"
    )
    return make(name, array)
