"""What the core does about an object that no reducer knows, as far as it may fail."""

from __future__ import annotations

import copyreg
import importlib
import pickle
from collections.abc import Container, Iterator
from types import FunctionType
from typing import Any

PROTOCOL = 5
NAMELESS = frozenset({type(None), type(...), type(NotImplemented)})  # that the core writes as the type of a value


class Everything(dict[type, Any]):
    """In the place of the types that the core asks about: all of them, also those it could write by itself."""

    def __contains__(self, cls: object) -> bool:
        return True


def reduce_value(obj: Any) -> Any:
    """What copyreg or the object itself answers; NotImplemented for classes and functions, which go by their names."""
    reducer = copyreg.dispatch_table.get(type(obj))
    if reducer is not None:
        return reducer(obj)
    if isinstance(obj, type | FunctionType):
        return NotImplemented
    return obj.__reduce_ex__(PROTOCOL)


def check(obj: Any, value: Any) -> None:
    """Whether a reduce value is one, and a name leads to the object; raises PicklingError where not."""
    if value is NotImplemented or isinstance(value, str):
        check_name(obj, None if value is NotImplemented else value)
    elif not isinstance(value, tuple):
        raise pickle.PicklingError(f"__reduce__ must return a string or tuple, not {type(value).__qualname__}")
    elif not 2 <= len(value) <= 6 or not callable(value[0]) or not isinstance(value[1], tuple):
        raise pickle.PicklingError("__reduce__ must return a callable, a tuple of arguments, and up to four more")
    else:
        parts = (*value, None, None, None, None)
        if not all(isinstance(each, Iterator | None) for each in parts[3:5]):
            raise pickle.PicklingError("the items that __reduce__ returns must be iterators")
        if parts[5] is not None and not callable(parts[5]):
            raise pickle.PicklingError("the state setter that __reduce__ returns must be callable")


def check_name(obj: Any, name: str | None) -> None:
    if isinstance(obj, type) and obj in NAMELESS:
        return
    path = name or getattr(obj, "__qualname__", None) or obj.__name__
    steps = path.split(".")
    if "<locals>" in steps:
        raise pickle.PicklingError(f"{path} is in a function's local scope")
    module = pickle.whichmodule(obj, path)  # type: ignore[attr-defined]
    try:
        found: Any = importlib.import_module(module)
        for step in steps:
            found = getattr(found, step)
    except (ImportError, AttributeError) as error:
        raise pickle.PicklingError(f"it is not found as {module}.{path}") from error
    if found is not obj:
        raise pickle.PicklingError(f"it is not the same object as {module}.{path}")


def is_plainly_named(obj: Any, by_value: Container[str]) -> bool:
    """Whether a function or class is what its names lead to, so that the core asks no reducer about it."""
    import sys

    module = getattr(obj, "__module__", None)
    if module in by_value or module not in sys.modules:
        return False
    found: Any = sys.modules[module]
    for step in obj.__qualname__.split("."):
        found = getattr(found, step, None)
    return found is obj
