"""What a place has to offer that stores can be kept in: rows in the order of their keys, and transactions.

All else that stores can do is built on these few, once for all places, see :mod:`brinery.stores.spaces`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import NamedTuple, Protocol

__all__ = ["Backend", "Range", "Row"]

Row = tuple[bytes, bytes]  # key and value


class Range(NamedTuple):
    """The keys from `start` on and before `end`, in the order of their bytes."""

    start: bytes
    end: bytes


class Backend(Protocol):
    """Values under keys, both bytes. Safe to use from any thread, and by any number of processes; also after a fork.

    Raises StoreError where the place cannot be used. A write is there for everybody once the call, or the outermost
    transaction, has returned; and a transaction that was not ended by its block has written nothing.
    """

    id: bytes  # 16 bytes, of this store alone; made when it is first opened, by one of several that open it at once
    place: str  # where it is, for people: no passwords

    def transaction(self) -> AbstractContextManager[None]:
        """All that this thread writes in the block, at once or not at all; nobody else writes meanwhile.

        What was written in the block is seen by its own reads, and by nobody else's before the end. One within another
        that is left by an error takes back what was written in it.
        """

    def get(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """The values of those of the keys that are there."""

    def scan(
        self, within: Range, *, reverse: bool = False, values: bool = True, limit: int | None = None
    ) -> Iterator[Row]:
        """The rows of a range in order, at most so many; with empty values where they are not wanted.

        The first rows come before all have been read. What is written meanwhile may be met or not.
        """

    def count(self, within: Range) -> int:
        """How many keys are in a range."""

    def put(self, rows: Sequence[Row], gone: Sequence[bytes] = (), *, unless: Range | None = None) -> bool:
        """Write rows over what is there, and remove keys, all at once or nothing; of a key twice the last row counts.

        Args:
            rows: What to write.
            gone: Keys to remove, whether they are there or not. None of them is in `rows`.
            unless: Do nothing if there is a key in this range.

        Answers with whether it was done.
        """

    def version(self) -> object:
        """Something that is another each time after somebody has written; None where that cannot be told cheaply."""

    def size(self) -> int:
        """Bytes that it takes."""

    def compact(self) -> None:
        """Give room back that nothing needs any more."""

    def problems(self) -> list[str]:
        """What is wrong with the place itself."""

    def salvage(self) -> Iterator[Row]:
        """All rows that can be read in whatever way, of a place that is damaged; in any order, some perhaps twice."""

    def rebuild(self, rows: Iterable[Row]) -> None:
        """Make the place anew, with these rows and nothing else."""

    def close(self) -> None:
        """Let go of it."""
