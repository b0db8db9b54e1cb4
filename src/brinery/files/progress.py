"""How far long work has come: a bar on a terminal, silence in pipes, or a function of the caller's."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["Progress", "reporting"]

Progress = Callable[[int, int], object]  # called with how much is done, and of how much, in bytes
# A bar for what is over at once would only flicker.
WAIT = 1.0  # seconds


@contextmanager
def reporting(progress: Progress | bool | None, what: str, total: int) -> Iterator[Callable[[int], None]]:
    """A function to call with the number of bytes that were done since the last call.

    Args:
        progress: What to tell, `done` and `total`; or whether to show a bar: by default on a terminal, once the work
            has taken a second.
        what: What is being done.
        total: How many bytes there are.
    """
    if callable(progress):
        yield counting(progress, total)
    elif progress is False or (progress is None and not sys.stderr.isatty()):
        yield lambda size: None
    else:
        with bar(what, total) as advance:
            yield advance


def counting(progress: Progress, total: int) -> Callable[[int], None]:
    done = 0

    def advance(size: int) -> None:
        nonlocal done
        done += size
        progress(done, total)

    return advance


@contextmanager
def bar(what: str, total: int) -> Iterator[Callable[[int], None]]:
    """A bar on standard error that appears when the work has gone on for a while."""
    start = time.monotonic()
    shown: Any = None
    task: Any = None
    done = 0

    def advance(size: int) -> None:
        nonlocal shown, task, done
        done += size
        if shown is None and time.monotonic() - start > WAIT:
            shown = new_bar()
            shown.start()
            task = shown.add_task(what, total=total)
        if shown is not None:
            shown.update(task, completed=done)

    try:
        yield advance
    finally:
        if shown is not None:
            shown.stop()


def new_bar() -> Any:
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn, TransferSpeedColumn
    from rich.progress import Progress as RichProgress

    columns = TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn()
    return RichProgress(*columns, TimeRemainingColumn(), console=Console(stderr=True), transient=True)
