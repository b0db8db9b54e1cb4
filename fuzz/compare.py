"""What brinery and the stdlib make of the same bytes, and whether it is the same."""

from __future__ import annotations

import io
import pickle
from typing import Any

from brinery import pickle as brinery_pickle
from fuzz.programs import GLOBALS
from tests.strategies import difference

# Raised for the same input by one and the other, each a refusal that nobody can tell apart in use:
# the order in which a stream's several faults are found.
REFUSALS = (
    pickle.UnpicklingError, EOFError, AttributeError, ImportError, IndexError, KeyError, OverflowError, TypeError, ValueError,
    UnicodeError, MemoryError, RecursionError, ArithmeticError,
)  # fmt: skip


class Refused(Exception):
    """A global that the fuzzer does not let anybody load."""


def find_class(module: str, name: str) -> Any:
    try:
        return GLOBALS[f"{module} {name}"]
    except KeyError:
        raise pickle.UnpicklingError(f"{module}.{name} is not on the fuzzer's list") from None


class StockUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        return find_class(module, name)


class OwnUnpickler(brinery_pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        return find_class(module, name)


def outcome(unpickler: type, data: bytes) -> tuple[type[BaseException] | None, Any, int]:
    file = io.BytesIO(data)
    try:
        value = unpickler(file).load()
    except REFUSALS as error:
        return type(error), None, 0
    return None, value, file.tell()


def only_known_globals(data: bytes) -> bool:
    """Whether loads(), which asks nobody, would touch nothing but the list: no name in the bytes that is not on it."""
    names = {name.split(" ")[1].encode() for name in GLOBALS}
    risky = (b"os", b"sys", b"posix", b"subprocess", b"builtins\nexec", b"builtins\neval", b"ctypes")
    return bool(names) and not any(word in data for word in risky)


def disagreement(data: bytes) -> str | None:
    """What brinery does otherwise than the stdlib with these bytes; None where they agree."""
    theirs, expected, end = outcome(StockUnpickler, data)
    ours, found, own_end = outcome(OwnUnpickler, data)
    if (theirs is None) != (ours is None):
        return f"the stdlib: {theirs or 'a value'}, brinery: {ours or 'a value'}"
    if theirs is not None and ours is not None:
        same = theirs is ours or issubclass(ours, theirs) or issubclass(theirs, ours)
        return None if same else f"the stdlib raises {theirs.__name__}, brinery {ours.__name__}"
    if end != own_end:
        return f"the stdlib read {end} bytes, brinery {own_end}"
    return difference(expected, found)
