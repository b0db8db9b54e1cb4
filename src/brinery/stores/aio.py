"""``brinery.AsyncStore``: a store for ``asyncio``, whose event loop never waits for a disk or a server."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import asynccontextmanager
from contextvars import ContextVar
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Any, TypeVar

from brinery.stores.backend import Backend
from brinery.stores.history import Version
from brinery.stores.store import ABSENT, Store

__all__ = ["AsyncStore"]

Answer = TypeVar("Answer")
MOST_THREADS = 8
AT_A_TIME = 200  # keys or entries that are fetched for an iteration


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
        self._threads = ThreadPoolExecutor(MOST_THREADS, "brinery-store")
        # In a transaction, all is done by one thread, whose transaction it is.
        self._own: ContextVar[Executor | None] = ContextVar("own thread of a transaction", default=None)

    def __repr__(self) -> str:
        """Where it is, and how many keys it has."""
        return f"Async{self.store!r}"

    async def _do(self, work: Callable[..., Answer], *arguments: Any, **named: Any) -> Answer:
        executor = self._own.get() or self._threads
        return await asyncio.get_running_loop().run_in_executor(executor, partial(work, *arguments, **named))

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

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        """See :meth:`brinery.Store.transaction`."""
        if self._own.get() is not None:
            async with self._block(self.store.transaction()):
                yield
            return
        with ThreadPoolExecutor(1, "brinery-transaction") as thread:
            token = self._own.set(thread)
            try:
                async with self._block(self.store.transaction()):
                    yield
            finally:
                self._own.reset(token)

    @asynccontextmanager
    async def _block(self, block: Any) -> AsyncIterator[Any]:
        """A block whose beginning and end are done in the thread."""
        entered = await self._do(block.__enter__)
        try:
            yield entered
        except BaseException as error:
            # What the thread was told to do is done, even if the task is cancelled meanwhile.
            if not await asyncio.shield(self._do(block.__exit__, type(error), error, error.__traceback__)):
                raise
        else:
            await asyncio.shield(self._do(block.__exit__, None, None, None))

    @asynccontextmanager
    async def edit(self, key: Any, default: Any = ABSENT) -> AsyncIterator[Any]:
        """See :meth:`brinery.Store.edit`."""
        async with self.transaction():
            found = await self.get(key, default)
            if found is ABSENT:
                raise KeyError(key)
            yield found
            await self.set(key, found)

    async def close(self) -> None:
        """Let go of it."""
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
