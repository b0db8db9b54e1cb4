"""Generators whose items are kept. A consumer may take for ever, so that none waits for another."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from contextlib import suppress
from typing import Any, ParamSpec, TypeVar

from brinery.caching.asynchronous import Background
from brinery.caching.memoized import Memoized
from brinery.caching.outcomes import replayed, replayed_async
from brinery.caching.recording import Recording, collected, collected_async, recorded, recorded_async
from brinery.caching.results import Query
from brinery.caching.rows import ITEMS

__all__ = ["MemoizedAsyncGenerator", "MemoizedGenerator"]

P = ParamSpec("P")
R = TypeVar("R")


class MemoizedGenerator(Memoized[P, R]):
    """A generator function: the items are kept once somebody has taken all of them."""

    def _call(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        query = self._query(args, kwargs)
        if query is None:
            return self._plainly(args, kwargs)
        found = self._find(query)
        if found is not None and (not found.is_stale or self._renew(query, args, kwargs)):
            self._count(found)
            return replayed(found.payload)
        self._tally.misses += 1
        return self._recorded(query, self._function(*args, **kwargs))

    def _recorded(self, query: Query, generator: Any) -> Generator[Any, Any, Any]:
        recording = Recording(self._settings.exceptions)
        try:
            return (yield from recorded(generator, recording))
        finally:
            if recording.is_good:
                self._keep_recording(query, recording)

    def _keep_recording(self, query: Query, recording: Recording) -> None:
        try:
            payload = recording.payload()
        except Exception as error:
            self._results.problems.met("result", error)
            return
        self._keep(query, ITEMS, payload, recording.seconds)

    def _compute(self, query: Query, args: Any, kwargs: Any) -> None:
        collected(self._recorded(query, self._function(*args, **kwargs)))

    def _settled(self, args: tuple[Any, ...]) -> None:
        with suppress(*self._settings.exceptions):  # which are kept
            collected(self(*args))  # type: ignore[call-arg, arg-type]


class MemoizedAsyncGenerator(MemoizedGenerator[P, R], Background[P, R]):
    """An asynchronous generator function."""

    def _call(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        query = self._query(args, kwargs)
        if query is None:
            return self._plainly(args, kwargs)

        async def source() -> tuple[Any, Recording]:
            found = await self._find_async(query)
            if found is not None and (not found.is_stale or self._renew(query, args, kwargs)):
                self._count(found)
                recording = Recording(())
                recording.told()  # that is kept already
                return replayed_async(found.payload), recording
            self._tally.misses += 1
            return self._function(*args, **kwargs), Recording(self._settings.exceptions)

        async def done(recording: Recording) -> None:
            await asyncio.to_thread(self._keep_recording, query, recording)

        return recorded_async(source, done)

    async def _compute_async(self, query: Query, args: Any, kwargs: Any) -> None:
        async def source() -> tuple[Any, Recording]:
            return self._function(*args, **kwargs), Recording(self._settings.exceptions)

        async def done(recording: Recording) -> None:
            await asyncio.to_thread(self._keep_recording, query, recording)

        await collected_async(recorded_async(source, done))

    async def _settled_async(self, args: tuple[Any, ...]) -> None:
        await collected_async(self(*args))  # type: ignore[call-arg, arg-type]
