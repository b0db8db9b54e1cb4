"""What others offer for keeping the results of functions, each as its documentation has it used."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Function = Callable[..., Any]


@dataclass(frozen=True)
class Rival:
    """How a function is wrapped whose results are kept in a folder, or in memory alone."""

    name: str
    kept: Callable[[Function, str], Function] | None = None
    in_memory: Callable[[Function, str], Function] | None = None
    for_many: Callable[[Function, str], Function] | None = None  # of many processes one computes, where there is such


def of_brinery() -> Rival:
    import brinery

    def kept(function: Function, folder: str) -> Function:
        return brinery.memoize(function, store=folder, memory=0)

    return Rival("brinery.memoize", kept, lambda function, folder: brinery.memoize(function, store=folder), kept)


def of_functools() -> Rival:
    return Rival("functools.lru_cache", in_memory=lambda function, folder: functools.lru_cache(1024)(function))


def of_joblib() -> Rival:
    from joblib import Memory

    return Rival("joblib.Memory", lambda function, folder: Memory(folder, verbose=0).cache(function))


def of_diskcache() -> Rival:
    from diskcache import Cache, Lock, barrier

    def for_many(function: Function, folder: str) -> Function:
        # As its "case study: landing page caching" has it.
        cache = Cache(folder)
        keep = cache.memoize(name="function", typed=True)
        return keep(barrier(cache, Lock)(keep(function)))

    return Rival("diskcache", lambda function, folder: Cache(folder).memoize(typed=True)(function), for_many=for_many)


def of_cachier() -> Rival:
    from cachier import cachier

    return Rival(
        "cachier",
        lambda function, folder: cachier(cache_dir=folder)(function),
        lambda function, folder: cachier(backend="memory")(function),
    )


def of_checkpointer() -> Rival:
    import checkpointer

    return Rival(
        "checkpointer",
        lambda function, folder: checkpointer.checkpoint(directory=folder, verbosity=0)(function),
        lambda function, folder: checkpointer.checkpoint(storage="memory", verbosity=0)(function),
    )


def of_cachau() -> Rival:
    import cachau

    return Rival(
        "cachau",
        lambda function, folder: cachau.cache(persist=folder, max_memory=None)(function),
        lambda function, folder: cachau.cache(function),
        lambda function, folder: cachau.cache(persist=folder, coalesce="processes")(function),
    )


RIVALS = {
    "brinery": of_brinery,
    "functools": of_functools,
    "joblib": of_joblib,
    "diskcache": of_diskcache,
    "cachier": of_cachier,
    "checkpointer": of_checkpointer,
    "cachau": of_cachau,
}
