"""What brinery and the stdlib make of the same bytes, and whether it is the same."""

from __future__ import annotations

import io
import pickle
import signal
from typing import Any

from tests.strategies import difference

from brinery import pickle as brinery_pickle
from fuzz.programs import GLOBALS

# What either may raise for bytes that are no pickle.
REFUSALS = (
    pickle.UnpicklingError, EOFError, AttributeError, ImportError, IndexError, KeyError, OverflowError, TypeError, ValueError,
    UnicodeError, MemoryError, RecursionError, ArithmeticError, LookupError,
)  # fmt: skip


# The globals that were asked for and not allowed, in the case at hand.
refused: list[str] = []


def find_class(module: str, name: str) -> Any:
    try:
        return GLOBALS[f"{module} {name}"]
    except KeyError:
        refused.append(f"{module} {name}")
        raise pickle.UnpicklingError(f"{module}.{name} is not on the fuzzer's list") from None


class StockUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        return find_class(module, name)


class OwnUnpickler(brinery_pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        return find_class(module, name)


# A pickle may set attributes of a class: what one reader did must not meet the next one, nor the comparison.
HEAP_TYPE = 1 << 9  # Py_TPFLAGS_HEAPTYPE: a class whose attributes can be set
CLASSES = {each: dict(vars(each)) for each in GLOBALS.values() if isinstance(each, type) and each.__flags__ & HEAP_TYPE}


def restore_classes() -> bool:
    """Undo what a pickle did to a class; whether it did anything."""
    changed = False
    for cls, attributes in CLASSES.items():
        if dict(vars(cls)) == attributes:
            continue
        changed = True
        for name in set(vars(cls)) - set(attributes):
            delattr(cls, name)
        for name, value in attributes.items():
            if vars(cls)[name] is not value:
                setattr(cls, name, value)
    return changed


def outcome(unpickler: type, data: bytes) -> tuple[type[BaseException] | None, Any, int]:
    file = io.BytesIO(data)
    try:
        value = unpickler(file).load()
    except REFUSALS as error:
        return type(error), None, 0
    return None, value, file.tell()


class PythonUnpickler(pickle._Unpickler):  # type: ignore[name-defined]
    def find_class(self, module: str, name: str) -> Any:
        return find_class(module, name)


def same_refusal(theirs: type[BaseException], ours: type[BaseException]) -> bool:
    # Whether a length is too large for a number or for what there is: one looks at this first, the other at that.
    at_ends = (pickle.UnpicklingError, EOFError)
    by_length = (theirs is OverflowError and issubclass(ours, at_ends)) or (
        ours is OverflowError and issubclass(theirs, at_ends)
    )
    return issubclass(ours, theirs) or issubclass(theirs, ours) or by_length


def compared(expected: Any, found: Any) -> str | None:
    """As difference(); half-made objects, whose comparison fails, are compared no further."""
    try:
        return difference(expected, found)
    except (AttributeError, TypeError):
        return None if type(expected) is type(found) else f"{type(expected)} and {type(found)}"


def disagreement(data: bytes, seconds: int = 0) -> str | None:
    """What brinery does otherwise than the stdlib with these bytes; None where they agree.

    With `seconds`, SIGALRM ends the process when brinery takes longer. The stdlib has the time it needs: it clears
    gigabytes for a memo index that is only claimed.
    """
    refused.clear()
    theirs, expected, end = outcome(StockUnpickler, data)
    if restore_classes():
        outcome(OwnUnpickler, data)
        restore_classes()
        return None
    signal.alarm(seconds)
    ours, found, own_end = outcome(OwnUnpickler, data)
    why = by_other_ways(data, ours, found)
    signal.alarm(0)
    if why is not None:
        return why
    if theirs is None and ours is None:
        why = compared(expected, found)
        if why is None and end != own_end:
            why = f"the stdlib read {end} bytes, brinery {own_end}"
    elif theirs is not None and ours is not None:
        why = None if same_refusal(theirs, ours) else f"the stdlib raises {theirs.__name__}, brinery {ours.__name__}"
    else:
        why = f"the stdlib: {theirs or 'a value'}, brinery: {ours or 'a value'}"
    # The stdlib's memo and its payloads take as much memory as the bytes claim; ours as much as there is.
    explained = why is None or theirs is MemoryError or breaks_frames(data)
    return None if explained else why


class OnlyReadAndReadline:
    """A file that brinery can look into only by asking for exactly what it needs."""

    def __init__(self, data: bytes) -> None:
        file = io.BytesIO(data)
        self.read, self.readline = file.read, file.readline


class PlainUnpickler:
    """The module's own loads(), which has ways of its own through streams that it holds whole."""

    def __init__(self, file: io.BytesIO) -> None:
        self.data = file.getvalue()

    def load(self) -> Any:
        return brinery_pickle.loads(self.data)


# Which of them says that the bytes ended depends, as in the stdlib, on where they come from.
ENDS = {EOFError, pickle.UnpicklingError}


def by_other_ways(data: bytes, ours: type[BaseException] | None, found: Any) -> str | None:
    """What brinery makes of the same bytes otherwise when they come from elsewhere; None where it is the same."""
    ways = {"a file without peek and readinto": lambda file: OwnUnpickler(OnlyReadAndReadline(file.getvalue()))}
    if not refused:  # nothing is named that only find_class() keeps out
        ways["loads()"] = PlainUnpickler
    for name, way in ways.items():
        error, value, _ = outcome(way, data)
        if error is not ours and not {error, ours} <= ENDS:
            return f"by {name}: {error or 'a value'}, from a file: {ours or 'a value'}"
        if error is None and (why := compared(found, value)):
            return f"by {name} and from a file: {why}"
    return None


def breaks_frames(data: bytes) -> bool:
    """Whether opcodes cross the ends of frames, for which the stdlib's implementations differ from each other.

    The Python one refuses (pickle.py, _Unframer); the C one takes them from memory as brinery does, and from a file goes
    on behind the frame, losing what was left of it.
    """
    if b"\x95" not in data:
        return False
    try:
        PythonUnpickler(io.BytesIO(data)).load()
    except pickle.UnpicklingError as error:
        return "frame" in str(error)
    except REFUSALS:
        return False
    return False
