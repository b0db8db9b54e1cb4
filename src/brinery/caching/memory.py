"""Results in memory: those that were asked for last.

What cannot be changed is held as it is. Of anything else there is a pickle, and everybody gets an object of his own.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from brinery.caching.rows import VALUE, Outcome

__all__ = ["LARGE", "Memory", "Remembered", "remembered"]

# Results that take more stay in the store.
LARGE = 64 * 1024
ATOMS = frozenset({int, float, complex, bool, type(None), type(Ellipsis)})
DEEPEST = 20


class Remembered:
    """A result in memory.

    `is_ready` says that it is the value as the caller gets it, at any time. `until` is when the store has it no more.
    """

    __slots__ = ("created", "data", "is_large", "is_ready", "kind", "seconds", "size", "until", "value")

    def __init__(self, outcome: Outcome) -> None:
        """The outcome of a call, to be remembered for ever."""
        self.kind, self.created, self.seconds, payload = outcome
        self.until: float | None = None
        self.value: Any = None
        self.data: bytes | None = None
        self.size: int | None = None
        self.is_large = self.is_ready = False
        self._put(payload)

    def _put(self, payload: Any) -> None:
        self.size = size_in_memory(payload)
        if self.size is not None and self.size > LARGE:
            self.is_large = True
        elif is_immutable(payload, DEEPEST):
            self.value = payload
            self.is_ready = self.kind == VALUE
        else:
            from brinery.serializer import dumps

            data = dumps(payload, seal=False)
            self.size = len(data)
            if self.size > LARGE:
                self.is_large = True
            else:
                self.data = data

    def expire(self, until: float | None) -> None:
        """Say when the store has it no more, if ever."""
        self.until = until
        if until is not None:
            self.is_ready = False

    def payload(self) -> Any:
        """What came of the call; a new object each time, if it can be changed."""
        if self.data is None:
            return self.value
        from brinery.codec import decode
        from brinery.reducers import find_moved

        # The bytes never left this process: nobody else can have written them.
        return decode(self.data, missing=find_moved)


def remembered(outcome: Outcome, until: float | None) -> Remembered:
    """An outcome to be remembered until then.

    Raises:
        EncodeError: It can be changed, and it cannot be pickled.
    """
    made = Remembered(outcome)
    made.expire(until)
    return made


def size_in_memory(payload: Any) -> int | None:
    """How many bytes it takes, where that is easily told."""
    if type(payload) in {str, bytes}:
        return len(payload)
    size = getattr(payload, "nbytes", None)
    return size if isinstance(size, int) else None


def is_immutable(obj: Any, depth: int) -> bool:
    """Whether neither it nor anything in it can be changed; large ones count as if they could."""
    kind = type(obj)
    if kind in ATOMS:
        return kind is not int or obj.bit_length() < 8 * LARGE
    if kind is str or kind is bytes:
        return len(obj) <= LARGE
    if kind is tuple or kind is frozenset:
        return depth > 0 and len(obj) <= 1000 and all(is_immutable(each, depth - 1) for each in obj)
    return False


class Memory:
    """So many results by their keys; the one that was not asked for the longest time goes first.

    Each step is one of the interpreter's own, so that threads need no lock.

    >>> memory = Memory(2)
    >>> for number in (1, 2, 3):
    ...     memory.put(number, remembered(Outcome("value", 0, 0, number), None))
    >>> memory.get(1), memory.get(3).value
    (None, 3)
    """

    def __init__(self, size: int) -> None:
        """With room for so many."""
        self._size = size
        self._entries: OrderedDict[Any, Remembered] = OrderedDict()
        self.get = self._entries.get
        self.touch = self._entries.move_to_end  # raises KeyError where the entry has just gone

    def put(self, key: Any, entry: Remembered) -> None:
        """Remember something as the latest."""
        if not self._size:
            return
        entries = self._entries
        entries.pop(key, None)
        entries[key] = entry
        while len(entries) > self._size:
            try:
                entries.popitem(last=False)
            except KeyError:
                # Another thread has removed the last one.
                return

    def forget(self, key: Any) -> bool:
        """Remember it no more; whether it was there."""
        return self._entries.pop(key, None) is not None

    def __len__(self) -> int:
        """How many there are."""
        return len(self._entries)

    def clear(self) -> None:
        """Forget all."""
        self._entries.clear()
