"""Shapes and dtypes of arrays, as files describe them."""

from __future__ import annotations

import math
from typing import Any

_MOST_DIMENSIONS = 64


def is_shape(shape: Any) -> bool:
    """Whether it is the shape of an array that may be."""
    sizes = shape if isinstance(shape, tuple) and len(shape) <= _MOST_DIMENSIONS else None
    return sizes is not None and all(type(each) is int and 0 <= each < 2**63 for each in sizes)


def has_objects(description: Any) -> bool:
    """Whether arrays of such a dtype hold objects: "O" by itself, or somewhere among the fields."""
    if isinstance(description, str):
        return "O" in description
    return isinstance(description, list | tuple) and any(has_objects(each) for each in description)


def item_size(text: str) -> int | None:
    """Bytes of an item of a dtype written like "<f8" or "U10"; None where that does not say."""
    kind, digits = text.lstrip("<>|=")[:1], text.lstrip("<>|=")[1:]
    if not kind or not digits.isascii() or not digits.isdecimal() or len(digits) > 18:
        return None
    return int(digits) * (4 if kind == "U" else 1)


def byte_count(shape: tuple[int, ...], size: int) -> int:
    """Bytes of an array."""
    return math.prod(shape) * size


def shown_dtype(description: Any) -> str:
    """A dtype for people: "float64" for "<f8"."""
    if not isinstance(description, str):
        return "structured"
    size = item_size(description)
    kind = description.lstrip("<>|=")[:1]
    known = {"f": "float", "i": "int", "u": "uint", "c": "complex", "b": "bool", "O": "object"}.get(kind)
    if known is None or (size is None and kind != "O"):
        return description[:40]
    return known if kind in "bO" else f"{known}{8 * (size or 0)}"
