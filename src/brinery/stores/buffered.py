"""Transactions for places that have none: what is written waits in memory, and goes to the place at the end.

Meanwhile a *lease* in the place keeps other writers away. It runs out by itself, so that a writer that was killed holds
up nobody for long, and is renewed by a thread as long as the writer lives.
"""

from __future__ import annotations

import os
import threading
from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from typing import Protocol

from brinery.errors import StoreError
from brinery.stores.backend import Range, Row
from brinery.stores.waiting import WAIT

__all__ = ["LEASE", "Buffered", "Changes", "Lease", "Rows"]

Changes = Mapping[bytes, bytes | None]  # the values of keys; None where a key is removed

LEASE = 10.0  # seconds that a lease lasts if nobody renews it
FEW = 64  # new keys that are put among the sorted ones each by itself


class Lease(Protocol):
    """The right to write, until it is given back or has run out."""

    def renew(self) -> None:
        """Have it for longer. By a thread of its own, at the same time as the others.

        Raises:
            StoreError: It has run out, or the place does not answer.
        """

    def commit(self, changes: Changes) -> None:
        """Write all at once.

        Raises:
            StoreError: The lease has run out; nothing was written.
        """

    def rebuild(self, rows: Iterable[Row]) -> None:
        """Write these rows in the place of all that is there."""

    def compact(self) -> None:
        """Give room back that nothing needs any more."""

    def release(self) -> None:
        """Give it back; nothing happens if it has run out."""


