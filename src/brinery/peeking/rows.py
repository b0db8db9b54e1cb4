"""Pickles one behind the other, and what is no pickle behind them."""

from __future__ import annotations

from collections.abc import Iterator

from brinery import codec
from brinery.errors import IntegrityError
from brinery.peeking.budget import Budget
from brinery.peeking.joblibs import Inlined, lead_over_arrays
from brinery.peeking.parts import Blob, Part, Pickle, Problem
from brinery.peeking.wrappers import WRAPPER
from brinery.trust.trailer import SEAL, find_trailer

_TORCH_MAGIC = b"\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19"  # LONG1 in the first pickle of torch before 1.6
_TORCH_PICKLES = 5  # magic, version, system, object, keys of the storages; then their raw bytes
_FRAME = b"\x95"
_PROTO = b"\x80"


def pickles_of(data: memoryview, place: str, *, is_one: bool, budget: Budget) -> Iterator[Part]:
    """The pickles in a row, and what is behind the last one.

    With `is_one`, the data is taken for a pickle in any case, and shown up to where it is broken; otherwise only where
    it looks like one.
    """
    most = _TORCH_PICKLES if bytes(data[2:14]) == _TORCH_MAGIC else None
    at = number = 0
    while (at < len(data) or (number == 0 and is_one)) and number != most:
        trace, inlined = _traced(data, at)
        begun = is_one and (trace.error is None or (number == 0 and bool(trace.stack)))
        if not begun and not looks_like_pickle(data, at, trace):
            break
        name = f"{place}[{number}]" if number else place
        budget.take_pickle()
        yield Pickle(name, data, at, trace, tuple((each.start, each.end) for each in inlined if each.end > each.start))
        for each in inlined:
            if each.pickle is not None:
                yield Pickle(f"{name}[array at {each.start}]", data, each.start, each.pickle)
        if trace.error is not None:
            return
        at = trace.end
        number += 1
    if number == 0 and is_one:
        yield Problem(
            place, "no-pickle", "neither a pickle nor a format that is looked into" if data else "it is empty"
        )
    elif at == len(data):
        return
    elif number == 0:
        yield Blob(place, len(data), "data")
    elif number == most:
        yield Blob(place, len(data) - at, "storages of torch")
    elif (proof := proof_at(data, at)) is not None:
        yield Blob(place, len(data) - at, proof)
    else:
        yield Problem(place, "trailing-bytes", f"{len(data) - at:,} bytes behind the end that are no pickle", at)


def proof_at(data: memoryview, at: int) -> str | None:
    """What stands there if that is a whole seal or signature and nothing else."""
    try:
        trailer = find_trailer(data)
    except IntegrityError:
        return None
    if trailer is None or len(trailer.payload) < at:
        return None
    rest = trailer.payload[at:]
    if rest and (trailer.kind != SEAL or proof_at(trailer.payload, at) is None):
        return None
    return "seal" if trailer.kind == SEAL else "signature"


def _traced(data: memoryview, start: int) -> tuple[codec.Trace, list[Inlined]]:
    """A trace to the end of the pickle, or to where it is broken, and the arrays in it."""
    trace = codec.trace(data, offset=start, pause=WRAPPER)
    inlined = lead_over_arrays(data, trace)
    at = trace.end + 1
    has_frame = data[start : start + 1] == _PROTO and data[trace.end : at] == _FRAME and at + 8 <= len(data)
    if trace.error is not None and has_frame:
        # A frame that is cut off breaks the pickle before anything in it; what is left of it is worth a look.
        shortened = bytearray(data)
        shortened[at : at + 8] = (len(data) - at - 8).to_bytes(8, "little")
        trace = codec.trace(shortened, offset=start, pause=WRAPPER)
        inlined = lead_over_arrays(data, trace)
    return trace, inlined


def looks_like_pickle(data: memoryview, start: int, trace: codec.Trace) -> bool:
    """Whether what was traced is one.

    Nearly any bytes are a few opcodes, but few are opcodes up to STOP. What is broken before it has named anything
    can do nothing; it counts as a pickle only where it begins as they all do.
    """
    front = bytes(data[start : start + 11])
    has_header = len(front) > 1 and front[:1] == _PROTO and front[1] <= 5
    if trace.error is None:
        return has_header or bool(trace.globals) or trace.end == len(data)
    if front[1:3] in {b"\x04" + _FRAME, b"\x05" + _FRAME} and front[7:] == bytes(4):
        return True
    return any(_is_name(module) and _is_name(name) for module, name, _ in trace.globals)


def _is_name(text: str) -> bool:
    return all(part.isidentifier() for part in text.split("."))
