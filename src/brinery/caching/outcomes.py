"""What a caller gets of what is kept."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator
from typing import Any, NamedTuple

from brinery.caching.rows import ERROR

__all__ = ["Found", "Recorded", "replayed", "replayed_async"]


class Recorded(NamedTuple):
    """What a generator has given: its items, what it returned, and the error that it ended with, if there was one."""

    items: list[Any]
    returned: Any = None
    error: BaseException | None = None


class Found(NamedTuple):
    """What is kept of a call, as new as the caller needs it; where it was, and whether it is to be computed again."""

    kind: str
    payload: Any
    where: str
    is_stale: bool
    created: float
    seconds: float

    def value(self) -> Any:
        """The value; an error is raised."""
        if self.kind == ERROR:
            raise self.payload
        return self.payload


def replayed(recorded: tuple[Any, ...]) -> Generator[Any, Any, Any]:
    """The items again.

    >>> list(replayed(([1, 2], None, None)))
    [1, 2]
    """
    items, returned, error = recorded
    yield from items
    if error is not None:
        raise error
    return returned


async def replayed_async(recorded: tuple[Any, ...]) -> AsyncGenerator[Any, Any]:
    """The items again."""
    items, _, error = recorded
    for item in items:
        yield item
    if error is not None:
        raise error
