"""``brinery.AsyncStore``: a store for ``asyncio``, whose event loop never waits for a disk or a server."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, AbstractContextManager, asynccontextmanager
from contextvars import ContextVar
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Any, TypeVar

from brinery.stores.backend import Backend
from brinery.stores.history import Version
from brinery.stores.repairing import Repair
from brinery.stores.store import ABSENT, Store
from brinery.stores.verifying import Verification

__all__ = ["AsyncStore"]

Answer = TypeVar("Answer")
MOST_THREADS = 8
AT_A_TIME = 200  # keys or entries that are fetched for an iteration


class Scope:
    """A transaction of a task, or one within it, all of which is done by one thread.

    Tasks that were started in it take part; with what they do they wait for each other's transactions within this one.
    """

    def __init__(self, thread: ThreadPoolExecutor, outer: Scope | None = None) -> None:
        """Done by this thread."""
        self.thread = thread
        self.outer = outer
        self.one_at_a_time = asyncio.Lock()
        self.is_over = False


class AsyncStore:
    """A :class:`brinery.Store` whose methods are coroutines, each run in a thread.

    What a task does within :meth:`transaction` or :meth:`edit` is done in the transaction; other tasks wait with what
    they write, as others do.

    >>> import asyncio, tempfile
    >>> async def main():
    ...     async with AsyncStore(tempfile.mkdtemp()) as store:
    ...         await store.set("a", [1])
    ...         async with store.edit("a") as value:
    ...             value.append(2)
    ...         return await store.get("a"), [key async for key in store]
    >>> asyncio.run(main())
    ([1, 2], ['a'])
    """

    def __init__(self, place: str | os.PathLike[str] | Backend, **options: Any) -> None:
        """Open a store, see :class:`brinery.Store` for the options and what is raised."""
        self.store = Store(place, **options)
        self._is_closed = False
        self._threads = ThreadPoolExecutor(MOST_THREADS, "brinery-store")
        self._own: ContextVar[Scope | None] = ContextVar("transaction of the task", default=None)

    def __repr__(self) -> str:
        """Where it is, and how many keys it has."""
        return f"Async{self.store!r}"

    async def _do(self, work: Callable[..., Answer], *arguments: Any, **named: Any) -> Answer:
        loop, job, scope = asyncio.get_running_loop(), partial(work, *arguments, **named), self._scope()
        if scope is None:
            return await loop.run_in_executor(self._threads, job)
        async with scope.one_at_a_time:
            return await loop.run_in_executor(scope.thread, job)

    def _scope(self) -> Scope | None:
        """The innermost transaction that is not over; a task may outlive the one that it was started in."""
        scope = self._own.get()
        while scope is not None and scope.is_over:
            scope = scope.outer
        return scope

    async def get(self, key: Any, default: Any = None) -> Any:
        """See :meth:`brinery.Store.get`."""
        return await self._do(self.store.get, key, default)

    async def set(self, key: Any, obj: Any, *, ttl: float | None = None, tags: Iterable[str] = ()) -> None:
        """See :meth:`brinery.Store.set`."""
        await self._do(self.store.set, key, obj, ttl=ttl, tags=tags)

    async def add(self, key: Any, obj: Any, *, ttl: float | None = None, tags: Iterable[str] = ()) -> bool:
        """See :meth:`brinery.Store.add`."""
        return await self._do(self.store.add, key, obj, ttl=ttl, tags=tags)

    async def contains(self, key: Any) -> bool:
        """Whether something is under the key."""
        return await self._do(self.store.__contains__, key)

    async def delete(self, key: Any) -> None:
        """Remove what is under a key.

        Raises:
            KeyError: There is nothing.
        """
        await self._do(self.store.__delitem__, key)

    async def pop(self, key: Any, default: Any = ABSENT) -> Any:
        """See :meth:`brinery.Store.pop`."""
        return await self._do(self.store.pop, key, default)

    async def setdefault(self, key: Any, default: Any = None) -> Any:
        """See :meth:`brinery.Store.setdefault`."""
        return await self._do(self.store.setdefault, key, default)

    async def incr(self, key: Any, by: float = 1, *, default: float = 0) -> Any:
        """See :meth:`brinery.Store.incr`."""
        return await self._do(self.store.incr, key, by, default=default)

    async def compare_and_set(self, key: Any, expected: Any, obj: Any) -> bool:
        """See :meth:`brinery.Store.compare_and_set`."""
        return await self._do(self.store.compare_and_set, key, expected, obj)

    async def get_many(self, keys: Iterable[Any]) -> dict[Any, Any]:
        """See :meth:`brinery.Store.get_many`."""
        return await self._do(self.store.get_many, list(keys))

    async def set_many(
        self,
        items: Mapping[Any, Any] | Iterable[tuple[Any, Any]],
        *,
        ttl: float | None = None,
        tags: Iterable[str] = (),
    ) -> None:
        """See :meth:`brinery.Store.set_many`."""
        await self._do(self.store.set_many, items, ttl=ttl, tags=tags)

    async def delete_many(self, keys: Iterable[Any]) -> int:
        """See :meth:`brinery.Store.delete_many`."""
        return await self._do(self.store.delete_many, list(keys))

    async def clear(self) -> None:
        """Remove everything."""
        await self._do(self.store.clear)

    async def count(self) -> int:
        """How many keys there are."""
        return await self._do(self.store.__len__)

    async def popitem(self) -> tuple[Any, Any]:
        """See :meth:`brinery.Store.popitem`."""
        return await self._do(self.store.popitem)

    async def expires(self, key: Any) -> float | None:
        """See :meth:`brinery.Store.expires`."""
        return await self._do(self.store.expires, key)

    async def tags(self, key: Any) -> tuple[str, ...]:
        """See :meth:`brinery.Store.tags`."""
        return await self._do(self.store.tags, key)

    async def delete_tagged(self, tag: str) -> int:
        """See :meth:`brinery.Store.delete_tagged`."""
        return await self._do(self.store.delete_tagged, tag)

    async def verify(self) -> Verification:
        """See :meth:`brinery.Store.verify`."""
        return await self._do(self.store.verify)

    async def repair(self) -> Repair:
        """See :meth:`brinery.Store.repair`."""
        return await self._do(self.store.repair)

    async def gc(self) -> int:
        """See :meth:`brinery.Store.gc`."""
        return await self._do(self.store.gc)

    async def size(self) -> int:
        """Bytes that it takes."""
        return await self._do(self.store.size)

    async def tagged(self, tag: str) -> list[Any]:
        """See :meth:`brinery.Store.tagged`."""
        return await self._do(self.store.tagged, tag)

    async def versions(self, key: Any) -> list[Version]:
        """See :meth:`brinery.Store.versions`."""
        return await self._do(self.store.versions, key)

    async def get_at(self, when: datetime | float, key: Any, default: Any = None) -> Any:
        """The object that was under a key at a time."""
        return await self._do(self.store.at(when).get, key, default)

    def __aiter__(self) -> AsyncIterator[Any]:
        """The keys, in order."""
        return self._iterate(self.store.range)

    def range(self, start: Any = ABSENT, end: Any = ABSENT, *, reverse: bool = False) -> AsyncIterator[Any]:
        """See :meth:`brinery.Store.range`."""
        return self._iterate(partial(self.store.range, start, end, reverse=reverse))

    def prefix(self, prefix: str | bytes | tuple[Any, ...], *, reverse: bool = False) -> AsyncIterator[Any]:
        """See :meth:`brinery.Store.prefix`."""
        return self._iterate(partial(self.store.prefix, prefix, reverse=reverse))

    def items(self) -> AsyncIterator[tuple[Any, Any]]:
        """Keys and objects, in order."""
        return self._iterate(lambda: iter(self.store.items()))

    async def _iterate(self, begin: Callable[[], Iterator[Answer]]) -> AsyncIterator[Answer]:
        left = await self._do(begin)
        while some := await self._do(first_of, left, AT_A_TIME):
            for each in some:
                yield each

    async def watch(self, key: Any, *, interval: float = 0.05, timeout: float | None = None) -> AsyncIterator[Any]:
        """See :meth:`brinery.Store.watch`."""
        look, loop = self.store.changes(key), asyncio.get_running_loop()
        last = loop.time()
        while timeout is None or loop.time() - last < timeout:
            has_changed = await self._do(look)
            if has_changed:
                last = loop.time()
                yield await self.get(key, ABSENT)
            else:
                await asyncio.sleep(interval)

    def transaction(self) -> AbstractAsyncContextManager[None]:
        """See :meth:`brinery.Store.transaction`."""
        return self._begun(self.store.transaction())

    def edit(self, key: Any, default: Any = ABSENT) -> AbstractAsyncContextManager[Any]:
        """See :meth:`brinery.Store.edit`."""
        return self._begun(self.store.edit(key, default))

    @asynccontextmanager
    async def _begun(self, block: AbstractContextManager[Answer]) -> AsyncIterator[Answer]:
        """A block of the store that is a transaction, within that of the task, if it has one."""
        outer = self._scope()
        if outer is not None:
            async with outer.one_at_a_time, self._within(Scope(outer.thread, outer), block) as entered:
                yield entered
            return
        thread = ThreadPoolExecutor(1, "brinery-transaction")
        try:
            async with self._within(Scope(thread), block) as entered:
                yield entered
        finally:
            thread.shutdown(wait=False)

    @asynccontextmanager
    async def _within(self, scope: Scope, block: AbstractContextManager[Answer]) -> AsyncIterator[Answer]:
        """A block whose beginning and end are done in the thread, even if the task is cancelled meanwhile."""
        token = self._own.set(scope)
        entering = asyncio.get_running_loop().run_in_executor(scope.thread, block.__enter__)
        try:
            yield await asyncio.shield(entering)
            async with scope.one_at_a_time:
                scope.is_over = True
        except BaseException as error:
            scope.is_over = True
            leaving = scope.thread.submit(block.__exit__, type(error), error, error.__traceback__)
            # One that was cancelled while it waited for others leaves as soon as the thread is in.
            if entering.done():
                await asyncio.shield(asyncio.wrap_future(leaving))
            raise
        else:
            await asyncio.shield(asyncio.wrap_future(scope.thread.submit(block.__exit__, None, None, None)))
        finally:
            self._own.reset(token)

    async def close(self) -> None:
        """Let go of it."""
        if not self._is_closed:
            self._is_closed = True
            await self._do(self.store.close)
            self._threads.shutdown(wait=False)

    async def __aenter__(self) -> AsyncStore:
        """The store itself, closed at the end of the block."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close it."""
        await self.close()


def first_of(left: Iterator[Answer], count: int) -> list[Answer]:
    return list(islice(left, count))


AsyncStore.__module__ = "brinery"
