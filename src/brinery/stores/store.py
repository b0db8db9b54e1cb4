"""``brinery.Store``: many objects under keys."""

from __future__ import annotations

import builtins
import os
import threading
import time
from collections.abc import Callable, ItemsView, Iterable, Iterator, Mapping, MutableMapping, ValuesView
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import partial
from math import inf
from pathlib import Path
from typing import Any, cast

from brinery.errors import BrineryError, DecodeError, IntegrityError, StoreError
from brinery.stores.backend import Backend, Range
from brinery.stores.debugging import Lent
from brinery.stores.history import Past, Version, versions_of
from brinery.stores.keys import after_prefix, is_plain, key_from, key_to_bytes, shown_key
from brinery.stores.opening import backend_at, folder_of
from brinery.stores.repairing import Repair, repaired
from brinery.stores.spaces import (
    ENTRIES,
    EXTRAS,
    Policy,
    expiry_range,
    key_of_expiry,
    key_of_tag,
    tag_range,
)
from brinery.stores.upkeep import Entry, Upkeep
from brinery.stores.values import Values, Written, expires_of, file_of
from brinery.stores.verifying import Verification, verified
from brinery.trust import Trusted

__all__ = ["ABSENT", "Store"]

# A file that no value speaks of belongs to somebody who is just writing, or was killed: after so long, to nobody.
ABANDONED_AFTER = 3600.0  # seconds
# A file may go between reading its name and opening it, as its value is replaced.
MOST_READS = 10
# After so many uses of different keys they are noted without waiting for a write.
MOST_USES = 1000


