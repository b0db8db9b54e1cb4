"""Processes of many machines, one after the other: leases in a store, which end unless they are renewed.

A lease is a row that only one can add. It says who has it, and what its owner waits for meanwhile, so that owners who
wait for each other see it.
"""

from __future__ import annotations

import threading
import time
from secrets import token_hex
from typing import Any

from brinery.caching.flight import Entry, Mark
from brinery.stores import Store

__all__ = ["Leases"]

LEASE = "memoize lease"
LASTS = 1.0  # seconds
RENEWED = 0.3  # seconds after which a lease is renewed
PAUSE = 0.03  # seconds between two looks at somebody else's lease


class Held:
    """A lease of this process's: who it is, and what its owner waits for."""

    def __init__(self) -> None:
        self.token = token_hex(16)
        self.waits: list[Any] = []

    def row(self) -> dict[str, Any]:
        """What the store has of it."""
        return {"owner": self.token, "waits": list(self.waits)}


class Leases:
    """The leases of one store, for this process.

    >>> import tempfile
    >>> with Store(tempfile.mkdtemp()) as store:
    ...     leases = Leases("here", store)
    ...     leases.take("key", frozenset())
    ...     leases.give("key")
    Entry(is_alone=True, waited=False)
    """

    def __init__(self, place: str, store: Store) -> None:
        """Of the store at that place."""
        self._place = place
        self.store = store
        self.forget()

    def forget(self) -> None:
        """Begin anew: in a forked process, which has none of the leases, and nobody who renews them."""
        self._mutex = threading.Lock()
        self._held: dict[Any, Held] = {}
        self._renewing: threading.Thread | None = None

    def take(self, key: Any, within: frozenset[Mark]) -> Entry:
        """Wait until nobody else has the lease of the key.

        Raises:
            BrineryError, OSError: The store cannot be used.
        """
        held = Held()
        inside = {key for place, key in within if place == self._place}
        waited = False
        try:
            while not self.store.add((LEASE, key), held.row(), ttl=LASTS):
                if not waited:
                    waited = True
                    self._note(key, inside)
                if self._comes_never(key, inside):
                    return Entry(False, True)
                time.sleep(PAUSE)
        finally:
            if waited:
                self._stop_waiting(key, inside)
        with self._mutex:
            self._held[key] = held
            if self._renewing is None:
                self._renewing = threading.Thread(target=self._renew, name="leases", daemon=True)
                self._renewing.start()
        return Entry(True, waited)

    def give(self, key: Any) -> None:
        """Let the next one have it.

        Raises:
            BrineryError, OSError: The store cannot be used.
        """
        with self._mutex:
            held = self._held.pop(key, None)
        if held is not None:
            with self.store.transaction():
                if self._is_still(key, held):
                    self.store.delete_many([(LEASE, key)])

    def _is_still(self, key: Any, held: Held) -> bool:
        row = self.store.get((LEASE, key))
        return row is not None and bool(row["owner"] == held.token)

    def _note(self, key: Any, inside: set[Any]) -> None:
        """Have others see in our leases that their owner waits for the key."""
        with self._mutex:
            changed = {each: self._held[each] for each in inside if each in self._held}
            for held in changed.values():
                held.waits.append(key)
        for each, held in changed.items():
            self._write(each, held)

    def _stop_waiting(self, key: Any, inside: set[Any]) -> None:
        with self._mutex:
            for each in inside:
                if each in self._held and key in self._held[each].waits:
                    self._held[each].waits.remove(key)

    def _comes_never(self, key: Any, inside: set[Any]) -> bool:
        """Whether the owner of the key waits, directly or not, for what wants to wait for it."""
        seen: set[Any] = set()
        ahead = [key] if inside else []
        while ahead:
            each = ahead.pop()
            if each in inside:
                return True
            if each not in seen:
                seen.add(each)
                ahead += (self.store.get((LEASE, each)) or {"waits": ()})["waits"]
        return False

    def _write(self, key: Any, held: Held) -> None:
        """Renew a lease, unless it has ended and somebody else has it, or it was given back meanwhile."""
        with self.store.transaction():
            if self._is_still(key, held) or ((LEASE, key) not in self.store and self._held.get(key) is held):
                self.store.set((LEASE, key), held.row(), ttl=LASTS)

    def _renew(self) -> None:
        """Renew all that are held, until there is none."""
        while True:
            time.sleep(RENEWED)
            with self._mutex:
                held = list(self._held.items())
                if not held:
                    self._renewing = None
                    return
            for key, each in held:
                try:
                    self._write(key, each)
                except Exception:
                    # The store cannot be used just now. If that lasts, somebody else computes, too: no more than that.
                    continue
