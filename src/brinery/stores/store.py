"""``brinery.Store``: many objects under keys."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, ItemsView, Iterable, Iterator, Mapping, MutableMapping, ValuesView
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, TypeVar, cast

from brinery.errors import BrineryError, DecodeError, IntegrityError
from brinery.stores.backend import Backend, Entry
from brinery.stores.keys import after_prefix, is_plain, key_from, key_to_bytes
from brinery.stores.sqlite import SQLite
from brinery.stores.values import Values
from brinery.trust import Trusted

__all__ = ["ABSENT", "Store", "Verification"]

Default = TypeVar("Default")
FIRST_KEY = b""
# A file that no value speaks of belongs to somebody who is just writing, or was killed: after so long, to nobody.
ABANDONED_AFTER = 3600.0  # seconds
# A file may go between reading its name and opening it, as its value is replaced.
MOST_READS = 10


class Absent:
    """That there is nothing under a key."""

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Any = Absent()


class Verification(NamedTuple):
    """What :meth:`Store.verify` found: how many values are right, what is wrong by key, and with the place itself."""

    good: int
    wrong: dict[Any, str]
    problems: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        """Whether nothing is wrong."""
        return not self.wrong and not self.problems


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
        self, path: str | os.PathLike[str], *, ttl: float | None = None, durable: bool = False, trust: Trusted = None
    ) -> None:
        """Open a store, or make it.

        Args:
            path: A folder; it is made if it is not there.
            ttl: How many seconds an entry stays unless it is said when it is written; None for ever.
            durable: Whether to wait until the disk has what is written, which a loss of power would need; a kill does
                not.
            trust: As for :func:`brinery.loads`, for values that others have written.

        Raises:
            StoreError: It is no store, or of a later version.
            OSError: It cannot be opened.
        """
        self._path = Path(path)
        self._ttl = ttl
        self._durable = durable
        self._trust = trust
        self._backend: Backend = SQLite(self._path / "store.db", durable=durable)
        self._files = self._path / "files"
        self._files_name = os.fspath(self._files)
        self._local = threading.local()
        self._values = Values(self._backend.id, self._files, durable=durable, trust=trust)

    def __reduce__(self) -> Any:
        """Go as its path: another process opens it anew."""
        return reopened, (os.fspath(self._path.absolute()), self._ttl, self._durable, self._trust)

    def __repr__(self) -> str:
        """Where it is, and how many keys it has."""
        try:
            return f"Store({os.fspath(self._path)!r}, {len(self):,} keys)"
        except BrineryError as error:
            return f"Store({os.fspath(self._path)!r}: {error})"

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
        data = key_to_bytes(key)
        for _ in range(MOST_READS):
            found = self._backend.get([data])
            if not found:
                return default
            try:
                return self._read(key, data, found[data])
            except FileNotFoundError as error:
                problem = error
        raise IntegrityError(f"{key!r}: the file of the value is not there: {problem.filename}")

    def _read(self, key: Any, data: bytes, value: bytes) -> Any:
        try:
            return self._values.read(data, value)
        except DecodeError as error:
            error.args = (f"{key!r}: {error}", *error.args[1:])
            raise

    def __setitem__(self, key: Any, obj: Any) -> None:
        """Keep an object under a key.

        Raises:
            EncodeError: It cannot be pickled. What was there stays.
        """
        self.set(key, obj)

    def set(self, key: Any, obj: Any, *, ttl: float | None = None, tags: Iterable[str] = ()) -> None:
        """Keep an object under a key, for so many seconds, with tags to find it and others by.

        Raises:
            EncodeError: It cannot be pickled. What was there stays.
        """
        self._write(((key, obj),), ttl, tags)

    def __delitem__(self, key: Any) -> None:
        """Remove what is under a key.

        Raises:
            KeyError: There is nothing.
        """
        if not self.delete_many([key]):
            raise KeyError(key)

    def __contains__(self, key: object) -> bool:
        """Whether something is under the key; it is not looked at."""
        return bool(self._backend.get([key_to_bytes(key)]))

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
            found = self.get(key, ABSENT)
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
        """Add to the number under a key, and answer with the sum; of several at once, none is lost."""
        with self.transaction():
            total = self.get(key, default) + by
            self.set(key, total)
            return total

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

        An error leaves what was there.

        Raises:
            KeyError: There is none, and no default.
        """
        with self.transaction():
            found = self.get(key, default)
            if found is ABSENT:
                raise KeyError(key)
            yield found
            self.set(key, found)

    # Many keys

    def get_many(self, keys: Iterable[Any]) -> dict[Any, Any]:
        """The objects under those of the keys that are there.

        Raises:
            IntegrityError, UntrustedError: As for ``store[key]``.
        """
        wanted = [(key, key_to_bytes(key)) for key in keys]
        found = self._backend.get([data for _, data in wanted])
        made = {}
        for key, data in wanted:
            value = found.get(data)
            if value is not None:
                try:
                    made[key] = self._read(key, data, value)
                except FileNotFoundError:
                    again = self.get(key, ABSENT)
                    if again is not ABSENT:
                        made[key] = again
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
        self._write(items.items() if isinstance(items, Mapping) else items, ttl, tags)

    def _write(self, pairs: Iterable[tuple[Any, Any]], ttl: float | None, tags: Iterable[str]) -> None:
        expires = expiry(self._ttl if ttl is None else ttl)
        names = tuple(tags)
        write = self._values.write
        entries: list[Entry] = []
        try:
            # Before the transaction: others need not wait for the pickling.
            for key, obj in pairs:
                data = key_to_bytes(key)
                entries.append(Entry(data, write(data, obj), expires, names))
        except BaseException:
            self._remove_files([entry.value for entry in entries])
            raise
        try:
            if os.path.exists(self._files_name):
                with self.transaction():
                    self._forget_files([entry.key for entry in entries])
                    has_expired = self._backend.put(entries)
            else:
                has_expired = self._backend.put(entries)
        except BaseException:
            self._remove_files(self._not_kept(entries))
            raise
        if has_expired:
            self._drop_expired()

    def _not_kept(self, entries: list[Entry]) -> list[bytes]:
        """The values of entries that were not written; a signal may come when they were."""
        kept = self._backend.get_even_expired([entry.key for entry in entries])
        return [entry.value for entry in entries if kept.get(entry.key) != entry.value]

    def update(self, other: Any = (), /, **named: Any) -> None:
        """Keep the objects of a mapping, or of pairs, under their keys, all of them or none."""
        self.set_many({**dict(other), **named})

    def delete_many(self, keys: Iterable[Any]) -> int:
        """Remove what is under the keys; how many there were."""
        wanted = [key_to_bytes(key) for key in keys]
        with self.transaction():
            self._forget_files(wanted)
            return self._backend.delete(wanted)

    def clear(self) -> None:
        """Remove everything."""
        with self.transaction():
            keys = [key for key, _ in self._backend.rows(FIRST_KEY, None, values=False)]
            self._forget_files(keys)
            self._backend.delete(keys)

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
        replaced = self._local.__dict__.setdefault("replaced", [])
        depth = self._local.__dict__.setdefault("depth", 0)
        self._local.depth = depth + 1
        done = len(replaced)
        try:
            with self._backend.transaction():
                yield
        except BaseException:
            del replaced[done:]
            raise
        finally:
            self._local.depth = depth
        if depth == 0:
            # Only now is it certain that nobody is to find them any more.
            self._local.replaced = []
            self._remove_files(replaced)

    # All keys

    def __len__(self) -> int:
        """How many keys there are. Linear in their number."""
        return self._backend.count()

    def __iter__(self) -> Iterator[Any]:
        """The keys, in order, as they were at the beginning."""
        return self.range()

    def items(self) -> ItemsView[Any, Any]:
        """Keys and objects, in order; read together."""
        return Items(self)

    def values(self) -> ValuesView[Any]:
        """The objects in the order of their keys."""
        return Objects(self)

    def range(self, start: Any = ABSENT, end: Any = ABSENT, *, reverse: bool = False) -> Iterator[Any]:
        """The keys from `start` on and before `end`, in order."""
        first = FIRST_KEY if start is ABSENT else key_to_bytes(start)
        last = None if end is ABSENT else key_to_bytes(end)
        return self._keys(first, last, reverse)

    def prefix(self, prefix: str | bytes | tuple[Any, ...], *, reverse: bool = False) -> Iterator[Any]:
        """The keys that start with a text, or bytes, or those tuples that start with the parts of a tuple; in order."""
        return self._keys(*after_prefix(prefix), reverse)

    def tagged(self, tag: str) -> list[Any]:
        """The keys with a tag, in order."""
        return [self._key(data) for data in self._backend.tagged(tag)]

    def delete_tagged(self, tag: str) -> int:
        """Remove all that has a tag; how many there were."""
        with self.transaction():
            return self.delete_many(self.tagged(tag))

    def expires(self, key: Any) -> float | None:
        """How many seconds the entry of a key stays; None for ever.

        Raises:
            KeyError: There is none.
        """
        if key not in self:
            raise KeyError(key)
        when = self._backend.expires(key_to_bytes(key))
        return None if when is None else when - time.time()

    def _items(self) -> Iterator[tuple[Any, Any]]:
        for data, value in self._backend.rows(FIRST_KEY, None):
            key = key_from(data, partial(self._values.key, data, value))
            try:
                yield key, self._read(key, data, value)
            except FileNotFoundError:
                again = self.get(key, ABSENT)
                if again is not ABSENT:
                    yield key, again

    def _keys(self, start: bytes, end: bytes | None, reverse: bool) -> Iterator[Any]:
        for data, _ in self._backend.rows(start, end, reverse=reverse, values=False):
            yield self._key(data)

    def _key(self, data: bytes) -> Any:
        """The key of its bytes; one that is a pickle is as trusted as the value under it, which it is proven with."""
        if is_plain(data):
            return key_from(data, None)
        value = self._backend.get([data]).get(data, b"")
        return key_from(data, partial(self._values.key, data, value))

    # The place

    def size(self) -> int:
        """Bytes on the disk."""
        return self._backend.size() + sum(path.stat().st_size for path in self._all_files())

    def verify(self, progress: Callable[[int, int], object] | None = None) -> Verification:
        """Read everything, and tell what is not what was written.

        Args:
            progress: A function to call with how many values are done, and of how many.
        """
        problems = self._backend.problems()
        good, wrong, total = 0, {}, self._backend.count()
        for data, value in self._backend.rows(FIRST_KEY, None):
            try:
                self._values.verify(data, value)
                good += 1
            except (DecodeError, OSError) as error:
                wrong[shown_key(data)] = str(error)
            if progress is not None:
                progress(good + len(wrong), total)
        return Verification(good, wrong, tuple(problems))

    def gc(self) -> int:
        """Remove what nothing needs: entries that have expired, files that killed writers left; give back the room.

        Answers with how many bytes were given back.
        """
        before = self.size()
        self._drop_expired()
        known = {self._values.file_of(value) for _, value in self._backend.rows(FIRST_KEY, None)}
        old = time.time() - ABANDONED_AFTER
        for path in self._all_files():
            if path.parent.name + path.stem not in known and path.stat().st_mtime < old:
                path.unlink(missing_ok=True)
        self._backend.compact()
        return before - self.size()

    def close(self) -> None:
        """Let go of it; what was written is there."""
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
        return self._files.glob("*/*.pkl")

    def _drop_expired(self) -> None:
        if expired := self._backend.expired():
            with self.transaction():
                self._forget_files([key for key, _ in expired])
                self._backend.drop(expired)

    def _forget_files(self, keys: list[bytes]) -> None:
        """Have the files of what is under the keys removed at the end of the transaction."""
        if os.path.exists(self._files_name):
            self._local.replaced += self._backend.get_even_expired(keys).values()

    def _remove_files(self, values: Iterable[bytes]) -> None:
        for value in values:
            if (name := self._values.file_of(value)) is not None:
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


def reopened(path: str, ttl: float | None, durable: bool, trust: Trusted) -> Store:
    """The store that was pickled."""
    return Store(path, ttl=ttl, durable=durable, trust=trust)


def expiry(ttl: float | None) -> float | None:
    return None if ttl is None else time.time() + ttl


def equal(one: Any, other: Any) -> bool:
    """Whether two objects are equal; of arrays and tables, all of them."""
    from brinery.digests import digest

    same = one == other
    return same if isinstance(same, bool) else digest(one) == digest(other)


def shown_key(data: bytes) -> Any:
    """The key, or its bytes where it takes a pickle to know it."""
    try:
        return key_from(data, None) if is_plain(data) else data
    except DecodeError:
        return data


Store.__module__ = "brinery"
