"""Reading a range a page at a time, so that the first rows come before all are read and memory holds one page."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from brinery.stores.backend import Range, Row

__all__ = ["paged"]

FIRST = 32  # rows; who wants only the first does not wait for many
MOST = 2000
BYTES = 4 << 20  # of a page, about


def paged(
    read: Callable[[Range, int], tuple[list[Row], bytes | None]], within: Range, reverse: bool, limit: int | None
) -> Iterator[Row]:
    """The rows of a range in order, at most so many.

    Args:
        read: Reads the first rows of a range, at most so many; with the key it has come to, None at the end of it. It
            may have passed over keys that have gone meanwhile.
        within: The range.
        reverse: Whether `read` begins at the end.
        limit: How many rows there are at most.
    """
    size, left = FIRST, limit
    while left is None or left > 0:
        rows, last = read(within, size if left is None else min(size, left))
        yield from rows
        if last is None:
            return
        left = None if left is None else left - len(rows)
        within = Range(within.start, last) if reverse else Range(last + b"\x00", within.end)
        size = next_size(size, rows)


def next_size(size: int, rows: list[Row]) -> int:
    """Twice as many as before, as long as they fit a page."""
    taken = sum(len(key) + len(value) for key, value in rows)
    fitting = BYTES * len(rows) // taken if taken else MOST
    return max(1, min(2 * size, MOST, fitting))
