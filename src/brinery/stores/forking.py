"""Forks wait until no other thread is in the middle of something that the child could not finish.

What a thread has locked within SQLite stays locked in a forked child, where that thread is not, and for ever.

Source: https://www.sqlite.org/howtocorrupt.html, 2.6; POSIX.1-2017, fork(): only the calling thread is in the child.
"""

from __future__ import annotations

import os
import threading
import time
import weakref
from types import TracebackType
from typing import Any, Protocol

__all__ = ["LONGEST", "Gate", "unforked"]

# A thread that waits for the one that forks would wait for ever.
LONGEST = 10.0  # seconds


class Gate(Protocol):
    """A lock that a thread may hold more than once."""

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """Wait for it, at most so many seconds; whether it is held."""

    def release(self) -> None:
        """Let go of it."""

    def __enter__(self) -> bool:
        """Wait for it."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None, /
    ) -> None:
        """Let go of it."""


class Gates(threading.local):
    """For each thread a lock, which it holds while it must not be cut in two."""

    def __init__(self) -> None:
        """In a thread that is met for the first time."""
        self.own: Gate = threading.RLock()
        with registry.adding:
            registry.gates[id(self.own)] = self.own


class Registry:
    """The locks of all threads; and which of them the thread that forks has taken."""

    def __init__(self) -> None:
        self.adding = threading.Lock()
        self.gates: weakref.WeakValueDictionary[int, Any] = weakref.WeakValueDictionary()
        self.taken: list[Any] = []

    def close(self) -> None:
        """Before a fork: wait for the others."""
        end = time.monotonic() + LONGEST
        self.adding.acquire()
        for gate in list(self.gates.values()):
            if gate.acquire(timeout=max(0.0, end - time.monotonic())):
                self.taken.append(gate)

    def open(self) -> None:
        """After it, in the parent."""
        while self.taken:
            self.taken.pop().release()
        self.adding.release()


registry = Registry()
gates = Gates()


def close() -> None:
    """Before a fork."""
    registry.close()


def reopen() -> None:
    """After it, in the parent."""
    registry.open()


def forget() -> None:
    """After a fork, in the child: none of the other threads is there."""
    global registry, gates  # noqa: PLW0603
    registry = Registry()
    gates = Gates()


def unforked() -> Gate:
    """What to hold, by ``with``, in a block during which no other thread may fork; blocks may be within each other."""
    return gates.own


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=close, after_in_parent=reopen, after_in_child=forget)
