"""Why an object goes by value, and what becomes of one that is made anew."""

from __future__ import annotations

import contextvars
import logging
import threading
import weakref
from collections.abc import Callable
from types import FunctionType
from typing import Any

from brinery import reducers
from brinery.reducers import rule

# What a pickle calls to make them, and what that comes to.
MADE_ANEW: list[tuple[Callable[..., Any], str]] = [
    (reducers.make_lock, "a new lock, which nobody holds"),
    (reducers.make_reentrant_lock, "a new lock, which nobody holds"),
    (reducers.make_event, "a new event, set if this one is"),
    (threading.Condition, "a new condition, which nobody waits for"),
    (threading.Semaphore, "a new semaphore, which nobody holds"),
    (threading.BoundedSemaphore, "a new semaphore, which nobody holds"),
    (threading.Barrier, "a new barrier, which nobody waits at"),
    (threading.local, "new thread-local data, with this thread's values in the thread that loads it"),
    (reducers.make_queue, "a new queue with the same items"),
    (reducers.make_simple_queue, "a new queue with the same items"),
    (reducers.make_file, "opened again by its path, at the same position"),
    (reducers.make_memory_map, "new memory with the same content, of no file"),
    (reducers.make_connection, "connected again by its path"),
    (reducers.make_pool, "a new executor with the same settings"),
    (reducers.make_context, "a new context with the same values"),
    (contextvars.Context, "a new context"),
    (logging.getLogger, "the logger of the same name there"),
    (reducers.make_weak_reference, "dead, unless its target is in the same pickle"),
    (weakref.WeakSet, "without what is not in the same pickle otherwise"),
    (weakref.WeakValueDictionary, "without what is not in the same pickle otherwise"),
    (weakref.WeakKeyDictionary, "without what is not in the same pickle otherwise"),
]
_ANEW = {id(call): reason for call, reason in MADE_ANEW}
_CLASS_CALLS = {id(call) for call in (reducers.make_class, reducers.make_enum, reducers.make_named_tuple)}


def anew(call: Any) -> str | None:
    """What a reduction that calls this comes to, where it makes something anew."""
    return _ANEW.get(id(call))


def is_by_value(obj: Any, call: Any) -> bool:
    """Whether a reduction that calls this sends the object's code."""
    return isinstance(obj, FunctionType) or (isinstance(obj, type) and id(call) in _CLASS_CALLS)


def by_value(obj: Any) -> str:
    """Why a function or class goes by value."""
    module, path = obj.__module__, obj.__qualname__
    if "<lambda>" in path:
        return "a lambda has no name to import it by"
    if "<locals>" in path:
        return "it is in a function's local scope"
    if module in {"__main__", "__mp_main__"}:
        return "it is in the main program"
    if isinstance(module, str) and rule.goes_by_value(module):
        return f"{module} was named to brinery.by_value()"
    if not rule.is_importable(module):
        return f"no other process could import {module}"
    return f"{module}.{path} is not it"
