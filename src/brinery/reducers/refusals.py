"""What lives in one process only, why it cannot be pickled, and what can be done about it.

Left to themselves, some of these say no more than that they cannot be pickled, and others are written as if they could:
a thread that runs comes back as one that neither runs nor can be started.
"""

from __future__ import annotations

import copyreg
from collections.abc import Callable
from typing import Any, NamedTuple

from brinery.reducers.reduction import Reduction
from brinery.reducers.registry import reduces

LEAVE_OUT = "Leave it out with __getstate__()"


class Refused(TypeError):
    """An object cannot be pickled: the message has the reason, `suggestion` what to do instead."""

    def __init__(self, message: str, suggestion: str) -> None:
        super().__init__(message)
        self.suggestion = suggestion


class Refusal(NamedTuple):
    """Types, by their full names, whose instances are refused; only those of which ``when`` holds."""

    types: tuple[str, ...]
    reason: str
    suggestion: str
    when: Callable[[Any], bool] = lambda obj: True
    subclasses: bool = False


REFUSALS = [
    Refusal(
        ("builtins.generator",),
        "it stands in the midst of its code, which cannot be written down",
        "Send what it yields, list(generator), or the function that makes it",
    ),
    Refusal(
        ("builtins.coroutine",),
        "it stands in the midst of its code, which cannot be written down",
        "Send the async function and its arguments, and await it there",
    ),
    Refusal(
        ("builtins.async_generator",),
        "it stands in the midst of its code, which cannot be written down",
        "Send what it yields, or the function that makes it",
    ),
    Refusal(
        ("builtins.frame",),
        "it belongs to a call that is running, or was",
        "Send the values that are needed of it, or an exception with its traceback",
    ),
    Refusal(
        ("socket.socket", "_socket.socket", "ssl.SSLSocket"),
        "it is one end of a connection of this process",
        "Send the address, and connect there",
        subclasses=True,
    ),
    Refusal(
        ("ssl.SSLContext", "_ssl._SSLContext"),
        "OpenSSL does not give back the keys and certificates that it holds",
        "Send the settings, and make it there",
        subclasses=True,
    ),
    Refusal(
        ("multiprocessing.connection.Connection",),
        "it is one end of a connection of this process",
        "Give it to the process as it is started, multiprocessing.Process(args=...)",
    ),
    Refusal(
        ("threading.Thread", "threading.Timer", "threading._MainThread", "threading._DummyThread"),
        "it has been started, and runs in this process only",
        "Send its target and arguments, and start a thread there",
        when=lambda thread: thread.ident is not None,
        subclasses=True,
    ),
    Refusal(
        ("_thread._ThreadHandle",),
        "it is of a thread that has been started, and runs in this process only",
        "Send the thread's target and arguments, and start one there",
        when=lambda handle: handle.ident != 0,
    ),
    Refusal(
        ("subprocess.Popen",),
        "it is a process that this one has started and has to wait for",
        "Send its arguments, or its returncode once it has ended",
        when=lambda process: process.returncode is None,
        subclasses=True,
    ),
    Refusal(
        ("concurrent.futures._base.Future",),
        "what it waits for is computed for this process",
        "Send its result()",
        when=lambda future: not future.done(),
        subclasses=True,
    ),
    Refusal(
        ("_asyncio.Future", "_asyncio.Task", "asyncio.futures.Future", "asyncio.tasks.Task"),
        "it belongs to the event loop of a thread of this process",
        "Send its result()",
        subclasses=True,
    ),
    Refusal(
        ("select.epoll", "select.poll", "select.kqueue"),
        "it watches files and connections of this process, as event loops and selectors do",
        "Make it there",
    ),
]


SAYS_HOW = ("__reduce__", "__reduce_ex__", "__getstate__")


def has_its_own_way(cls: type, refused: tuple[str, ...]) -> bool:
    """Whether a class, or one between it and a refused type, says how its instances are taken apart."""
    if cls in copyreg.dispatch_table:
        return True
    for each in cls.__mro__:
        if f"{each.__module__}.{each.__qualname__}" in refused:
            return False
        if any(name in vars(each) for name in SAYS_HOW):
            return True
    return False


def refuse(refusal: Refusal) -> Callable[[Reduction, Any], Any]:
    """The reducer that refuses so."""

    def reducer(reduction: Reduction, obj: Any) -> Any:
        if has_its_own_way(type(obj), refusal.types) or not refusal.when(obj):
            return NotImplemented
        raise Refused(f"cannot pickle {type(obj).__qualname__!r} object: {refusal.reason}", refusal.suggestion)

    return reducer


for _each in REFUSALS:
    reduces(*_each.types)(refuse(_each))
    if _each.subclasses:
        reduces(*_each.types, subclasses=True)(refuse(_each))
