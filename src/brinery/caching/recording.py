"""Generators: their items are recorded as they are given, and kept at the end."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Generator, Iterator
from contextlib import contextmanager
from typing import Any

from brinery.caching.memory import is_immutable
from brinery.caching.outcomes import Recorded

__all__ = ["Recording", "collected", "collected_async", "recorded", "recorded_async"]

DEPTH = 5


class Recording:
    """The items so far, as they were when they were given; whoever got them may change them.

    `is_good` says at the end that they are what anybody gets who asks for no more than the next item.
    """

    def __init__(self, exceptions: tuple[type[Exception], ...]) -> None:
        """Errors of these types are part of it."""
        self._exceptions = exceptions
        self._items: list[tuple[bool, Any]] = []
        self._problem: Exception | None = None
        self._returned: Any = None
        self._error: BaseException | None = None
        self._was_told = self._is_at_end = False
        self.seconds = 0.0

    def item(self, item: Any) -> None:
        """An item was given."""
        if self._problem is not None or self._was_told:
            return
        if is_immutable(item, DEPTH):
            self._items.append((True, item))
            return
        from brinery.serializer import dumps

        try:
            self._items.append((False, dumps(item, seal=False)))
        except Exception as error:
            self._problem = error
            self._items.clear()

    def told(self) -> None:
        """The generator was sent something: what it gives now is for this caller only."""
        self._was_told = True

    def ended(self, returned: Any = None) -> None:
        """There is no more."""
        self._returned, self._is_at_end = returned, True

    @contextmanager
    def working(self) -> Iterator[None]:
        """A block in which the generator works."""
        start = time.perf_counter()
        try:
            yield
        except self._exceptions as error:
            self._error, self._is_at_end = error, True
            raise
        finally:
            self.seconds += time.perf_counter() - start

    @property
    def is_good(self) -> bool:
        """Whether it is complete, and the same for everybody."""
        return self._is_at_end and not self._was_told

    def payload(self) -> tuple[Any, ...]:
        """The items.

        Raises:
            EncodeError: One could not be pickled.
        """
        from brinery.codec import decode
        from brinery.reducers import find_moved

        if self._problem is not None:
            raise self._problem
        # The bytes never left this process.
        items = [item if is_same else decode(item, missing=find_moved) for is_same, item in self._items]
        return tuple(Recorded(items, self._returned, self._error))


def recorded(generator: Any, recording: Recording) -> Generator[Any, Any, Any]:
    """What the generator gives, recorded."""
    step: Callable[..., Any] = generator.__next__
    given: tuple[Any, ...] = ()
    while True:
        try:
            with recording.working():
                item = step(*given)
        except StopIteration as end:
            recording.ended(end.value)
            return end.value
        recording.item(item)
        try:
            sent = yield item
        except GeneratorExit:
            generator.close()
            raise
        except BaseException as error:
            recording.told()
            step, given = generator.throw, (error,)
        else:
            if sent is None:
                step, given = generator.__next__, ()
            else:
                recording.told()
                step, given = generator.send, (sent,)


async def recorded_async(
    source: Callable[[], Awaitable[tuple[Any, Recording]]], done: Callable[[Recording], Awaitable[None]]
) -> AsyncGenerator[Any, Any]:
    """What a generator gives, recorded; `source` is asked for it, and `done` is called at its end."""
    generator, recording = await source()
    step: Callable[..., Any] = generator.__anext__
    given: tuple[Any, ...] = ()
    try:
        while True:
            try:
                with recording.working():
                    item = await step(*given)
            except StopAsyncIteration:
                recording.ended()
                return
            recording.item(item)
            try:
                sent = yield item
            except GeneratorExit:
                await generator.aclose()
                raise
            except BaseException as error:
                recording.told()
                step, given = generator.athrow, (error,)
            else:
                if sent is None:
                    step, given = generator.__anext__, ()
                else:
                    recording.told()
                    step, given = generator.asend, (sent,)
    finally:
        if recording.is_good:
            await done(recording)


def collected(items: Iterator[Any]) -> None:
    """Have all items given."""
    for _ in items:
        pass


async def collected_async(items: AsyncIterator[Any]) -> None:
    """Have all items given."""
    async for _ in items:
        pass
