"""joblib's files: pickles with the bytes of arrays between their opcodes.

Behind each BUILD of a ``NumpyArrayWrapper`` stand the bytes of an array, as ``joblib.numpy_pickle`` reads them: padding
and numbers, or another pickle where the array holds objects.
"""

from __future__ import annotations

from brinery import codec
from brinery.peeking.arrays import byte_count, item_size
from brinery.peeking.tree import Tree
from brinery.peeking.wrappers import Wrapper, wrapper_of


def lead_over_arrays(
    data: memoryview, trace: codec.Trace
) -> tuple[list[tuple[int, int]], list[tuple[int, codec.Trace]]]:
    """Lead a trace that has paused to its end: what it was led over, and the pickles of arrays in there."""
    gaps: list[tuple[int, int]] = []
    inner: list[tuple[int, codec.Trace]] = []
    while trace.paused is not None:
        at = trace.end
        wrapper = wrapper_of(Tree(data, trace, trace.paused))
        end = at
        if wrapper is not None and wrapper.holds_objects:
            pickle = codec.trace(data, offset=at)
            inner.append((at, pickle))
            end = pickle.end if pickle.error is None else len(data)
        elif wrapper is not None:
            end = min(at + _extent(data, at, wrapper), len(data))
        if end > at:
            gaps.append((at, end))
        trace.resume(end)
    return gaps, inner


def _extent(data: memoryview, at: int, wrapper: Wrapper) -> int:
    padding = 1 + data[at] if wrapper.aligned and at < len(data) else 0
    return padding + byte_count(wrapper.shape, item_size(wrapper.dtype) or 0)