class Rows(Protocol):
    """A place without transactions; see :class:`brinery.stores.backend.Backend` for what is not told here."""

    id: bytes
    place: str

    def get(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """The values of those of the keys that are there."""

    def scan(self, within: Range, *, reverse: bool, values: bool, limit: int | None) -> Iterator[Row]:
        """The rows of a range in order, at most so many."""

    def count(self, within: Range) -> int:
        """How many keys are in a range."""

    def put(self, rows: Sequence[Row], gone: Sequence[bytes], unless: Range | None) -> bool | None:
        """Write while nobody holds a lease; None if that takes a lease."""

    def lease(self, seconds: float) -> Lease:
        """Wait for others, and take the lease.

        Raises:
            StoreError: They write for longer than a minute.
        """

    def version(self) -> object:
        """Something that is another each time after somebody has written; None where that cannot be told cheaply."""

    def size(self) -> int:
        """Bytes that it takes."""

    def problems(self) -> list[str]:
        """What is wrong with the place itself."""

    def salvage(self) -> Iterator[Row]:
        """All rows that can be read in whatever way."""

    def close(self) -> None:
        """Let go of it."""


class Buffered:
    """Rows in a place without transactions of its own."""

    def __init__(self, rows: Rows, lease: float) -> None:
        """Of these rows, with leases of so many seconds."""
        self.id = rows.id
        self.place = rows.place
        self._rows = rows
        self._seconds = lease
        self._begin_anew()

    def _begin_anew(self) -> None:
        self._process = os.getpid()
        self._queue = threading.Lock()  # for threads of this process: they would only wait for each other's lease
        self._local = threading.local()

    @property
    def _overlay(self) -> Overlay | None:
        """What this thread's transaction has written; None outside of one."""
        if self._process != os.getpid():
            self._begin_anew()  # after a fork: transactions stay where they were begun
        return getattr(self._local, "overlay", None)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that this thread writes in the block, at once or not at all; nobody else writes meanwhile.

        Raises:
            StoreError: Others write for longer than a minute, or the lease has run out, as the process was stopped, or
                the place away, for longer than it lasts. Nothing was written then.
        """
        overlay = self._overlay
        if overlay is None:
            with self._leased() as lease:
                overlay = self._local.overlay = Overlay()
                process = os.getpid()
                try:
                    yield
                finally:
                    self._local.overlay = None
                if process != os.getpid():
                    raise StoreError(f"{self.place}: a transaction ends in the process that has begun it")
                if overlay.changes:
                    lease.commit(overlay.changes)
            return
        savepoint = overlay.savepoint()
        try:
            yield
        except BaseException:
            overlay.take_back(savepoint)
            raise

    @contextmanager
    def _leased(self) -> Iterator[Lease]:
        if self._overlay is not None:
            raise StoreError(f"{self.place}: this cannot be done in a transaction")
        if not self._queue.acquire(timeout=WAIT):
            raise StoreError(f"{self.place}: another thread has been writing for {WAIT:.0f} seconds: try again later")
        queue, process = self._queue, os.getpid()
        try:
            lease = self._rows.lease(self._seconds)
            try:
                with renewed(lease, self._seconds / 3):
                    yield lease
            finally:
                if process == os.getpid():
                    lease.release()
        finally:
            queue.release()

    def get(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """The values of those of the keys that are there."""
        overlay = self._overlay
        if overlay is None:
            return self._rows.get(keys)
        changes = overlay.changes
        found = {key: value for key in keys if (value := changes.get(key)) is not None}
        others = [key for key in keys if key not in changes]
        return found | self._rows.get(others) if others else found

    def scan(
        self, within: Range, *, reverse: bool = False, values: bool = True, limit: int | None = None
    ) -> Iterator[Row]:
        """The rows of a range in order, at most so many."""
        overlay = self._overlay
        changed = overlay.keys(within) if overlay is not None else []
        if overlay is None or not changed:
            return self._rows.scan(within, reverse=reverse, values=values, limit=limit)
        own = [(key, overlay.changes[key]) for key in (reversed(changed) if reverse else changed)]
        most = None if limit is None else limit + len(own)
        kept = self._rows.scan(within, reverse=reverse, values=values, limit=most)
        return islice(merged(kept, own, reverse=reverse, values=values), limit)

    def count(self, within: Range) -> int:
        """How many keys are in a range."""
        overlay = self._overlay
        if overlay is None or not overlay.keys(within):
            return self._rows.count(within)
        return sum(1 for _ in self.scan(within, values=False))

    def put(self, rows: Sequence[Row], gone: Sequence[bytes] = (), *, unless: Range | None = None) -> bool:
        """Write rows over what is there, and remove keys, all at once or nothing."""
        overlay = self._overlay
        if overlay is None:
            if not rows and not gone and unless is None:
                return True
            done = self._rows.put(rows, gone, unless)
            if done is not None:
                return done
            with self.transaction():
                return self.put(rows, gone, unless=unless)
        if unless is not None and next(self.scan(unless, values=False, limit=1), None) is not None:
            return False
        overlay.write(rows)
        overlay.write((key, None) for key in gone)
        return True

    def version(self) -> object:
        """What the place tells; None in a transaction, as the place does not know of what is written in it."""
        return self._rows.version() if self._overlay is None else None

    def size(self) -> int:
        """Bytes that it takes, as the place tells."""
        return self._rows.size()

    def compact(self) -> None:
        """Remove what writers have left that were killed."""
        with self._leased() as lease:
            lease.compact()

    def problems(self) -> list[str]:
        """What is wrong with the place itself."""
        try:
            return self._rows.problems()
        except StoreError as error:
            return [str(error)]

    def salvage(self) -> Iterator[Row]:
        """All rows that can be read in whatever way."""
        return self._rows.salvage()

    def rebuild(self, rows: Iterable[Row]) -> None:
        """Write these rows in the place of all that is there."""
        with self._leased() as lease:
            lease.rebuild(rows)

    def close(self) -> None:
        """Let go of it."""
        self._rows.close()


class Overlay:
    """What a transaction has written."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.changes: dict[bytes, bytes | None] = {}
        self._before: list[tuple[bytes, bool, bytes | None]] = []  # of each write: the key, and what was there of it
        self._sorted: list[bytes] = []
        self._fresh: list[bytes] = []  # keys that are not yet among the sorted ones

    def savepoint(self) -> int:
        """How much has been written."""
        return len(self._before)

    def take_back(self, savepoint: int) -> None:
        """Take back what was written after that."""
        while len(self._before) > savepoint:
            key, was_there, value = self._before.pop()
            if was_there:
                self.changes[key] = value
            else:
                del self.changes[key]
        self._sorted, self._fresh = [], list(self.changes)

    def write(self, changes: Iterable[tuple[bytes, bytes | None]]) -> None:
        """Write values under keys, or remove them."""
        for key, value in changes:
            was_there = key in self.changes
            if not was_there:
                self._fresh.append(key)
            self._before.append((key, was_there, self.changes.get(key)))
            self.changes[key] = value

    def keys(self, within: Range) -> list[bytes]:
        """The keys of a range that were written or removed, in order."""
        if len(self._fresh) < FEW:
            for key in self._fresh:
                insort(self._sorted, key)
        else:
            self._sorted += self._fresh
            self._sorted.sort()
        self._fresh = []
        start, end = (bisect_left(self._sorted, bound) for bound in within)
        return self._sorted[start:end]


def merged(
    kept: Iterator[Row], own: Sequence[tuple[bytes, bytes | None]], *, reverse: bool, values: bool
) -> Iterator[Row]:
    """The rows of the place in order, with what was changed in the place of what was there."""
    changed = iter(own)
    change = next(changed, None)
    for row in kept:
        while change is not None and (change[0] > row[0] if reverse else change[0] < row[0]):
            yield from as_rows(change, values)
            change = next(changed, None)
        if change is not None and change[0] == row[0]:
            yield from as_rows(change, values)
            change = next(changed, None)
        else:
            yield row
    while change is not None:
        yield from as_rows(change, values)
        change = next(changed, None)


def as_rows(change: tuple[bytes, bytes | None], values: bool) -> Iterator[Row]:
    key, value = change
    if value is not None:
        yield key, value if values else b""


@contextmanager
def renewed(lease: Lease, every: float) -> Iterator[None]:
    """Renew a lease each so many seconds, as long as the block runs."""
    ended = threading.Event()

    def renew() -> None:
        while not ended.wait(every):
            # If it is lost, what is to be written finds out; if the place was away, it may be there again in time.
            with suppress(StoreError):
                lease.renew()

    thread = threading.Thread(target=renew, name="brinery-lease", daemon=True)
    thread.start()
    process = os.getpid()
    try:
        yield
    finally:
        if process == os.getpid():
            ended.set()
            thread.join()
