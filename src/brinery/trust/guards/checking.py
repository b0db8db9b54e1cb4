"""What guards say when something is wrong, and what several of them ask of a state."""

from __future__ import annotations

import sys
from typing import Any, NoReturn

from brinery.errors import IntegrityError

INDEX_KINDS = frozenset("iu")


def refuse(kind: str, field: str, problem: str) -> NoReturn:
    """Raise what a guard raises.

    Args:
        kind: What was to be restored, as its users call it.
        field: The part of its state that is wrong.
        problem: What is wrong with it.
    """
    why = "The data is damaged or forged; using it could corrupt memory, so nothing was loaded"
    raise IntegrityError(f"{kind}: {field} {problem}. {why}")


def require(condition: Any, kind: str, field: str, problem: str) -> None:
    if not condition:
        refuse(kind, field, problem)


def is_array(value: Any) -> bool:
    """Whether it is an array of NumPy's own type, or of a subclass of its own."""
    return isinstance(value, sys.modules["numpy"].ndarray)


def require_array(value: Any, kind: str, field: str, *, ndim: int | None = None, dtype: str | None = None) -> None:
    """`dtype` holds the kinds that are admitted, as NumPy letters them."""
    if not is_array(value):
        refuse(kind, field, f"must be an array, not {type(value).__name__}")
    if ndim is not None and value.ndim != ndim:
        refuse(kind, field, f"must have {ndim} dimensions, not {value.ndim}")
    if dtype is not None and value.dtype.kind not in dtype:
        refuse(kind, field, f"must not be of {value.dtype}")


def require_within(array: Any, low: int, end: int, kind: str, field: str) -> None:
    """Whole numbers from `low` on, and below `end`."""
    require_array(array, kind, field, dtype="iu")
    if array.size and (int(array.min()) < low or int(array.max()) >= end):
        refuse(kind, field, f"must lie within {low} and {end - 1}")


def is_count(value: Any) -> bool:
    """Whether it is a whole number, not negative; NumPy's own numbers are."""
    if type(value) is int:
        return value >= 0
    return is_whole(value) and int(value) >= 0


def is_whole(value: Any) -> bool:
    if type(value) is int:
        return True
    numpy = sys.modules.get("numpy")
    return numpy is not None and isinstance(value, numpy.integer)


def fields_of(state: Any, kind: str) -> dict[str, Any]:
    """A state that has to be a dictionary."""
    require(type(state) is dict, kind, "the state", "must be a dict")
    found: dict[str, Any] = state
    return found


def require_fields(state: Any, names: tuple[str, ...], kind: str) -> list[Any]:
    """What a state that has to be a dictionary has under some names, all of which it must have."""
    fields = fields_of(state, kind)
    for name in names:
        require(name in fields, kind, name, "is missing")
    return [fields[name] for name in names]


def restore_attributes(obj: Any, state: Any) -> None:
    """What pickle itself does for objects without ``__setstate__``."""
    setstate = getattr(obj, "__setstate__", None)
    if setstate is not None:
        setstate(state)
        return
    attributes, slots = state if isinstance(state, tuple) and len(state) == 2 else (state, None)
    if attributes:
        vars(obj).update(attributes)
    for name, value in (slots or {}).items():
        setattr(obj, name, value)


def restore_once(obj: Any, state: Any, kind: str) -> None:
    """Restore an object of a class in Python that has no attributes yet.

    What a guard has looked at must not change after: neither by another state, nor through a list that the pickle
    goes on to fill; so guards of what holds others put copies of lists and dictionaries in their place.
    """
    require(not vars(obj), kind, "the state", "must not be restored twice")
    restore_attributes(obj, state)


def own_list(obj: Any, name: str, kind: str) -> list[Any]:
    """An attribute that has to be a list, which is the object's own from now on."""
    value = vars(obj).get(name)
    require(type(value) is list, kind, name, "must be a list")
    copied = list(value)
    vars(obj)[name] = copied
    return copied


def own_dict(obj: Any, name: str, kind: str) -> dict[Any, Any]:
    """An attribute that has to be a dictionary, which is the object's own from now on."""
    value = vars(obj).get(name)
    require(isinstance(value, dict), kind, name, "must be a dict")
    copied = dict(value)
    vars(obj)[name] = copied
    return copied


def is_of(obj: Any, *paths: str) -> bool:
    """Whether the class of an object is one of those at some paths, exactly."""
    cls = type(obj)
    path = f"{cls.__module__}.{cls.__qualname__}"
    return path in paths
