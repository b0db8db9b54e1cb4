"""Asynchronous functions whose results are kept. What is in memory is had without leaving the loop.

In each loop one task computes a result and the others wait for it; across loops and processes a thread waits, one of
its own, as those of the loop's executor may all be needed to write what others wait for.
"""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

from brinery.caching.flight import Flight, Mark, turns, within
from brinery.caching.memoized import Memoized
from brinery.caching.outcomes import Found
from brinery.caching.results import Query, Settings
from brinery.caching.rows import ERROR, VALUE

__all__ = ["Background", "MemoizedAsync"]

P = ParamSpec("P")
R = TypeVar("R")


class Background(Memoized[P, R]):
    """What all asynchronous functions have: results are looked for, and computed again, in the loop."""

    def __init__(self, function: Callable[P, R], settings: Settings) -> None:
        """Of that function; nothing is opened before the first call."""
        super().__init__(function, settings)
        self._tasks: set[asyncio.Task[None]] = set()

    async def _find_async(self, query: Query) -> Found | None:
        return self._results.from_memory(query) or await asyncio.to_thread(self._results.from_store, query)

    def _renew(self, query: Query, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
        if query.key in self._renewing:
            return True
        call = self._copied(query, args, kwargs)
        if call is None:
            return False
        self._renewing.add(query.key)
        context = contextvars.copy_context()
        context.run(within.set, frozenset())  # nobody waits for it
        task = asyncio.get_running_loop().create_task(self._renewed_async(query, *call), context=context)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return True

    async def _renewed_async(self, query: Query, args: Any, kwargs: Any) -> None:
        try:
            await self._compute_async(query, args, kwargs)
        except self._settings.exceptions:
            pass  # it is kept
        except Exception as error:
            self._results.problems.met("background", error)
        finally:
            self._renewing.discard(query.key)

    async def _compute_async(self, query: Query, args: Any, kwargs: Any) -> Any:
        raise NotImplementedError

    async def settle_async(self, /, *args: Any) -> bool:
        """Compute what is missing for such a call, all of it; whether it was missing."""
        query = self._results.query(args, {})
        if await self._find_async(query) is not None:
            return False
        with suppress(*self._settings.exceptions):  # which are kept
            await self._settled_async(args)
        return True

    async def _settled_async(self, args: tuple[Any, ...]) -> None:
        await self(*args)  # type: ignore[call-arg, misc]


class MemoizedAsync(Background[P, R]):
    """A coroutine function."""

    def __init__(self, function: Callable[P, R], settings: Settings) -> None:
        """Of that function; nothing is opened before the first call."""
        super().__init__(function, settings)
        # What is being computed: who else wants it waits for the future.
        self._pending: WeakKeyDictionary[Any, dict[Any, asyncio.Future[None]]] = WeakKeyDictionary()
        if hasattr(inspect, "markcoroutinefunction"):  # from Python 3.12 on
            inspect.markcoroutinefunction(self)

    def __call__(self, /, *args: P.args, **kwargs: P.kwargs) -> R:
        """A coroutine that gives what the function's gives, or has given."""
        return self._awaited(args, kwargs)  # type: ignore[return-value]

    async def _awaited(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        query = self._query(args, kwargs)
        if query is None:
            self._tally.misses += 1
            return await self._function(*args, **kwargs)  # type: ignore[misc]
        while True:
            found = await self._find_async(query)
            if found is not None and (not found.is_stale or self._renew(query, args, kwargs)):
                return self._hit(found)
            other = self._others(query)
            if other is None:
                break
            if not await self._waited_for(query, other):
                return await self._compute_async(query, args, kwargs)
        async with self._alone(query) as flight:
            found = await self._find_async(query) if flight is not None else None
            if found is not None and not found.is_stale:
                return self._hit(found)
            return await self._compute_async(query, args, kwargs)

    async def _compute_async(self, query: Query, args: Any, kwargs: Any) -> Any:
        self._tally.misses += 1
        start = time.perf_counter()
        try:
            value = await self._function(*args, **kwargs)  # type: ignore[misc]
        except self._settings.exceptions as error:
            await asyncio.to_thread(self._keep, query, ERROR, error, time.perf_counter() - start)
            raise
        await asyncio.to_thread(self._keep, query, VALUE, value, time.perf_counter() - start)
        return value

    def _others(self, query: Query) -> asyncio.Future[None] | None:
        """What is there to wait for in this loop."""
        return self._pending.get(asyncio.get_running_loop(), {}).get(query.key)

    async def _waited_for(self, query: Query, other: asyncio.Future[None]) -> bool:
        """Wait until another task is done with it, unless that is never."""
        mark, inside = self._mark(query), within.get()
        if not turns.wait(mark, inside):
            return False
        self._tally.waits += 1
        try:
            await asyncio.wait([other])
        finally:
            turns.stop_waiting(mark, inside)
        return True

    def _mark(self, query: Query) -> Mark:
        try:
            return self._results.flights().place, query.key
        except Exception as error:
            self._results.problems.met("store", error)
            return "", query.key

    @asynccontextmanager
    async def _alone(self, query: Query) -> AsyncIterator[Flight | None]:
        """A block in which nobody else computes the same."""
        if not self._settings.single_flight:
            yield None
            return
        loop = asyncio.get_running_loop()
        pending = self._pending.setdefault(loop, {})
        pending[query.key] = done = loop.create_future()
        flight: Flight | None = None
        try:
            flight = await self._taken(query)
            if flight is not None:
                self._tally.waits += flight.waited
                flight.begin()
            yield flight
        finally:
            if flight is not None:
                flight.end()
                loop.run_in_executor(None, self._given, flight)
            pending.pop(query.key, None)
            done.set_result(None)

    async def _taken(self, query: Query) -> Flight | None:
        try:
            flight = self._results.flights().alone(query.key)
            await in_a_thread(flight.take, within.get(), undo=flight.give)
        except Exception as error:
            self._results.problems.met("store", error)
            return None
        return flight

    def _given(self, flight: Flight) -> None:
        try:
            flight.give()
        except Exception as error:
            self._results.problems.met("store", error)


async def in_a_thread(call: Callable[..., None], *args: Any, undo: Callable[[], None]) -> None:
    """Call it in a thread of its own; where nobody waits for its end any more, it is undone."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[None] = loop.create_future()

    def end(error: BaseException | None) -> None:
        if done.cancelled():
            if error is None:
                undo()
        elif error is None:
            done.set_result(None)
        else:
            done.set_exception(error)

    def work() -> None:
        error: BaseException | None = None
        try:
            call(*args)
        except BaseException as raised:
            error = raised
        try:
            loop.call_soon_threadsafe(end, error)
        except RuntimeError:
            # The loop is closed.
            if error is None:
                undo()

    threading.Thread(target=work, name="flight", daemon=True).start()
    await done
