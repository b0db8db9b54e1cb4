"""Single flight: of all threads, tasks and processes that want the same result, one computes it and the others wait.

Within a process :class:`Turns` orders the threads; between processes a :class:`Gate` does: record locks of a file, or
leases in a store. Nobody waits for ever: an owner that dies is replaced, and who would wait for somebody that waits for
it goes ahead and computes.
"""

from __future__ import annotations

import os
import threading
from contextvars import ContextVar, Token
from typing import Any, NamedTuple, Protocol

__all__ = ["Entry", "Flight", "Flights", "Gate", "Mark", "Turns", "turns", "within"]

Mark = tuple[str, Any]  # of one flight in this process: where the results are, and the key
# What this thread or task is just computing, and what it is computed for: copied into the tasks that it starts.
within: ContextVar[frozenset[Mark]] = ContextVar("within", default=frozenset())


class Entry(NamedTuple):
    """How somebody came in: whether there is nobody else, and whether somebody was there before."""

    is_alone: bool
    waited: bool


class Gate(Protocol):
    """Lets in one process at a time for each key."""

    def take(self, key: Any, within: frozenset[Mark]) -> Entry:
        """Wait until no other process is in; not where that could be for ever.

        Args:
            key: What is wanted.
            within: What it is computed for, which others may wait for meanwhile.
        """

    def give(self, key: Any) -> None:
        """Let the next one in."""


class Turn:
    """The threads of this process that want to be alone with one key."""

    __slots__ = ("count", "lock")

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.count = 0


class Turns:
    """Lets in one thread of this process at a time for each mark, and sees when they would wait for each other.

    >>> turns = Turns()
    >>> turns.take(("here", 1), frozenset()), turns.take(("here", 1), frozenset({("here", 1)}))
    (Entry(is_alone=True, waited=False), Entry(is_alone=False, waited=False))
    >>> turns.give(("here", 1))
    """

    def __init__(self) -> None:
        """With nobody there."""
        self.forget()

    def forget(self) -> None:
        """Begin anew: in a forked process, where none of the other threads is."""
        self._mutex = threading.Lock()
        self._turns: dict[Mark, Turn] = {}
        # For what is being computed: what it waits for.
        self._waits: dict[Mark, list[Mark]] = {}

    def take(self, mark: Mark, within: frozenset[Mark]) -> Entry:
        """Wait until no other thread is in; not where that would be for ever."""
        if mark in within:
            return Entry(False, False)
        with self._mutex:
            turn = self._turns.setdefault(mark, Turn())
            if turn.lock.acquire(blocking=False):
                turn.count += 1
                return Entry(True, False)
            if self._comes_never(mark, within):
                return Entry(False, False)
            turn.count += 1
            self._note(mark, within)
        try:
            turn.lock.acquire()
        except BaseException:
            # Ctrl-C
            with self._mutex:
                self._leave(mark, turn)
            raise
        finally:
            self.stop_waiting(mark, within)
        return Entry(True, True)

    def give(self, mark: Mark) -> None:
        """Let the next one in."""
        with self._mutex:
            turn = self._turns.get(mark)
            if turn is not None:  # as it would be after a fork
                self._leave(mark, turn)
                turn.lock.release()

    def wait(self, mark: Mark, within: frozenset[Mark]) -> bool:
        """Note that what is computed waits for `mark`; whether it may, as that is not for ever."""
        with self._mutex:
            if self._comes_never(mark, within):
                return False
            self._note(mark, within)
            return True

    def stop_waiting(self, mark: Mark, within: frozenset[Mark]) -> None:
        """Take back what :meth:`wait` noted."""
        with self._mutex:
            for each in within:
                waits = self._waits.get(each, [])
                if mark in waits:
                    waits.remove(mark)
                if not waits:
                    self._waits.pop(each, None)

    def _note(self, mark: Mark, within: frozenset[Mark]) -> None:
        for each in within:
            self._waits.setdefault(each, []).append(mark)

    def _comes_never(self, mark: Mark, within: frozenset[Mark]) -> bool:
        """Whether `mark` waits, directly or not, for what wants to wait for it."""
        seen: set[Mark] = set()
        ahead = [mark]
        while ahead:
            each = ahead.pop()
            if each in within:
                return True
            if each not in seen:
                seen.add(each)
                ahead += self._waits.get(each, ())
        return False

    def _leave(self, mark: Mark, turn: Turn) -> None:
        turn.count -= 1
        if not turn.count:
            del self._turns[mark]


turns = Turns()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=turns.forget)


class Flights:
    """The flights of one store.

    >>> flights = Flights("here", None)
    >>> with flights.alone("key") as flight:
    ...     flight.is_alone, flight.waited
    (True, False)
    """

    def __init__(self, place: str, gate: Gate | None) -> None:
        """Of the store at that place; without a gate within this process only."""
        self.place = place
        self.gate = gate

    def alone(self, key: Any) -> Flight:
        """A block in which nobody else is, anywhere, that is alone with the same key.

        Where waiting would be for ever, it is entered beside somebody else.

        Raises:
            OSError, BrineryError: The file of locks, or the store, cannot be used.
        """
        return Flight(self, key)


class Flight:
    """One attempt to be alone with a key."""

    __slots__ = ("_flights", "_key", "_token", "is_alone", "mark", "waited")

    def __init__(self, flights: Flights, key: Any) -> None:
        """Not yet in."""
        self._flights = flights
        self._key = key
        self._token: Token[frozenset[Mark]] | None = None
        self.mark: Mark = (flights.place, key)
        self.is_alone = False
        self.waited = False

    def take(self, inside: frozenset[Mark]) -> None:
        """Come in, from any thread, for somebody who is `inside` other flights."""
        is_alone, self.waited = turns.take(self.mark, inside)
        gate = self._flights.gate
        if gate is None or not is_alone:
            self.is_alone = is_alone
            return
        try:
            entry = gate.take(self._key, inside)
        except BaseException:
            turns.give(self.mark)
            raise
        self.waited = self.waited or entry.waited
        self.is_alone = entry.is_alone
        if not self.is_alone:
            turns.give(self.mark)

    def give(self) -> None:
        """Go out, from any thread."""
        if not self.is_alone:
            return
        self.is_alone = False
        try:
            if self._flights.gate is not None:
                self._flights.gate.give(self._key)
        finally:
            turns.give(self.mark)

    def begin(self) -> None:
        """Note in this thread or task that it is in."""
        if self.is_alone:
            self._token = within.set(within.get() | {self.mark})

    def end(self) -> None:
        """Take back what :meth:`begin` noted."""
        if self._token is not None:
            within.reset(self._token)
            self._token = None

    def __enter__(self) -> Flight:
        """Come in, and wait for it."""
        self.take(within.get())
        self.begin()
        return self

    def __exit__(self, *_: object) -> None:
        """Go out."""
        self.end()
        self.give()
