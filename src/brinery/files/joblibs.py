"""joblib's files: the arrays between their opcodes are put where the wrappers before them stand.

Format: ``joblib.numpy_pickle`` of joblib 0.10 to 1.5, see :mod:`brinery.peeking.joblibs`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from brinery.codec import trace
from brinery.errors import DecodeError
from brinery.files.program import PUT, Elsewhere, Program, Step, UnknownOrderError, marked, text
from brinery.peeking.joblibs import Inlined, lead_over_arrays
from brinery.peeking.tree import Tree
from brinery.peeking.wrappers import WRAPPER
from brinery.serializer import rebuilt

__all__ = ["is_joblib", "load_joblib"]

MENTION = re.compile(WRAPPER.encode())


def is_joblib(data: memoryview) -> bool:
    """Whether a pickle names the class that stands before arrays; of those it may still hold none."""
    return MENTION.search(data) is not None


def load_joblib(data: memoryview, trust: Any) -> Any:
    """The object of a file of ``joblib.dump``, if it is one. Arrays are where they are in `data`, if that is writable.

    Raises:
        UntrustedError, LimitError, DecodeError: As :func:`brinery.loads`.
    """
    values = trace(data, pause=WRAPPER)
    inlined = {each.node: each for each in lead_over_arrays(data, values)}
    if values.error is not None or values.root is None or values.end != len(data):
        at, problem = values.error or (values.end, "something follows that is none of it")
        raise DecodeError(f"the joblib file is damaged: at byte {at:,}, {problem}")
    program = Program(instead=lambda index: array_of(data, values, inlined[index]) if index in inlined else None)
    try:
        program.put(data, values, values.root)
    except UnknownOrderError as error:
        raise DecodeError(f"the joblib file cannot be read: {error}") from None
    return rebuilt(program.whole(), None, "nothing says whose they are", trust=trust, buffers=program.buffers)


def array_of(data: memoryview, values: Any, inlined: Inlined) -> Iterator[Step]:
    """Opcodes that make the array which stands behind a wrapper."""
    if inlined.pickle is not None and inlined.pickle.root is not None:
        yield Elsewhere(data, inlined.pickle, inlined.pickle.root)
        yield PUT
        return
    found = {name.value: value.index for name, value in Tree(data, values, inlined.node).attributes()}
    if inlined.wrapper is None or not {"dtype", "shape", "order"} <= found.keys():
        raise UnknownOrderError("what stands before an array does not say what it is")
    content = data[inlined.first : inlined.end]
    yield text(array_maker()) + text("_frombuffer") + b"\x93"
    yield from marked(
        [content if not content.readonly else memoryview(bytearray(content)), *(found[each] for each in FIELDS)], b"t"
    )
    yield b"R"
    yield PUT


FIELDS = ("dtype", "shape", "order")


def array_maker() -> str:
    """The module of the function that makes arrays of memory, in the NumPy that is here."""
    import numpy

    return str(numpy.zeros(1).__reduce_ex__(5)[0].__module__)
