"""Bytes in memory as a file to read, not copied; and names of what is in there."""

from __future__ import annotations

import io

_LONGEST_NAME = 300  # characters: a thousand members may claim the same long one


class Window(io.RawIOBase):
    """The data as a file to read, not copied."""

    def __init__(self, data: memoryview) -> None:
        """From the beginning of the data."""
        self._data = data
        self._at = 0

    def readable(self) -> bool:
        """Whether it can be read: it can."""
        return True

    def seekable(self) -> bool:
        """Whether :meth:`seek` works: it does."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place, which may be behind the end. Raises OSError before the beginning."""
        at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: len(self._data)}[whence]
        if at < 0:
            raise OSError("a place before the beginning of the file")
        self._at = at
        return at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Read into a buffer; returns how many bytes."""
        piece = self._data[self._at : self._at + len(buffer)]
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)


def inside(place: str, name: str) -> str:
    """The place of a member of what is at a place."""
    kept = name if len(name) <= _LONGEST_NAME else name[:_LONGEST_NAME] + "..."
    return f"{place}/{kept}" if place else kept
