"""Forging: an object's state with one part changed, given to the guard that its entry names."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from brinery.errors import IntegrityError
from brinery.trust import guards
from tests.trust.loading import entry_of

Change = Callable[[Any], Any]


def taken_apart(obj: Any) -> tuple[Any, Any]:
    """An object as it is before its state, and a state of its own to change."""
    function, arguments, state = obj.__reduce_ex__(5)[:3]
    return function(*arguments), copy.copy(state)


def guard_of(obj: Any) -> guards.Guard:
    entry = entry_of(type(obj).__module__, type(obj).__qualname__)
    assert entry is not None
    return guards.find(entry["guard"])


def restored(obj: Any, change: Change = lambda state: state) -> Any:
    """The object put together again by its guard, of its state as changed."""
    made, state = taken_apart(obj)
    found = change(state)
    guard_of(obj)(made, state if found is None else found)
    return made


def assert_refused(obj: Any, field: str, change: Change) -> None:
    with pytest.raises(IntegrityError, match=field):
        restored(obj, change)


def at(name: Any, value: Any) -> Change:
    """Another value for one part."""

    def change(state: Any) -> Any:
        if isinstance(state, tuple):
            return (*state[:name], value, *state[name + 1 :])
        state[name] = value
        return state

    return change


def within(name: str, index: Any, value: Any, field: str | None = None) -> Change:
    """Another item in one of the arrays, or in a field of it."""

    def change(state: Any) -> Any:
        array = state[name].copy()
        (array if field is None else array[field])[index] = value
        return at(name, array)(state)

    return change