class Absent:
    """That there is nothing under a key."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Any = Absent()


class Pending(threading.local):
    """What a thread has to do at the end of its transaction: remove files that were replaced, or those it has made."""

    def __init__(self) -> None:
        self.depth = 0
        self.replaced: list[bytes] = []
        self.fresh: list[tuple[bytes, bytes]] = []


class Store(MutableMapping[Any, Any]):
    """Objects under keys, in a folder, for any number of threads and processes.

    A key is text, or any object that can be hashed and pickled; keys are told apart by type, see
    :mod:`brinery.stores.keys`, and iterated in order. A value is nearly any object, see :func:`brinery.dumps`; what
    comes back is a new object each time, so that changing it changes nothing in the store: see :meth:`edit`. Arrays of
    large values stay in their files until they are looked at.

    What was written is there once the call returns, and a kill takes nothing back; it is whole, or an error that names
    the key. The values are proven to be the user's own, and to belong to their keys.

    >>> import tempfile
    >>> store = Store(tempfile.mkdtemp() + "/shop")
    >>> store["order", 7] = {"customer": 500, "paid": False}
    >>> with store.edit(("order", 7)) as order:
    ...     order["paid"] = True
    >>> store["order", 7], len(store), ("order", 8) in store
    ({'customer': 500, 'paid': True}, 1, False)
    >>> store  # doctest: +ELLIPSIS
    Store('.../shop', 1 keys)
    """

    def __init__(
        self,
        place: str | os.PathLike[str] | Backend,
        *,
        ttl: float | None = None,
        keep: int | None = None,
        size_limit: float | None = None,
        policy: Policy | None = None,
        durable: bool = False,
        trust: Trusted = None,
        debug: bool = False,
    ) -> None:
        """Open a store, or make it.

        `keep`, `size_limit` and `policy` are settings of the store itself: they hold for everybody who opens it, until
        they are changed; None leaves them as they are.

        Args:
            place: A folder, which is made if it is not there; or an address: ``redis://``, ``postgresql://``, ``s3://``,
                ``gs://``, ``az://``, see :mod:`brinery.stores.opening`; or a :class:`Backend` of one's own.
            ttl: How many seconds an entry stays unless it is said when it is written; None for ever.
            keep: How many versions of each key are kept, the current one included; see :meth:`versions`, :meth:`at`.
            size_limit: How many bytes of keys and values there may be, old versions not counted; with more, what
                `policy` says goes, at once. ``math.inf`` takes a limit away.
            policy: What goes first: ``"lru"``, the least recently used; ``"lfu"``, the least often used; ``"ttl"``,
                what expires first; ``"fifo"``, the oldest. Uses are noted with the next write of the process.
            durable: Whether to wait until the disk has what is written, which a loss of power would need; a kill does
                not.
            trust: As for :func:`brinery.loads`, for values that others have written.
            debug: Whether to warn of objects that came out of the store, were changed, and not written back. It takes
                time and memory.

        Raises:
            StoreError: It is no store, damaged, of a later version, or cannot be reached.
            OSError: It cannot be opened.
        """
        self._options = {"ttl": ttl, "durable": durable, "trust": trust, "debug": debug}
        if isinstance(place, str | os.PathLike) and folder_of(place) is not None:
            place = os.path.abspath(place)  # threads that come later, and pickles, open it when it may mean another
        self._place = place
        self._ttl = ttl
        self._backend: Backend
        if isinstance(place, str | os.PathLike):
            self._backend, self._files = backend_at(place, durable=durable), folder_of(place)
        else:
            self._backend, self._files = place, None
        self._local = Pending()
        self._values = Values(self._backend.id, self._files, durable=durable, trust=trust)
        self._upkeep = Upkeep(self._backend)
        self._has_extras = False
        self._lent = Lent(self._stored) if debug else None
        self._uses: dict[bytes, tuple[int, float]] | None = None  # how often, and when last
        self._set_up(keep, size_limit, policy)

    def _set_up(self, keep: int | None, size_limit: float | None, policy: Policy | None) -> None:
        settings = self._upkeep.settings()
        wanted = settings.changed(keep, size_limit, policy)
        if wanted != settings:
            with self.transaction():
                wanted = self._upkeep.settings().changed(keep, size_limit, policy)
                self._local.replaced += self._upkeep.change_settings(wanted)
        if wanted.size_limit is not None and wanted.policy in {"lru", "lfu"}:
            self._uses = {}

    def __reduce__(self) -> Any:
        """Go as its place: another process opens it anew."""
        return reopened, (self._place, self._options)

    def __repr__(self) -> str:
        """Where it is, and how many keys it has."""
        try:
            return f"Store({self.place!r}, {len(self):,} keys)"
        except BrineryError as error:
            return f"Store({self.place!r}: {error})"

    @property
    def place(self) -> str:
        """Where it is: the folder, or the address without passwords."""
        return self._backend.place if self._files is None else os.fspath(self._files.parent)

    @property
    def folder(self) -> Path | None:
        """The folder, if it is in one."""
        return None if self._files is None else self._files.parent

    # One key

    def __getitem__(self, key: Any) -> Any:
        """The object under a key, a new one each time.

        Raises:
            KeyError: There is none.
            IntegrityError: It is damaged.
            UntrustedError: Somebody else has written it, and it needs what is neither vetted nor allowed.
        """
        found = self.get(key, ABSENT)
        if found is ABSENT:
            raise KeyError(key)
        return found

    def get(self, key: Any, default: Any = None) -> Any:
        """The object under a key, or the default.

        Raises:
            IntegrityError, UntrustedError: As for ``store[key]``.
        """
        found = self._get(key, default)
        return found if self._lent is None or found is default else self._lent.lend(key, found)

    def _get(self, key: Any, default: Any) -> Any:
        data = key_to_bytes(key)
        for _ in range(MOST_READS):
            value = self._backend.get((data,)).get(data)
            if value is None or self._has_expired(key, data, value):
                return default
            try:
                found = self._read(key, data, value)
            except FileNotFoundError as error:
                problem = error
                continue
            self._note_use(data)
            return found
        raise IntegrityError(f"{key!r}: the file of the value is not there: {problem.filename}")

    def _has_expired(self, key: Any, data: bytes, value: bytes) -> bool:
        """Whether it has, which is believed only of a value that is proven."""
        if not has_expired(value):
            return False
        try:
            self._values.content(data, value)
        except DecodeError as error:
            raise named(error, key) from error.__cause__
        return True

    def _stored(self, key: Any) -> Any:
        data = key_to_bytes(key)
        return self._read(key, data, self._backend.get((data,))[data])

    def _note_use(self, data: bytes) -> None:
        if self._uses is not None:
            self._uses[data] = self._uses.get(data, (0, 0.0))[0] + 1, time.time()
            if len(self._uses) >= MOST_USES:
                with self.transaction():
                    self._write_uses()

    def _write_uses(self) -> None:
        if self._uses:
            uses, self._uses = self._uses, {}
            self._upkeep.note_uses(uses)

    def _read(self, key: Any, data: bytes, value: bytes) -> Any:
        try:
            return self._values.read(data, value)
        except DecodeError as error:
            raise named(error, key) from error.__cause__

    def __setitem__(self, key: Any, obj: Any) -> None:
        """Keep an object under a key.

        Raises:
            EncodeError: It cannot be pickled. What was there stays.
        """
        self.set(key, obj)

    def set(self, key: Any, obj: Any, *, ttl: float | None = None, tags: Iterable[str] = ()) -> None:
        """Keep an object under a key, for so many seconds, with tags to find it and others by; ``inf`` is for ever.

        Raises:
            EncodeError: It cannot be pickled. What was there stays.
        """
        self._write(((key, obj),), self._expiry(ttl), tags)

    def __delitem__(self, key: Any) -> None:
        """Remove what is under a key.

        Raises:
            KeyError: There is nothing.
        """
        if not self.delete_many([key]):
            raise KeyError(key)

    def __contains__(self, key: object) -> bool:
        """Whether something is under the key; it is not looked at.

        Raises:
            IntegrityError: It seems to have expired, and is damaged.
        """
        data = key_to_bytes(key)
        value = self._backend.get((data,)).get(data)
        return value is not None and not self._has_expired(key, data, value)

    def add(self, key: Any, obj: Any, *, ttl: float | None = None, tags: Iterable[str] = ()) -> bool:
        """Keep an object under a key if there is nothing yet; whether that was so."""
        with self.transaction():
            if key in self:
                return False
            self.set(key, obj, ttl=ttl, tags=tags)
            return True

    def setdefault(self, key: Any, default: Any = None) -> Any:
        """The object under a key; if there is none, the default, which is kept."""
        with self.transaction():
            found = self.get(key, ABSENT)
            if found is ABSENT:
                self.set(key, default)
                return default
            return found

    def pop(self, key: Any, default: Any = ABSENT) -> Any:
        """Take the object from under a key; the default if there is none.

        Raises:
            KeyError: There is none, and no default.
        """
        with self.transaction():
            found = self._get(key, ABSENT)
            if found is not ABSENT:
                self.delete_many([key])
                return found
        if default is ABSENT:
            raise KeyError(key)
        return default

    def popitem(self) -> tuple[Any, Any]:
        """Take the first key and its object.

        Raises:
            KeyError: There is none.
        """
        with self.transaction():
            for key in self:
                return key, self.pop(key)
        raise KeyError("the store is empty")

    def incr(self, key: Any, by: float = 1, *, default: float = 0) -> Any:
        """Add to the number under a key, and answer with the sum; of several at once, none is lost.

        It keeps its tags, and expires when it would have.
        """
        with self.transaction():
            expires, tags = self._terms(key)
            total = self.get(key, default) + by
            self._write(((key, total),), expires, tags)
            return total

    def _terms(self, key: Any) -> tuple[float | None, tuple[str, ...]]:
        """When what is under a key expires, and its tags; if there is nothing, those of what is new."""
        data = key_to_bytes(key)
        value = self._backend.get((data,)).get(data)
        if value is None or self._has_expired(key, data, value):
            return self._expiry(None), ()
        return expires_of(value), self._upkeep.tags_of(data)

    def compare_and_set(self, key: Any, expected: Any, obj: Any) -> bool:
        """Replace an object if it equals what is expected, or there is none and :data:`ABSENT` is; whether it did."""
        with self.transaction():
            found = self.get(key, ABSENT)
            if (found is ABSENT) is not (expected is ABSENT) or (found is not ABSENT and not equal(found, expected)):
                return False
            self.set(key, obj)
            return True

    @contextmanager
    def edit(self, key: Any, default: Any = ABSENT) -> Iterator[Any]:
        """The object under a key, to be changed in the block, at whose end it is written back; others wait.

        It keeps its tags, and expires when it would have. An error leaves what was there.

        Raises:
            KeyError: There is none, and no default.
        """
        with self.transaction():
            expires, tags = self._terms(key)
            found = self.get(key, default)
            if found is ABSENT:
                raise KeyError(key)
            yield found
            self._write(((key, found),), expires, tags)

    # Many keys

    def get_many(self, keys: Iterable[Any]) -> dict[Any, Any]:
        """The objects under those of the keys that are there.

        Raises:
            IntegrityError, UntrustedError: As for ``store[key]``.
        """
        wanted = [(key, key_to_bytes(key)) for key in keys]
        found = self._backend.get([data for _, data in wanted])
        made = {}
        read = self._values.read
        for key, data in wanted:
            value = found.get(data)
            if value is not None and not self._has_expired(key, data, value):
                try:
                    made[key] = read(data, value)
                except FileNotFoundError:
                    again = self.get(key, ABSENT)
                    if again is not ABSENT:
                        made[key] = again
                    continue
                except DecodeError as error:
                    raise named(error, key) from error.__cause__
                self._note_use(data)
        if self._lent is not None:
            made = {key: self._lent.lend(key, obj) for key, obj in made.items()}
        return made

    def set_many(
        self,
        items: Mapping[Any, Any] | Iterable[tuple[Any, Any]],
        *,
        ttl: float | None = None,
        tags: Iterable[str] = (),
    ) -> None:
        """Keep objects under keys, all of them or none.

        Raises:
            EncodeError: One cannot be pickled. Nothing has changed.
        """
        self._write(items.items() if isinstance(items, Mapping) else items, self._expiry(ttl), tags)

    def _expiry(self, ttl: float | None) -> float | None:
        return expiry(self._ttl if ttl is None else ttl)

    def _write(self, pairs: Iterable[tuple[Any, Any]], expires: float | None, tags: Iterable[str]) -> None:
        if isinstance(tags, str):
            raise TypeError(f"tags must be several texts, such as [{tags!r}], not one")
        names = tuple(tags)
        written: list[Written] = []
        try:
            # Before the transaction: others need not wait for the pickling.
            written.extend(self._values.write([(key_to_bytes(key), obj) for key, obj in pairs], expires))
        except BaseException:
            self._remove_files([value for _, value, _ in written])
            raise
        rows = [(key, value) for key, value, _ in written]
        with_files = [(key, value) for key, value, size in written if size]
        try:
            is_plain_write = not with_files and expires is None and not names and not self._has_extras
            if is_plain_write and self._backend.put(rows, unless=EXTRAS):
                return
            self._has_extras = True
            with self.transaction():
                self._local.fresh += with_files
                self._write_uses()
                entries = [Entry(key, value, expires, names, size) for key, value, size in written]
                self._local.replaced += self._upkeep.write(entries)
        except BaseException:
            self._remove_files(self._not_kept(with_files))
            raise

    def _not_kept(self, rows: list[tuple[bytes, bytes]]) -> list[bytes]:
        """The values that were not written; a signal may come when they were."""
        if not rows:
            return []
        kept = self._backend.get([key for key, _ in rows])
        return [value for key, value in rows if kept.get(key) != value]

    def update(self, other: Any = (), /, **named: Any) -> None:
        """Keep the objects of a mapping, or of pairs, under their keys, all of them or none."""
        pairs: Iterable[tuple[Any, Any]] = other
        # Not by way of a dict, in which 1, 1.0 and True are one key.
        if isinstance(other, Mapping):
            pairs = other.items()
        elif hasattr(other, "keys"):  # which is all that a dict asks for
            pairs = ((key, other[key]) for key in other.keys())  # noqa: SIM118
        self.set_many([*pairs, *named.items()])

    def delete_many(self, keys: Iterable[Any]) -> int:
        """Remove what is under the keys; how many there were."""
        wanted = list(dict.fromkeys(map(key_to_bytes, keys)))
        with self.transaction():
            found = self._backend.get(wanted)
            self._local.replaced += self._upkeep.write([], list(found))
        return sum(not has_expired(value) for value in found.values())

    def clear(self) -> None:
        """Remove everything."""
        with self.transaction():
            keys = [key for key, _ in self._backend.scan(ENTRIES, values=False)]
            self._local.replaced += self._upkeep.write([], keys)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that this thread writes in the block, at once or not at all; others see nothing of it before, and wait.

        One within another that is left by an error takes back what was written in it.

        >>> import tempfile
        >>> store = Store(tempfile.mkdtemp())
        >>> store.update(ann=10, bob=0)
        >>> with store.transaction():
        ...     _ = store.incr("ann", -10), store.incr("bob", 10)
        >>> dict(store)
        {'ann': 0, 'bob': 10}
        """
        ours = self._local
        depth, replaced, fresh = ours.depth, len(ours.replaced), len(ours.fresh)
        try:
            ours.depth = depth + 1
            with self._backend.transaction():
                yield
        except BaseException:
            del ours.replaced[replaced:]
            given_up = ours.fresh[fresh:]
            del ours.fresh[fresh:]
            self._remove_files(self._not_kept(given_up))
            raise
        finally:
            ours.depth = depth
        if depth == 0:
            # Only now is it certain that nobody is to find them any more.
            gone, ours.replaced, ours.fresh = ours.replaced, [], []
            self._remove_files(gone)

    # All keys

    def __len__(self) -> int:
        """How many keys there are. Linear in their number."""
        return self._backend.count(ENTRIES) - len(self._expired())

    def _expired(self) -> builtins.set[bytes]:
        """The keys that have expired and are still there."""
        rows = self._backend.scan(expiry_range(time.time()), values=False)
        return {key_of_expiry(row) for row, _ in rows}

    def __iter__(self) -> Iterator[Any]:
        """The keys, in order; what is written meanwhile may be met or not."""
        return self.range()

    def items(self) -> ItemsView[Any, Any]:
        """Keys and objects, in order; read together."""
        return Items(self)

    def values(self) -> ValuesView[Any]:
        """The objects in the order of their keys."""
        return Objects(self)

    def range(self, start: Any = ABSENT, end: Any = ABSENT, *, reverse: bool = False) -> Iterator[Any]:
        """The keys from `start` on and before `end`, in order."""
        first = ENTRIES.start if start is ABSENT else key_to_bytes(start)
        last = ENTRIES.end if end is ABSENT else key_to_bytes(end)
        return self._keys(Range(first, last), reverse)

    def prefix(self, prefix: str | bytes | tuple[Any, ...], *, reverse: bool = False) -> Iterator[Any]:
        """The keys that start with a text, or bytes, or those tuples that start with the parts of a tuple; in order."""
        return self._keys(Range(*after_prefix(prefix)), reverse)

    def tagged(self, tag: str) -> list[Any]:
        """The keys with a tag, in order."""
        found = [key_of_tag(row, tag) for row, _ in self._backend.scan(tag_range(tag), values=False)]
        expired = self._expired()
        return list(self._keys_of(data for data in found if data not in expired))

    def tags(self, key: Any) -> tuple[str, ...]:
        """The tags of a key.

        Raises:
            KeyError: There is no such key.
        """
        if key not in self:
            raise KeyError(key)
        return self._upkeep.tags_of(key_to_bytes(key))

    def delete_tagged(self, tag: str) -> int:
        """Remove all that has a tag; how many there were."""
        with self.transaction():
            return self.delete_many(self.tagged(tag))

    def expires(self, key: Any) -> float | None:
        """How many seconds the entry of a key stays; None for ever.

        Raises:
            KeyError: There is none.
        """
        data = key_to_bytes(key)
        value = self._backend.get((data,)).get(data)
        if value is None or self._has_expired(key, data, value):
            raise KeyError(key)
        when = expires_of(value)
        return None if when is None else when - time.time()

    def _items(self) -> Iterator[tuple[Any, Any]]:
        for data, value in self._backend.scan(ENTRIES):
            if has_expired(value) and self._has_expired(shown_key(data), data, value):
                continue
            key = key_from(data, partial(self._values.key, data, value))
            try:
                yield key, self._read(key, data, value)
            except FileNotFoundError:
                again = self.get(key, ABSENT)
                if again is not ABSENT:
                    yield key, again

    def _keys(self, within: Range, reverse: bool) -> Iterator[Any]:
        expired = self._expired()
        rows = self._backend.scan(within, reverse=reverse, values=False)
        yield from self._keys_of(data for data, _ in rows if data not in expired)

    def _keys_of(self, found: Iterable[bytes]) -> Iterator[Any]:
        """The keys; one that is a pickle is as trusted as the value under it, which it is proven with."""
        for data in found:
            if is_plain(data):
                yield key_from(data, None)
            elif (value := self._backend.get((data,)).get(data)) is not None:  # it may have gone meanwhile
                yield key_from(data, partial(self._values.key, data, value))

    # History, and what happens now

    def versions(self, key: Any) -> list[Version]:
        """What a key has had, the oldest first, as far back as the store keeps it, see `keep`.

        >>> import tempfile
        >>> store = Store(tempfile.mkdtemp(), keep=10)
        >>> store["price"] = 5
        >>> store["price"] = 7
        >>> [version.load() for version in store.versions("price")]
        [5, 7]
        """
        return versions_of(self._backend, self._values, key)

    def at(self, when: datetime | float) -> Past:
        """The store as it was at a time, seconds since the epoch or a datetime: a mapping to read."""
        seconds = when.timestamp() if isinstance(when, datetime) else when
        return Past(self._backend, self._values, seconds, has_history=self._upkeep.settings().keep > 0)

    def watch(self, key: Any, *, interval: float = 0.05, timeout: float | None = None) -> Iterator[Any]:
        """The object under a key, now and each time it has changed; :data:`ABSENT` when there is none.

        Changes that follow each other within the interval may be seen as one.

        Args:
            key: The key.
            interval: How often to look, in seconds. Looking costs microseconds as long as nobody writes.
            timeout: After so many seconds without a change, end. None waits for ever.
        """
        look, last = self.changes(key), time.monotonic()
        while timeout is None or time.monotonic() - last < timeout:
            if look():
                last = time.monotonic()
                yield self.get(key, ABSENT)
            else:
                time.sleep(interval)

    def changes(self, key: Any) -> Callable[[], bool]:
        """A function that tells whether what is under a key has changed since it was last called; True the first time.

        What :meth:`watch` goes by, for event loops of one's own.
        """
        data = key_to_bytes(key)
        seen: bytes | None = b"nothing yet"
        version: object = None

        def look() -> bool:
            nonlocal seen, version
            now = self._backend.version()
            if now is not None and now == version and (seen is None or expires_of(seen) is None):
                return False
            version = now
            value = self._backend.get((data,)).get(data)
            value = None if value is None or has_expired(value) else value
            has_changed = value != seen
            seen = value
            return has_changed

        return look

    # The place

    def size(self) -> int:
        """Bytes on the disk."""
        return self._backend.size() + sum(status.st_size for _, status in self._files_and_statuses())

    def verify(self, progress: Callable[[int, int], object] | None = None) -> Verification:
        """Read everything, and tell what is not what was written.

        Args:
            progress: A function to call with how many values are done, and of how many.
        """
        return verified(self._backend, self._values, progress)

    def repair(self) -> Repair:
        """Save what can be saved, and name what cannot; of keys with a history, the last version that is whole.

        Nobody else may use the store meanwhile. Of one that cannot even be opened, use
        :func:`brinery.stores.repair_store`.
        """
        return repaired(self._backend, self._values)

    def gc(self) -> int:
        """Remove what nothing needs: entries that have expired, files that killed writers left; give back the room.

        Answers with how many bytes were given back.

        Raises:
            StoreError: It is within a transaction, which may be given up, and needs then what is in files now.
        """
        if self._local.depth:
            raise StoreError(f"{self.place}: gc() is not for within a transaction: call it behind its end")
        before = self.size()
        with self.transaction():
            self._local.replaced += self._upkeep.drop_expired()
        known = self._upkeep.files_in_use()
        old = time.time() - ABANDONED_AFTER
        for path, status in self._files_and_statuses():
            if path.parent.name + path.stem not in known and status.st_mtime < old:
                path.unlink(missing_ok=True)
        self._backend.compact()
        return before - self.size()

    def close(self) -> None:
        """Let go of it; what was written is there."""
        if self._lent is not None:
            self._lent.check(all_of_them=True)
        if self._uses:
            # What is closed twice, or has gone, needs no word of its uses.
            with suppress(BrineryError), self.transaction():
                self._write_uses()
        self._backend.close()

    def __enter__(self) -> Store:
        """The store itself, closed at the end of the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def _ipython_key_completions_(self) -> list[Any]:
        return [key for key, _ in zip(self, range(1000), strict=False)]

    def _all_files(self) -> Iterator[Path]:
        return iter(()) if self._files is None else self._files.glob("*/*.pkl")

    def _files_and_statuses(self) -> Iterator[tuple[Path, os.stat_result]]:
        for path in self._all_files():
            try:
                status = path.stat()
            except FileNotFoundError:
                continue  # it has gone meanwhile
            yield path, status

    def _remove_files(self, values: Iterable[bytes]) -> None:
        for value in values:
            if (name := file_of(value)) is not None:
                # Where files in use cannot be removed, gc() does it later.
                with suppress(OSError):
                    self._values.path_of(name).unlink()


# That views keep their mapping is said in the documentation of collections.abc alone, not in its types.


class Items(ItemsView[Any, Any]):
    """Keys and objects of a store."""

    def __iter__(self) -> Iterator[tuple[Any, Any]]:
        return cast("Store", self._mapping)._items()  # type: ignore[attr-defined]


class Objects(ValuesView[Any]):
    """The objects of a store."""

    def __iter__(self) -> Iterator[Any]:
        return (obj for _, obj in cast("Store", self._mapping)._items())  # type: ignore[attr-defined]


def reopened(place: Any, options: dict[str, Any]) -> Store:
    """The store that was pickled."""
    return Store(place, **options)


def expiry(ttl: float | None) -> float | None:
    return None if ttl is None or ttl == inf else time.time() + ttl


def has_expired(value: bytes) -> bool:
    when = expires_of(value)
    return when is not None and when <= time.time()


def named(error: DecodeError, key: Any) -> DecodeError:
    """The error, which says now under which key."""
    error.args = (f"{key!r}: {error}", *error.args[1:])
    return error


def equal(one: Any, other: Any) -> bool:
    """Whether two objects are equal; of arrays and tables, all of them."""
    from brinery.digests import digest

    try:
        same = one == other
    except ValueError:  # what arrays answer that are of other shapes, or within something else
        same = None
    return same if isinstance(same, bool) else digest(one) == digest(other)


Store.__module__ = "brinery"
