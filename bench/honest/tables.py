"""pandas, Arrow and polars: tables of every dtype, indexes, and what stands around them."""

from __future__ import annotations

import datetime
import decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa

from bench.honest.case import add

DAYS = pd.date_range("2024-01-01", periods=3)
COLUMNS: dict[str, Any] = {
    "float64": [1.0, None, 3.0],
    "float32": np.array([1, 2, 3], "f4"),
    "int64": [1, 2, 3],
    "int8": np.array([1, 2, 3], "i1"),
    "uint16": np.array([1, 2, 3], "u2"),
    "bool": [True, False, True],
    "complex128": [1j, 2j, 3j],
    "object": ["a", None, [1]],
    "str": pd.array(["a", "b", None], dtype="str"),
    "string[python]": pd.array(["a", "b", None], dtype="string[python]"),
    "string[pyarrow]": pd.array(["a", "b", None], dtype="string[pyarrow]"),
    "datetime64[ns]": DAYS,
    "datetime64[s]": DAYS.as_unit("s"),
    "datetime64[ns, Europe/Berlin]": DAYS.tz_localize("Europe/Berlin"),
    "datetime64[ns, UTC]": DAYS.tz_localize("UTC"),
    "datetime64[ns, +02:00]": DAYS.tz_localize(datetime.timezone(datetime.timedelta(hours=2))),
    "timedelta64[ns]": DAYS - DAYS[0],
    "category": pd.Categorical(["x", "y", "x"]),
    "ordered category": pd.Categorical(["x", "y", None], categories=["y", "x"], ordered=True),
    "period": pd.period_range("2024-01", periods=3, freq="M"),
    "interval": pd.interval_range(0, 3),
    "sparse": pd.arrays.SparseArray([0, 0, 1]),
    "sparse block": pd.arrays.SparseArray([0.0, np.nan, 1.0], kind="block"),
    "Int64": pd.array([1, None, 3], dtype="Int64"),
    "UInt8": pd.array([1, None, 3], dtype="UInt8"),
    "Float64": pd.array([1.0, None, 3.0], dtype="Float64"),
    "Float32": pd.array([1.0, None, 3.0], dtype="Float32"),
    "boolean": pd.array([True, None, False], dtype="boolean"),
    "int64[pyarrow]": pd.array([1, None, 3], dtype="int64[pyarrow]"),
    "timestamp[ns][pyarrow]": pd.array([datetime.datetime(2024, 1, 1)] * 3, dtype="timestamp[ns][pyarrow]"),
    "list[pyarrow]": pd.array([[1], [2, 3], None], dtype=pd.ArrowDtype(pa.list_(pa.int64()))),
    "decimal objects": [decimal.Decimal(1), decimal.Decimal("2.5"), None],
    "date objects": [datetime.date(2024, 1, 1)] * 3,
}
INDEXES: dict[str, Any] = {
    "RangeIndex": pd.RangeIndex(3),
    "of ints": pd.Index([3, 1, 2]),
    "of floats": pd.Index([0.5, 1.5]),
    "of text": pd.Index(["a", "b"], name="k"),
    "of objects": pd.Index(["a", 1, None], dtype=object),
    "DatetimeIndex": DAYS,
    "DatetimeIndex of hours": pd.date_range("2024-01-01", periods=3, freq="12h", tz="Europe/Berlin"),
    "TimedeltaIndex": pd.timedelta_range(0, periods=3, freq="h"),
    "PeriodIndex": pd.period_range("2024", periods=3, freq="D"),
    "CategoricalIndex": pd.CategoricalIndex(["a", "b", "a"]),
    "IntervalIndex": pd.interval_range(0, 3),
    "MultiIndex": pd.MultiIndex.from_product([["a", "b"], [1, 2]], names=["x", "y"]),
    "of nullable": pd.Index(pd.array([1, None], dtype="Int64")),
}
OFFSETS = [
    "Day",
    "Hour",
    "Minute",
    "Second",
    "Milli",
    "Micro",
    "Nano",
    "BDay",
    "MonthEnd",
    "MonthBegin",
    "BMonthEnd",
    "BMonthBegin",
    "QuarterEnd",
    "QuarterBegin",
    "YearEnd",
    "YearBegin",
    "BYearEnd",
    "Week",
    "WeekOfMonth",
    "LastWeekOfMonth",
    "SemiMonthEnd",
    "SemiMonthBegin",
    "Easter",
    "DateOffset",
    "CustomBusinessDay",
    "BusinessHour",
    "CustomBusinessHour",
    "FY5253",
    "FY5253Quarter",
    "BQuarterEnd",
    "BQuarterBegin",
    "CBMonthEnd",
]


def table() -> Any:
    made = pd.DataFrame({name: values for name, values in COLUMNS.items() if name not in {"sparse block"}})
    made.attrs["source"] = "here"
    return made


def answer_by_table(frame: Any) -> Any:
    return frame.to_string(), [str(each) for each in frame.dtypes]


def offset(name: str) -> Any:
    kind = getattr(pd.offsets, name)
    return kind(2, weekday=0, startingMonth=1) if name.startswith("FY") else kind(2)


for name, values in COLUMNS.items():
    add("pandas", f"Series of {name}", lambda v=values: pd.Series(v, name="s"), protocols=(2, 4, 5))
    add("pandas", f"DataFrame of {name}", lambda v=values: pd.DataFrame({"a": v, "b": v}), protocols=(4, 5))
for name, index in INDEXES.items():
    add("pandas", f"index {name}", lambda i=index: i, protocols=(2, 4, 5))
    add("pandas", f"Series by index {name}", lambda i=index: pd.Series(range(len(i)), index=i))
