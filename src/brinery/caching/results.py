"""The results of one function: finding what is kept of a call, and keeping what came of it."""

from __future__ import annotations

import os
import reprlib
import threading
import time
from collections.abc import Callable
from hashlib import blake2b
from typing import Any, NamedTuple

from brinery.caching import places
from brinery.caching.calls import Calls, is_small, plain_key
from brinery.caching.code import Code, Part, Watched, arguments_digest, code_of_classes
from brinery.caching.flight import Flights
from brinery.caching.memory import Memory, Remembered, remembered
from brinery.caching.outcomes import Found
from brinery.caching.problems import OnError, Problems
from brinery.caching.rows import Key, Outcome, Rows
from brinery.errors import DecodeError, EncodeError
from brinery.stores import Store

__all__ = ["Edition", "Query", "Results", "Settings"]

SHORT = 200  # characters of an argument, for people


class Looking:
    """One thread at a time looks at code, so that no older edition replaces a newer one."""

    def __init__(self) -> None:
        """With nobody looking; in a forked process, too, where none of the other threads is."""
        self.lock = threading.RLock()


LOOKING = Looking()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=LOOKING.__init__)  # type: ignore[misc]


class Settings(NamedTuple):
    """What was said to :func:`brinery.memoize`."""

    store: Any = None
    ttl: float | None = None
    ignore: tuple[str, ...] = ()
    version: str | None = None
    single_flight: bool = True
    on_error: OnError = "warn"
    exceptions: tuple[type[Exception], ...] = ()
    stale: float | None = None
    memory: int = 1024


class Edition:
    """A function while its code is the same: how it is called, and the results of it that are in memory."""

    __slots__ = ("calls", "code", "fills", "get", "memory", "touch")

    def __init__(self, code: Code | None, calls: Calls, memory: Memory) -> None:
        """With the code, None before it was looked at."""
        self.code = code
        self.calls = calls
        self.fills = calls.fills
        self.memory = memory
        self.get = memory.get
        self.touch = memory.touch


class Query:
    """What is asked for: a call of one edition. `key` is only there once it was asked for."""

    __slots__ = ("code", "edition", "key", "plain", "values")

    def __init__(self, edition: Edition, values: tuple[Any, ...]) -> None:
        """A call with these values."""
        self.edition = edition
        self.values = values
        self.plain = plain_key(values)
        self.key: Key | None = None
        self.code: Code | None = None


