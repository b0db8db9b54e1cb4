"""pandas: labels and columns, however the columns are kept together."""

from __future__ import annotations

import sys
from typing import Any

from brinery.digests.form import Node
from brinery.digests.rules import Rules, instance, rule


@rule("pandas.DataFrame", "pandas.core.frame.DataFrame", inherited=True)
def frame(rules: Rules, obj: Any) -> Node:
    """The labels of the columns and of the rows, and the columns in order."""
    columns = [values_of(column) for _, column in obj.items()]
    return instance(type(obj), obj.columns, obj.index, columns, attributes=obj.attrs)


@rule("pandas.Series", "pandas.core.series.Series", inherited=True)
def series(rules: Rules, obj: Any) -> Node:
    """The labels, the values and the name."""
    return instance(type(obj), obj.index, values_of(obj), obj.name, attributes=obj.attrs)


@rule("pandas.Index", "pandas.core.indexes.base.Index", inherited=True)
def index(rules: Rules, obj: Any) -> Node:
    """The values and the names, level by level."""
    levels = [values_of(obj.get_level_values(level)) for level in range(obj.nlevels)]
    return instance(type(obj), levels, list(obj.names))


def values_of(column: Any) -> Any:
    """The values as a NumPy array, where they are one, or else as pandas' own."""
    array = column.array
    return array.to_numpy() if type(array) is sys.modules["pandas"].arrays.NumpyExtensionArray else array


@rule("pandas.api.extensions.ExtensionArray", "pandas.core.arrays.base.ExtensionArray", inherited=True)
def extension_array(rules: Rules, obj: Any) -> Node:
    """The name of the data type and the elements; as numbers, where they are kept as numbers.

    What lies in memory where a value is missing does not matter, nor who keeps the texts of a column.
    """
    pandas = sys.modules["pandas"]
    kind = str(obj.dtype)
    if isinstance(obj, pandas.Categorical):
        return instance(type(obj), obj.categories, obj.codes, obj.ordered)
    if hasattr(obj, "asi8"):
        return instance(type(obj), kind, obj.asi8)
    numpy_type = getattr(obj.dtype, "numpy_dtype", None)
    if numpy_type is not None and isinstance(
        obj, pandas.arrays.IntegerArray | pandas.arrays.FloatingArray | pandas.arrays.BooleanArray
    ):
        return instance(type(obj), kind, obj.to_numpy(numpy_type, na_value=numpy_type.type(0)), obj.isna())
    return Node(b"o_", [kind, obj.astype(object).tolist()])
