"""joblib's files: pickles with the bytes of arrays between their opcodes.

Behind each BUILD of a ``NumpyArrayWrapper`` stand the bytes of an array, as ``joblib.numpy_pickle`` reads them: padding
and numbers, or another pickle where the array holds objects.
"""

from __future__ import annotations

from typing import NamedTuple

from brinery import codec
from brinery.peeking.arrays import byte_count, item_size
from brinery.peeking.tree import Tree
from brinery.peeking.wrappers import Wrapper, wrapper_of


class Inlined(NamedTuple):
    """What stands behind a wrapper in a file: an array's bytes, or a pickle of it."""

    node: int  # the wrapper in the trace
    wrapper: Wrapper | None  # what it says, if it says it all
    start: int  # behind the wrapper; padding comes first
    first: int  # where the numbers begin
    end: int
    pickle: codec.Trace | None


def lead_over_arrays(data: memoryview, trace: codec.Trace) -> list[Inlined]:
    """Lead a trace that has paused to its end: what it was led over."""
    found: list[Inlined] = []
    while trace.paused is not None:
        each = inlined_at(data, trace, trace.paused)
        found.append(each)
        trace.resume(each.end)
    return found


def inlined_at(data: memoryview, trace: codec.Trace, index: int) -> Inlined:
    """What stands behind a wrapper at which a trace has paused."""
    at = trace.end
    wrapper = wrapper_of(Tree(data, trace, index))
    if wrapper is None:
        return Inlined(index, None, at, at, at, None)
    if wrapper.holds_objects:
        pickle = codec.trace(data, offset=at)
        return Inlined(index, wrapper, at, at, pickle.end if pickle.error is None else len(data), pickle)
    padding = 1 + data[at] if wrapper.aligned and at < len(data) else 0
    size = byte_count(wrapper.shape, item_size(wrapper.dtype) or 0)
    return Inlined(index, wrapper, at, at + padding, min(at + padding + size, len(data)), None)
