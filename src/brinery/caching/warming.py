"""Computing results before they are asked for."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor, as_completed
from contextlib import contextmanager, nullcontext
from typing import Any

__all__ = ["warm"]

AT_ONCE = 16  # calls of asynchronous functions, unless it is said
Advance = Callable[[], None]


def warm(memoized: Any, calls: Iterable[Any], workers: Any, progress: Any) -> Any:
    """Compute what is missing; how much that was. Of asynchronous functions, a coroutine."""
    todo = [call if isinstance(call, tuple) else (call,) for call in calls]
    if hasattr(memoized, "settle_async"):
        return warm_async(memoized, todo, workers or AT_ONCE, progress)
    with showing(progress, memoized.__name__, len(todo)) as advance:
        if workers is None:
            return sum(advanced(advance, memoized.settle(*call)) for call in todo)
        pool = workers if isinstance(workers, Executor) else ThreadPoolExecutor(workers)
        with nullcontext(pool) if isinstance(workers, Executor) else pool:
            return gathered(pool, memoized, todo, advance)


def gathered(pool: Executor, memoized: Any, todo: list[tuple[Any, ...]], advance: Advance) -> int:
    waiting = [pool.submit(settled, memoized, call) for call in todo]
    try:
        return sum(advanced(advance, done.result()) for done in as_completed(waiting))
    finally:
        for each in waiting:
            each.cancel()


def settled(memoized: Any, call: tuple[Any, ...]) -> bool:
    """In a worker, which may be another process."""
    return bool(memoized.settle(*call))


def advanced(advance: Advance, was_missing: bool) -> bool:
    advance()
    return was_missing


async def warm_async(memoized: Any, todo: list[tuple[Any, ...]], workers: int, progress: Any) -> int:
    """Compute what is missing, so many at once."""
    room = asyncio.Semaphore(workers)
    with showing(progress, memoized.__name__, len(todo)) as advance:

        async def one(call: tuple[Any, ...]) -> bool:
            async with room:
                return advanced(advance, await memoized.settle_async(*call))

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(call)) for call in todo]
    return sum(task.result() for task in tasks)


@contextmanager
def showing(progress: Any, what: str, total: int) -> Iterator[Advance]:
    """A function to call when another one is done: it shows a bar, or tells the caller's function."""
    if callable(progress):
        yield counting(progress, total)
    elif progress is False or (progress is None and not sys.stderr.isatty()):
        yield lambda: None
    else:
        with bar(what, total) as advance:
            yield advance


def counting(progress: Callable[[int, int], object], total: int) -> Advance:
    done = 0

    def advance() -> None:
        nonlocal done
        done += 1
        progress(done, total)

    return advance


@contextmanager
def bar(what: str, total: int) -> Iterator[Advance]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task(what, total=total)
        yield lambda: shown.advance(task)