add("pandas", "table of all dtypes", table, answer_by_table, (2, 4, 5))
add("pandas", "table with MultiIndex", lambda: pd.DataFrame({"v": range(4)}, index=INDEXES["MultiIndex"]))
add("pandas", "table with MultiIndex columns", lambda: pd.DataFrame(np.eye(4), columns=INDEXES["MultiIndex"]))
add("pandas", "empty table", pd.DataFrame)
add("pandas", "transposed table", lambda: pd.DataFrame(np.eye(3)).T)
add("pandas", "slice of a table", lambda: pd.DataFrame(np.eye(5)).iloc[1:3, ::2])
add("pandas", "Timestamp", lambda: [pd.Timestamp("2024-01-02 03:04"), pd.Timestamp("2024-01-01", tz="UTC")])
add("pandas", "Timestamp with zone", lambda: pd.Timestamp("2024-01-01", tz="Europe/Berlin"))
add("pandas", "Timedelta", lambda: pd.Timedelta(1, "h"))
add("pandas", "Period", lambda: [pd.Period("2024-01", "M"), pd.Period("2024-01-01", "D")])
add("pandas", "Interval", lambda: pd.Interval(0, 1, closed="left"))
add("pandas", "missing values", lambda: [pd.NA, pd.NaT])
add("pandas", "dtypes", lambda: list(table().dtypes))
add("pandas", "Categorical", lambda: COLUMNS["ordered category"])
add(
    "pandas",
    "groupby",
    lambda: pd.DataFrame({"k": list("aba"), "v": [1, 2, 3]}).groupby("k"),
    lambda g: g.sum().to_string(),
)
add("pandas", "groupby of a column", lambda: pd.Series([1, 2, 3]).groupby([0, 1, 0]), lambda g: g.sum().to_string())
add("pandas", "errors", lambda: [pd.errors.ParserError("p"), pd.errors.EmptyDataError("e"), pd.errors.MergeError("m")])
for name in OFFSETS:
    add("pandas", f"offset {name}", lambda n=name: offset(n))


def arrow_table() -> Any:
    return pa.table({"a": [1, 2, None], "b": ["x", None, "z"], "c": [[1], [], [2, 3]], "d": [0.5, 1.5, 2.5]})


for name, values in {
    "ints": pa.array([1, 2, None]),
    "text": pa.array(["a", None]),
    "lists": pa.array([[1], [2, 3]]),
    "structs": pa.array([{"a": 1, "b": "x"}]),
    "dictionary": pa.array(["a", "b", "a"]).dictionary_encode(),
    "decimals": pa.array([decimal.Decimal("1.5")]),
    "timestamps": pa.array([datetime.datetime(2024, 1, 1)], pa.timestamp("us", "UTC")),
    "booleans": pa.array([True, None]),
    "nothing": pa.nulls(3),
    "maps": pa.array([[("a", 1)]], pa.map_(pa.string(), pa.int64())),
    "a slice": pa.array(range(10))[2:5],
    "chunks": pa.chunked_array([[1, 2], [3]]),
    "binary": pa.array([b"a", None]),
}.items():
    add("pyarrow", f"array of {name}", lambda v=values: v)
add("pyarrow", "table", arrow_table)
add("pyarrow", "record batch", lambda: arrow_table().to_batches()[0])
add("pyarrow", "schema with metadata", lambda: arrow_table().schema.with_metadata({"k": "v"}))
add("pyarrow", "scalars", lambda: [pa.scalar(1), pa.scalar("a"), pa.scalar(None), pa.scalar([1])])
add(
    "pyarrow",
    "types",
    lambda: [
        pa.int64(),
        pa.list_(pa.string()),
        pa.struct([("a", pa.int8())]),
        pa.timestamp("ns", "UTC"),
        pa.dictionary(pa.int8(), pa.string()),
        pa.decimal128(5, 2),
        pa.field("f", pa.int8(), False, {"k": "v"}),
        pa.binary(4),
        pa.map_(pa.string(), pa.int8()),
        pa.duration("s"),
        pa.date32(),
        pa.null(),
        pa.large_string(),
        pa.float16(),
        pa.bool_(),
    ],
)
add("pyarrow", "buffer", lambda: pa.py_buffer(b"abc"), lambda b: b.to_pybytes())

POLARS: dict[str, Any] = {
    "ints": pl.Series("a", [1, None]),
    "text": pl.Series("a", ["x", None]),
    "lists": pl.Series("a", [[1], [2, 3]]),
    "categories": pl.Series("a", ["x", "y"], dtype=pl.Categorical),
    "enumeration": pl.Series("a", ["x", "y"], dtype=pl.Enum(["x", "y"])),
    "times": pl.Series("a", [datetime.datetime(2024, 1, 1)]),
    "structs": pl.Series("a", [{"a": 1}]),
    "decimals": pl.Series("a", [decimal.Decimal("1.5")]),
}
for name, values in POLARS.items():
    add("polars", f"Series of {name}", lambda v=values: v)
add(
    "polars",
    "DataFrame",
    lambda: pl.DataFrame({f"c{i}": v.extend_constant(None, 0) for i, v in enumerate([pl.Series([1, 2])])}),
)
add(
    "polars",
    "types",
    lambda: [pl.Int64, pl.String(), pl.List(pl.Int8), pl.Datetime("us", "UTC"), pl.Struct({"a": pl.Int8})],
)
add("polars", "schema", lambda: pl.DataFrame({"a": [1], "b": ["x"]}).schema)
add("polars", "expression", lambda: pl.col("a") + 1, str)
add(
    "polars",
    "LazyFrame",
    lambda: pl.DataFrame({"a": [1, 2]}).lazy().filter(pl.col("a") > 1),
    lambda f: repr(f.collect()),
)
