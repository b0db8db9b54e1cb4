"""``brinery.memoize``: functions that are computed once for each call."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Iterable
from typing import Any, ParamSpec, TypeVar, overload

from brinery.caching.memoized import Memoized
from brinery.caching.problems import OnError
from brinery.caching.results import Settings
from brinery.stores import Store

__all__ = ["memoize"]

P = ParamSpec("P")
R = TypeVar("R")
Place = Store | str | os.PathLike[str] | None


@overload
def memoize(function: Callable[P, R], /) -> Memoized[P, R]: ...
@overload
def memoize(
    function: None = None,
    /,
    *,
    store: Place = None,
    ttl: float | None = None,
    ignore: str | Iterable[str] = (),
    version: str | float | None = None,
    single_flight: bool = True,
    on_error: OnError = "warn",
    exceptions: type[Exception] | Iterable[type[Exception]] = (),
    stale: float | None = None,
    memory: int = 1024,
) -> Callable[[Callable[P, R]], Memoized[P, R]]: ...
@overload
def memoize(
    function: Callable[P, R],
    /,
    *,
    store: Place = None,
    ttl: float | None = None,
    ignore: str | Iterable[str] = (),
    version: str | float | None = None,
    single_flight: bool = True,
    on_error: OnError = "warn",
    exceptions: type[Exception] | Iterable[type[Exception]] = (),
    stale: float | None = None,
    memory: int = 1024,
) -> Memoized[P, R]: ...
def memoize(
    function: Any = None,
    /,
    *,
    store: Place = None,
    ttl: float | None = None,
    ignore: str | Iterable[str] = (),
    version: str | float | None = None,
    single_flight: bool = True,
    on_error: OnError = "warn",
    exceptions: type[Exception] | Iterable[type[Exception]] = (),
    stale: float | None = None,
    memory: int = 1024,
) -> Any:
    """Keep the results of a function, in memory and in a store: each is computed once, whoever calls, and when.

    A result is found again by the values of the arguments and by what the function does: its code, and that of the
    user's own functions, classes and globals which it uses. Who edits one of them gets new results. What is told apart,
    and what is not, is in docs/caching.md.

    It is used bare or with settings, on functions, methods, coroutine functions and generators.

    Args:
        function: The function.
        store: A :class:`brinery.Store`, or the path or URL of one; by default what the variable ``BRINERY_CACHE`` says,
            or else one in the user's cache folder. It is opened at the first call.
        ttl: For how many seconds a result counts.
        ignore: The names of parameters whose values do not matter.
        version: What counts instead of the code: then edits change nothing until this does.
        single_flight: Whether of all threads, tasks and processes that want the same, one computes and the others wait.
        on_error: What to do when the store cannot be used, or arguments or results cannot be pickled: ``"warn"``, once
            for each kind of problem, ``"raise"``, or ``"ignore"``. Unless it raises, the call is computed.
        exceptions: Types of errors that are results, too: they are kept, and raised again.
        stale: For how many seconds after the `ttl` an old result is good enough; a new one is computed meanwhile, in
            the background.
        memory: How many results are kept in memory, too; 0 for none.

    Raises:
        ValueError: There is no such parameter to ignore, or a number makes no sense.
        TypeError: It is no function.

    >>> import tempfile
    >>> @memoize(store=tempfile.mkdtemp())
    ... def squared(number):
    ...     print("computing")
    ...     return number * number
    >>> squared(3), squared(number=3)
    computing
    (9, 9)
    >>> squared.stats().hits, squared.cached(3), squared.cached(4)
    (1, True, False)
    """
    settings = Settings(
        store,
        ttl,
        (ignore,) if isinstance(ignore, str) else tuple(ignore),
        None if version is None else str(version),
        single_flight,
        on_error,
        (exceptions,) if isinstance(exceptions, type) else tuple(exceptions),
        stale,
        memory,
    )
    check(settings)
    if function is None:
        return lambda function: memoized(function, settings)
    return memoized(function, settings)


def check(settings: Settings) -> None:
    """Whether the settings make sense.

    Raises:
        ValueError, TypeError: They do not.
    """
    if settings.ttl is not None and settings.ttl < 0:
        raise ValueError(f"ttl is a number of seconds from 0 on, not {settings.ttl!r}")
    if settings.stale is not None and (settings.stale < 0 or settings.ttl is None):
        raise ValueError("stale is a number of seconds after the ttl: give both, from 0 on")
    if settings.memory < 0:
        raise ValueError(f"memory is a number of results, or 0 for none, not {settings.memory!r}")
    if settings.on_error not in {"warn", "raise", "ignore"}:
        raise ValueError(f"on_error is 'warn', 'raise' or 'ignore', not {settings.on_error!r}")
    for each in settings.exceptions:
        if not (isinstance(each, type) and issubclass(each, Exception)):
            raise TypeError(f"exceptions are types of errors, not {each!r}")


def memoized(function: Any, settings: Settings) -> Any:
    """The function with its results kept."""
    if isinstance(function, classmethod | staticmethod):
        return type(function)(memoized(function.__func__, settings))
    if isinstance(function, type) or not callable(function) or not hasattr(function, "__qualname__"):
        raise TypeError(f"memoize takes a function, not {function!r}")
    return kind_of(function)(function, settings)


def kind_of(function: Any) -> type[Memoized[Any, Any]]:
    if inspect.iscoroutinefunction(function):
        from brinery.caching.asynchronous import MemoizedAsync

        return MemoizedAsync
    if inspect.isasyncgenfunction(function):
        from brinery.caching.generators import MemoizedAsyncGenerator

        return MemoizedAsyncGenerator
    if inspect.isgeneratorfunction(function):
        from brinery.caching.generators import MemoizedGenerator

        return MemoizedGenerator
    return Memoized
