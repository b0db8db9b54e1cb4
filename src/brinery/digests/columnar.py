"""pyarrow and polars: types and values, however they are cut into chunks and buffers."""

from __future__ import annotations

from typing import Any

from brinery.digests.form import Node
from brinery.digests.rules import Rules, rule


@rule("pyarrow.lib.Array", "pyarrow.lib.ChunkedArray", inherited=True)
def arrow_array(rules: Rules, obj: Any) -> Node:
    """The type and the values."""
    return Node(b"o_", ["pyarrow", str(obj.type), obj.to_pylist()])


@rule("pyarrow.lib.Table", "pyarrow.lib.RecordBatch", inherited=True)
def arrow_table(rules: Rules, obj: Any) -> Node:
    """The names and the columns in order, and the metadata of the schema."""
    return Node(b"o_", ["pyarrow", list(obj.column_names), list(obj.columns), dict(obj.schema.metadata or {})])


@rule("polars.series.series.Series", inherited=True)
def polars_series(rules: Rules, obj: Any) -> Node:
    """The name, the type and the values."""
    return Node(b"o_", ["polars", obj.name, str(obj.dtype), obj.to_list()])


@rule("polars.dataframe.frame.DataFrame", inherited=True)
def polars_frame(rules: Rules, obj: Any) -> Node:
    """The columns in order."""
    return Node(b"o_", ["polars", obj.get_columns()])
