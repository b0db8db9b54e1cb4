"""Where results are: the stores of this process, each opened once, and the flights of each."""

from __future__ import annotations

import os
import threading
from pathlib import Path

from brinery.caching.flight import Flights, Gate
from brinery.caching.leases import Leases
from brinery.caching.locks import RecordLocks
from brinery.stores import Store

__all__ = ["VARIABLE", "default_place", "flights_of", "opened"]

VARIABLE = "BRINERY_CACHE"
LOCKS = "flights.lock"


def default_place() -> str:
    """Where results are unless somebody says where: what the variable BRINERY_CACHE says, or the user's cache."""
    from platformdirs import user_cache_path

    return os.environ.get(VARIABLE) or os.fspath(user_cache_path("brinery") / "results")


class Opened:
    """What this process has opened."""

    def __init__(self) -> None:
        self.forget()
        self.stores: dict[str, Store] = {}
        self.flights: dict[str, Flights] = {}

    def forget(self) -> None:
        """In a forked process: nobody holds the lock. The stores see to it themselves that they connect anew."""
        self.lock = threading.Lock()

    def after_fork(self) -> None:
        """Begin the flights anew."""
        self.forget()
        for flights in self.flights.values():
            if isinstance(flights.gate, RecordLocks | Leases):
                flights.gate.forget()


HERE = Opened()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=HERE.after_fork)


def opened(place: str) -> Store:
    """The store at a path or URL.

    Raises:
        StoreError: It is none, or of a later version.
        OSError: It cannot be opened.
    """
    place = place if "://" in place else os.path.abspath(place)
    with HERE.lock:
        found = HERE.stores.get(place)
        if found is None:
            found = HERE.stores[place] = Store(place)
    return found


def flights_of(store: Store) -> Flights:
    """The flights of a store: by locks where it is in a folder, by leases where it is not."""
    folder = store.folder if has_locks() else None
    place = store.place if folder is None else os.path.realpath(folder)
    with HERE.lock:
        found = HERE.flights.get(place)
        if found is None or (isinstance(found.gate, Leases) and found.gate.store is not store):
            gate: Gate = Leases(place, store) if folder is None else RecordLocks(Path(place, LOCKS))
            found = HERE.flights[place] = Flights(place, gate)
    return found


def has_locks() -> bool:
    """Whether the system has locks of records."""
    try:
        import fcntl  # noqa: F401 - whether it is there
    except ImportError:
        return False
    return True