class Results:
    """The results of one function, in memory and in the store."""

    def __init__(self, function: Callable[..., Any], name: str, settings: Settings) -> None:
        """Of that function; nothing is opened yet."""
        self.name = name
        self.problems = Problems(name, settings.on_error)
        self._function = function
        self._settings = settings
        self._lasts = None if settings.ttl is None else settings.ttl + (settings.stale or 0.0)
        self._watched = None if settings.version is not None else Watched(function)
        self._rows: Rows | None = None
        self._flights: Flights | None = None
        self._known_code: set[str] = set()
        # Until the code was looked at, there is nothing in memory.
        self._edition = self._new_edition(None)
        self.is_same: Callable[[], bool] = is_always if self._watched is None else self._watched.is_same

    def _new_edition(self, code: Code | None) -> Edition:
        calls = Calls(self._function, self._settings.ignore)
        return Edition(code, calls, Memory(self._settings.memory))

    # What is asked

    def edition(self) -> Edition:
        """The function as its code is now.

        Raises:
            EncodeError: It depends on something that has no value to speak of.
        """
        edition = self._edition
        if edition.code is not None and self.is_same():
            return edition
        with LOOKING.lock:
            code = self._code()
            if self._edition.code is None or self._edition.code.digest != code.digest:
                self._edition = self._new_edition(code)
            return self._edition

    def latest(self) -> Edition:
        """The function as its code was when it was looked at last."""
        return self._edition

    def _code(self) -> Code:
        if self._watched is not None:
            return self._watched.code()
        version = str(self._settings.version)
        return Code(f"version {version}", (Part("version", self.name, version, version),))

    def query(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Query:
        """A call.

        Raises:
            TypeError: The function does not take such arguments.
            EncodeError: As :meth:`edition`.
        """
        edition = self.edition()
        return Query(edition, edition.calls.values(args, kwargs))

    def key(self, query: Query) -> Key:
        """The key of a call.

        Raises:
            EncodeError: Something in its arguments has no value to speak of.
        """
        if query.key is None:
            code = query.edition.code
            assert code is not None
            digest, classes = digest_of(query)
            own = code_of_classes(classes) if classes and self._watched is not None else None
            if own is not None:
                code = Code(both(code.digest, own.digest), (*code.parts, *own.parts))
            query.code = code
            query.key = Key(self.name, code.digest, digest)
        return query.key

    # Finding

    def from_memory(self, query: Query) -> Found | None:
        """What memory has of a call."""
        memory = query.edition.memory
        if query.plain is not None:
            found = self._remembered(memory, query.plain)
            if found is not None:
                return found
        return self._remembered(memory, self.key(query))

    def _remembered(self, memory: Memory, key: Any) -> Found | None:
        entry = memory.get(key)
        if entry is None or entry.is_large:
            return None
        now = time.time()
        if (entry.until is not None and now >= entry.until) or not self._counts(entry.created, now):
            memory.forget(key)
            return None
        try:  # noqa: SIM105 - suppress() takes a microsecond
            memory.touch(key)
        except KeyError:
            pass  # another thread has just removed it; here it is
        try:
            payload = entry.payload()
        except Exception as error:
            memory.forget(key)
            self.problems.met("damaged", error)
            return None
        is_stale = self._is_stale(entry.created, now)
        return Found(entry.kind, payload, "memory", is_stale, entry.created, entry.seconds)

    def from_store(self, query: Query) -> Found | None:
        """What the store has of a call; memory has it from now on, too."""
        key = self.key(query)
        try:
            outcome = self.rows().outcome(key)
        except DecodeError as error:
            self.problems.met("damaged", error)
            return None
        except Exception as error:
            self.problems.met("store", error)
            return None
        now = time.time()
        if outcome is None or not self._counts(outcome.created, now):
            return None
        self._promote(query, key, outcome)
        is_stale = self._is_stale(outcome.created, now)
        return Found(outcome.kind, outcome.payload, "store", is_stale, outcome.created, outcome.seconds)

    def _promote(self, query: Query, key: Key, outcome: Outcome) -> None:
        """Have memory hold what the store has, for as long as the store does."""
        if not self._settings.memory or self._is_known_as_large(query, key):
            return
        try:
            entry = remembered(outcome, self._until(outcome, self.rows().seconds_left(key)))
        except KeyError:
            return  # it has just expired
        except Exception as error:
            self.problems.met("result", error)
            return
        query.edition.memory.put(self._slot(query, key), entry)

    def _until(self, outcome: Outcome, left: float | None) -> float | None:
        """When memory may have it no more: in so many seconds, or as the function's own time is up."""
        ends = [] if left is None else [time.time() + left]
        if self._lasts is not None:
            ends.append(outcome.created + self._lasts)
        return min(ends, default=None)

    def _is_known_as_large(self, query: Query, key: Key) -> bool:
        entry = query.edition.get(self._slot(query, key))
        return entry is not None and entry.is_large

    def _slot(self, query: Query, key: Key) -> Any:
        """The key in memory."""
        return query.plain if query.plain is not None and is_small(query.values) else key

    def _counts(self, created: float, now: float) -> bool:
        return self._lasts is None or now < created + self._lasts

    def _is_stale(self, created: float, now: float) -> bool:
        return self._settings.ttl is not None and now >= created + self._settings.ttl

    # Keeping

    def keep(self, query: Query, kind: str, payload: Any, seconds: float) -> None:
        """Keep what came of a call, in memory and in the store."""
        outcome = Outcome(kind, time.time(), seconds, payload)
        key = self.key(query)
        entry: Remembered | None = None
        if self._settings.memory:
            try:
                entry = remembered(outcome, None)
            except Exception as error:
                self.problems.met("result", error)
                return
        left = self._write(query, key, outcome, None if entry is None else entry.size)
        if entry is not None:
            entry.expire(self._until(outcome, left))
            query.edition.memory.put(self._slot(query, key), entry)

    def _write(self, query: Query, key: Key, outcome: Outcome, size: int | None) -> float | None:
        """Write the rows; for how long the store has them, None for ever or if it could not be written."""
        code, base = query.code, query.edition.code
        assert code is not None
        assert base is not None
        try:
            rows = self.rows()
            if code.digest not in self._known_code:
                rows.keep_code(self.name, code.digest, base.digest, code)
                self._known_code.add(code.digest)
            rows.keep(key, outcome, self._about(query, key, outcome, size), self._lasts)
            # A store can have a time of its own.
            return rows.seconds_left(key) if self._settings.memory else None
        except KeyError:
            return 0.0  # it has just expired
        except Exception as error:
            self.problems.met("result" if isinstance(error, EncodeError) else "store", error)
            return None

    def _about(self, query: Query, key: Key, outcome: Outcome, size: int | None) -> dict[str, Any]:
        return {
            "created": outcome.created,
            "seconds": outcome.seconds,
            "kind": outcome.kind,
            "size": size,
            "arguments": self.arguments(query, key),
        }

    def arguments(self, query: Query, key: Key) -> dict[str, list[str]]:
        """The arguments of a call by their names: the digest of each, and what people see of it."""
        named = query.edition.calls.named(query.values)
        if len(named) == 1:
            return {name: [key.arguments, short(value)] for name, value in named.items()}
        return {name: [arguments_digest(value)[0], short(value)] for name, value in named.items()}

    def forget(self, query: Query) -> bool:
        """Remove what is kept of a call; whether there was something.

        Raises:
            BrineryError, OSError: The store cannot be used.
        """
        key = self.key(query)
        memory = query.edition.memory
        was_there = memory.forget(key) | (query.plain is not None and memory.forget(query.plain))
        return bool(self.rows().remove([key])) or was_there

    def clear(self) -> int:
        """Remove all that is kept of the function, whatever its code was; how many results the store had.

        Raises:
            BrineryError, OSError: The store cannot be used.
        """
        self._edition.memory.clear()
        self._known_code.clear()
        return self.rows().clear(self.name)

    # Places

    def rows(self) -> Rows:
        """The rows in the store, which is opened now.

        Raises:
            BrineryError, OSError: It cannot be.
        """
        if self._rows is None:
            place = self._settings.store
            if not isinstance(place, Store):
                place = places.opened(places.default_place() if place is None else os.fspath(place))
            self._rows = Rows(place)
        return self._rows

    def flights(self) -> Flights:
        """The flights in the store.

        Raises:
            BrineryError, OSError: It cannot be opened.
        """
        if self._flights is None:
            self._flights = places.flights_of(self.rows().store)
        return self._flights


def digest_of(query: Query) -> tuple[str, tuple[type, ...]]:
    """The digest of the values of a call, and the user's own classes in them."""
    if query.plain is not None and is_small(query.values):
        # As plain values are told apart by how they are written: a fraction of the time.
        return blake2b(ascii(query.values).encode(), digest_size=32).hexdigest(), ()
    return arguments_digest(query.values)


def is_always() -> bool:
    return True


def both(one: str, other: str) -> str:
    """One digest for two."""
    return blake2b(f"{one} {other}".encode(), digest_size=32).hexdigest()


class Short(reprlib.Repr):
    """What people see of a value, without looking at all of a large one."""

    def __init__(self) -> None:
        super().__init__()
        self.maxstring = self.maxother = self.maxlong = SHORT
        self.maxlevel = 4


def short(value: Any) -> str:
    try:
        return Short().repr(value)[:SHORT]
    except Exception as error:  # of a __repr__ that is somebody else's
        return f"<{type(value).__qualname__}: {type(error).__name__}>"
