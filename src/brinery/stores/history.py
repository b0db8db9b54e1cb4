"""What keys had before: versions of one key, and a whole store as it was at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from heapq import merge
from itertools import groupby
from typing import Any

from brinery.stores.backend import Backend, Range, Row
from brinery.stores.keys import key_from, key_to_bytes
from brinery.stores.spaces import ENTRIES, VERSIONS, key_of_version, microseconds, time_of_version, version_range
from brinery.stores.values import Values, expires_of

__all__ = ["Past", "Version", "versions_of"]


class Version:
    """What a key had from a time on: :meth:`load` gives the object. `is_removal` where it was removed then."""

    def __init__(self, time: datetime, key: bytes, value: bytes, values: Values) -> None:
        """From that time on; without a value where the key was removed."""
        self.time = time
        self.is_removal = not value
        self._key = key
        self._value = value
        self._values = values

    def load(self) -> Any:
        """The object.

        Raises:
            KeyError: The key was removed then.
            IntegrityError, UntrustedError: As for ``store[key]``.
        """
        if self.is_removal:
            raise KeyError(f"removed at {self.time:%Y-%m-%d %H:%M:%S}")
        return self._values.read(self._key, self._value)

    def __repr__(self) -> str:
        """When it was, and whether it was removed."""
        return f"<Version {self.time:%Y-%m-%d %H:%M:%S.%f}{' removed' if self.is_removal else ''}>"


def versions_of(backend: Backend, values: Values, key: Any) -> list[Version]:
    """What a key has had, the oldest first."""
    data = key_to_bytes(key)
    return [
        Version(datetime.fromtimestamp(time_of_version(row) / 1e6, UTC), data, value, values)
        for row, value in backend.scan(version_range(data))
    ]


class Past(Mapping[Any, Any]):
    """A store as it was at a time, as far back as its history goes; to be read only."""

    def __init__(self, backend: Backend, values: Values, when: float, *, has_history: bool) -> None:
        """At a time, in seconds since the epoch. Without a history nothing is known of then."""
        self._backend = backend
        self._values = values
        self._when = microseconds(when)
        self._has_history = has_history

    def __getitem__(self, key: Any) -> Any:
        """The object that was under a key then.

        Raises:
            KeyError: There was none.
        """
        data = key_to_bytes(key)
        value = self._value(data)
        if not value:
            raise KeyError(key)
        return self._values.read(data, value)

    def _value(self, data: bytes) -> bytes:
        # First, as a write would begin the history of the key.
        found = self._backend.get([data]).get(data, b"") if self._has_history else b""
        has_changed = any(True for _ in self._backend.scan(version_range(data), values=False, limit=1))
        if has_changed:
            rows = self._backend.scan(version_range(data, self._when), reverse=True, limit=1)
            found = next((value for _, value in rows), b"")
        expires = expires_of(found)
        return b"" if expires is not None and microseconds(expires) <= self._when else found

    def __iter__(self) -> Iterator[Any]:
        """The keys that were there then, in order."""
        unchanged = (data for data, _ in self._backend.scan(ENTRIES, values=False)) if self._has_history else ()
        for data, _ in groupby(merge(keys_of_versions(self._backend), unchanged)):
            value = self._value(data)
            if value:
                yield key_from(data, partial(self._values.key, data, value))

    def __len__(self) -> int:
        """How many keys there were. Linear in all that the store and its history have."""
        return sum(1 for _ in self)

    def __repr__(self) -> str:
        """When it is."""
        return f"<Past {datetime.fromtimestamp(self._when / 1e6, UTC):%Y-%m-%d %H:%M:%S.%f}>"


def keys_of_versions(backend: Backend) -> Iterator[bytes]:
    """All keys that have a history, each once, in order."""
    start = VERSIONS.start
    while True:
        first: Row | None = next(backend.scan(Range(start, VERSIONS.end), values=False, limit=1), None)
        if first is None:
            return
        key = key_of_version(first[0])
        yield key
        start = version_range(key).end
