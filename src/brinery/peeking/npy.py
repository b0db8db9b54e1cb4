"""NumPy's .npy format, by its documentation in numpy.lib.format: a header, and numbers or a pickle."""

from __future__ import annotations

import ast

from brinery.peeking.arrays import has_objects, is_shape, shown_dtype
from brinery.peeking.parts import Problem

_MOST_HEADER = 1_000_000  # bytes; NumPy writes about a hundred, for structured arrays some thousand


def content_of(data: memoryview, place: str) -> tuple[str, memoryview, bool] | Problem:
    """Description, content behind the header, and whether that is a pickle."""
    if len(data) < 10:
        return Problem(place, "broken", "the header of the array ends too early", 0)
    wide = data[6] > 1
    begin = 12 if wide else 10
    size = int.from_bytes(data[8:begin], "little")
    if size > min(_MOST_HEADER, len(data) - begin):
        return Problem(place, "broken", f"the header of the array has {size:,} bytes, which are not there", 8)
    try:
        header = ast.literal_eval(bytes(data[begin : begin + size]).decode("utf-8" if data[6] > 2 else "latin-1"))
        description, shape = header["descr"], header["shape"]
    except (ValueError, SyntaxError, TypeError, KeyError, MemoryError, RecursionError) as error:
        return Problem(place, "broken", f"the header of the array is not one: {type(error).__name__}", begin)
    if not is_shape(shape):
        return Problem(place, "broken", f"the header of the array has no shape: {shape!r:.100}", begin)
    return f"array {shown_dtype(description)} {shape}", data[begin + size :], has_objects(description)
