"""The canonical form of what sequences hold, in columns where all of it is of one type.

Columns are what makes digests fast: their bytes are made at once. Which form a sequence takes depends on nothing but
its value. A column holds what it holds over again, however often the same object is in it, so that there are limits to
what goes into one: it must not cost more than some times the references it saves.
"""

from __future__ import annotations

import itertools
import operator
import struct
import sys
from array import array
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from brinery.digests.form import HEADS, head

Leaves = Mapping[type, Callable[[Any], bytes]]

MEAN_TEXT = 1024  # characters of the texts in a column, at most
MANY = 8  # containers that may be a table, at least
MEAN_SIZE = 16  # of the containers in a table, at most
NESTED = 2  # tables in a table
PACK_INTEGERS = [struct.Struct(f"<{count}q").pack for count in range(16)]  # faster than an array, for a few


def text_column(values: Sequence[str]) -> bytes | None:
    """The texts joined by NUL; None where one has it, or where they are long."""
    count = len(values)
    if sum(map(len, values)) > MEAN_TEXT * count:
        return None
    joined = "\0".join(values)
    if joined.count("\0") != count - 1:
        return None
    data = joined.encode("utf-8", "surrogatepass")
    return b"U" + head(count) + head(len(data)) + data


def integer_column(values: Sequence[int]) -> bytes | None:
    """Eight bytes each, the lowest first; None where one does not fit."""
    count = len(values)
    try:
        if count < len(PACK_INTEGERS):
            return b"I" + HEADS[count] + PACK_INTEGERS[count](*values)
        return b"I" + head(count) + little_endian(array("q", values))
    except (OverflowError, struct.error):
        return None


def float_column(values: Sequence[float]) -> bytes:
    """Eight bytes each, the lowest first; all NaNs are one."""
    total = sum(values)
    if total != total:  # noqa: PLR0124 - NaN: there is one among them, or infinities of both signs
        values = [value if value == value else float("nan") for value in values]  # noqa: PLR0124
    return b"D" + head(len(values)) + little_endian(array("d", values))


def little_endian(column: array[Any]) -> bytes:
    """The items of an array, the lowest byte of each first."""
    if sys.byteorder == "big":
        column.byteswap()
    return column.tobytes()


def truth_column(values: Sequence[bool]) -> bytes:
    """A byte each."""
    return b"O" + head(len(values)) + bytes(values)


COLUMNS: dict[type, Callable[[Any], bytes | None]] = {
    str: text_column,
    int: integer_column,
    float: float_column,
    bool: truth_column,
}


def body(values: Sequence[Any], leaves: Leaves, nested: int = NESTED) -> bytes | None:
    """What a sequence holds: a column, a table, or references one by one; None where something in it has parts."""
    kinds = set(map(type, values))
    if len(kinds) == 1:
        (kind,) = kinds
        column = COLUMNS.get(kind)
        found = None
        if column is not None:
            found = column(values)
        elif nested and len(values) >= MANY:
            if kind is dict:
                found = record_table(values, leaves, nested - 1)
            elif kind is list or kind is tuple:
                found = row_table(values, kind, leaves, nested - 1)
        if found is not None:
            return found
    if leaves.keys() >= kinds:
        return b"_" + head(len(values)) + b"".join([leaves[type(value)](value) for value in values])
    return None


def record_table(records: Sequence[dict[Any, Any]], leaves: Leaves, nested: int) -> bytes | None:
    """Dicts with the same keys, all of them texts: the keys in order, and a body for the values under each."""
    keys = sorted(first) if set(map(type, first := records[0])) == {str} else []
    if not 0 < len(keys) <= MEAN_SIZE or set(map(len, records)) != {len(keys)}:
        return None
    if set(map(type, itertools.chain.from_iterable(records))) != {str}:
        return None
    found = [b"R" + head(len(records)), body(keys, leaves) or b""]
    for key in keys:
        try:
            column = body(list(map(operator.itemgetter(key), records)), leaves, nested)
        except KeyError:
            return None
        if column is None:
            return None
        found.append(column)
    return b"".join(found)


def row_table(rows: Sequence[Sequence[Any]], kind: type, leaves: Leaves, nested: int) -> bytes | None:
    """Lists or tuples: a body of their lengths, and one of all that they hold, one after the other."""
    sizes = list(map(len, rows))
    if sum(sizes) > MEAN_SIZE * len(rows):
        return None
    content = body(list(itertools.chain.from_iterable(rows)), leaves, nested)
    if content is None:
        return None
    return (b"L" if kind is list else b"H") + (body(sizes, leaves) or b"") + content
