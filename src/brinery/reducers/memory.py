"""Memory that several objects of a pickle use: views of one array, tensors of one storage.

What of such a memory has to travel is known only when all of its users have been met, and a pickle is written in one
go. So the first user goes as it would alone, and later ones refer to it; where one of them lies outside of what the
first took along, the pickle is written again, with the extent of all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Owner = tuple[int, int]  # the address of a memory and its size in bytes


@dataclass(slots=True)
class Extent:
    """A part of a memory: addresses, the end not included."""

    start: int
    end: int
    writable: bool

    @property
    def size(self) -> int:
        """In bytes."""
        return self.end - self.start

    def covers(self, other: Extent) -> bool:
        """Whether the other can be used through this one."""
        return self.start <= other.start and other.end <= self.end and self.writable >= other.writable

    def __or__(self, other: Extent) -> Extent:
        return Extent(min(self.start, other.start), max(self.end, other.end), self.writable or other.writable)


@dataclass(slots=True)
class Holder:
    """The object of the pickle that takes an extent of a memory along; None covers nothing."""

    obj: Any
    extent: Extent


class SharedMemory:
    """Who takes what along, in one pass over an object graph.

    Args:
        before: The pass before this one, which did not settle.
    """

    __slots__ = ("_extents", "_holders", "_kept", "_known", "_owners", "_windows", "is_settled")

    def __init__(self, before: SharedMemory | None = None) -> None:
        self.is_settled = True  # all users of a memory refer to the same part of it
        self._known = before._extents if before is not None else None
        self._extents: dict[Owner, Extent] = dict(self._known or {})
        self._holders: dict[Owner, Holder] = {}
        self._owners: dict[int, Owner] = {}
        self._windows: set[int] = set()
        # Whose addresses and ids are keys; what the pass before knew by its address has to stay where it is, too.
        self._kept: list[Any] = [before]

    def owner_behind(self, obj: Any) -> Owner | None:
        """The memory that an object was said to own."""
        return self._owners.get(id(obj))

    def note_owner(self, obj: Any, owner: Owner) -> Owner:
        """Say that an object owns a memory."""
        self._owners[id(self.keep(obj))] = owner
        return owner

    def keep(self, obj: Any) -> Any:
        """The object, which lives as long as the pass does."""
        self._kept.append(obj)
        return obj

    def note_written(self, owner: Owner, obj: Any, extent: Extent) -> None:
        """Say that an object has been written which may take an extent along for others."""
        wanted = self._extents.get(owner)
        if owner not in self._holders and (wanted is None or extent.covers(wanted)):
            self.hold(owner, obj, extent)

    def holder(self, owner: Owner, extent: Extent, window: Callable[[Extent], Any]) -> Holder | None:
        """Who takes along the extent of a memory that an object uses; None if it has to do so itself.

        ``window`` makes an object that takes along nothing but an extent.
        """
        found = self._holders.get(owner)
        if found is None and self._known is not None:
            whole = self._known.get(owner) or Extent(owner[0], sum(owner), extent.writable)
            found = self.hold(owner, window(whole), whole)
        wanted = self._extents.get(owner)
        if wanted is None or not wanted.covers(extent):
            self._extents[owner] = wanted | extent if wanted is not None else extent
        if found is None or (found.obj is not None and found.extent.covers(extent)):
            return found
        self.is_settled = False
        return None

    def hold(self, owner: Owner, obj: Any, extent: Extent) -> Holder:
        """Have an object take an extent of a memory along for others; None as the object has nobody do so."""
        self._holders[owner] = Holder(self.keep(obj), extent)
        return self._holders[owner]

    def as_window(self, obj: Any) -> Any:
        """The object, known to be there for nothing but the memory."""
        self._windows.add(id(self.keep(obj)))
        return obj

    def is_window(self, obj: Any) -> bool:
        """Whether the object is there for nothing but the memory."""
        return id(obj) in self._windows
