"""What a place has to offer that stores can be kept in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import NamedTuple, Protocol

__all__ = ["Backend", "Entry", "Row"]

Row = tuple[bytes, bytes]  # key and value


class Entry(NamedTuple):
    """What is written under a key; `expires` in seconds since the epoch, None for never."""

    key: bytes
    value: bytes
    expires: float | None = None
    tags: tuple[str, ...] = ()


class Backend(Protocol):
    """Values under keys, both bytes; what has expired is not there. Safe to use from any thread.

    Raises StoreError where it cannot be used.
    """

    id: bytes  # 16 bytes, of this store alone

    def transaction(self) -> AbstractContextManager[None]:
        """All that this thread writes in the block, at once or not at all; nobody else writes meanwhile.

        One within another that is left by an error takes back what was written in it.
        """

    def get(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """The values of the keys that are there."""

    def get_even_expired(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """The values of the keys that are kept, whether they have expired or not."""

    def put(self, entries: Iterable[Entry]) -> bool:
        """Write entries over what is under their keys, all or none; whether there is something that has expired."""

    def delete(self, keys: Sequence[bytes]) -> int:
        """Remove what is under the keys; how many there were."""

    def rows(self, start: bytes, end: bytes | None, *, reverse: bool = False, values: bool = True) -> Iterator[Row]:
        """Keys from `start` on and before `end`, in order, with values or None; as they were at the beginning."""

    def tagged(self, tag: str) -> list[bytes]:
        """The keys with a tag, in order."""

    def expires(self, key: bytes) -> float | None:
        """When the entry of a key expires, in seconds since the epoch; None for never."""

    def expired(self) -> list[Row]:
        """The entries that have expired and are still kept."""

    def drop(self, rows: Iterable[Row]) -> None:
        """Remove entries that are still what they were."""

    def count(self) -> int:
        """How many keys there are."""

    def size(self) -> int:
        """Bytes that it takes."""

    def compact(self) -> None:
        """Give room back that nothing needs any more."""

    def problems(self) -> list[str]:
        """What is wrong with the place itself."""

    def close(self) -> None:
        """Let go of it."""
