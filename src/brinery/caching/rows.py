"""What a store has of results: the rows, and their keys.

::

    ("memoize", function, code, arguments)        what came of a call: (kind, created, seconds, payload)
    ("memoize about", function, code, arguments)  of the call: {created, seconds, kind, size, arguments}
    ("memoize code", function, code)              of the code: {created, base, parts}

All parts of the keys are texts: the name of the function, the digest of its code (or its version), and the digest of
the arguments. Looking for a result takes the first row only.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any, NamedTuple

from brinery.caching.code import Code, Part
from brinery.errors import IntegrityError
from brinery.stores import ABSENT, Store

__all__ = ["ERROR", "ITEMS", "KINDS", "VALUE", "Key", "KnownCode", "Outcome", "Rows"]

RESULT, ABOUT, CODE = "memoize", "memoize about", "memoize code"
VALUE, ITEMS, ERROR = KINDS = ("value", "items", "error")


class Key(NamedTuple):
    """Which call it was."""

    name: str
    code: str
    arguments: str


class Outcome(NamedTuple):
    """What came of a call: a value, the items of a generator, or an error; when, and how long it took."""

    kind: str
    created: float
    seconds: float
    payload: Any


class KnownCode(NamedTuple):
    """Code that results are kept of: when it was first met, its digest without the classes of arguments, its parts."""

    created: float
    base: str
    parts: tuple[Part, ...]


class Rows:
    """The rows of results in a store."""

    def __init__(self, store: Store) -> None:
        """In that store."""
        self.store = store

    def outcome(self, key: Key) -> Outcome | None:
        """What is kept of a call.

        Raises:
            IntegrityError, UntrustedError: It is damaged, or somebody else's.
        """
        row = self.store.get((RESULT, *key), ABSENT)
        if row is ABSENT:
            return None
        if type(row) is not tuple or len(row) != len(Outcome._fields) or row[0] not in KINDS:
            raise IntegrityError(f"{key}: what is kept is no result")
        return Outcome._make(row)

    def keep(self, key: Key, outcome: Outcome, about: dict[str, Any], ttl: float | None) -> None:
        """Keep what came of a call, and what it was.

        Raises:
            EncodeError: It cannot be pickled.
        """
        self.store.set_many([((RESULT, *key), tuple(outcome)), ((ABOUT, *key), about)], ttl=ttl)

    def seconds_left(self, key: Key) -> float | None:
        """How long the store keeps it; None for ever.

        Raises:
            KeyError: It is not there.
        """
        return self.store.expires((RESULT, *key))

    def has(self, key: Key) -> bool:
        """Whether something is kept."""
        return (RESULT, *key) in self.store

    def remove(self, keys: Iterable[Key]) -> int:
        """Remove what is kept of calls; of how many there was something."""
        gone = list(keys)
        with self.store.transaction():
            count = self.store.delete_many((RESULT, *key) for key in gone)
            self.store.delete_many((ABOUT, *key) for key in gone)
        return count

    def clear(self, name: str | None = None) -> int:
        """Remove all of a function, or of all functions; how many results there were."""
        some = () if name is None else (name,)
        with self.store.transaction():
            count = self.store.delete_many(list(self.store.prefix((RESULT, *some))))
            self.store.delete_many(list(self.store.prefix((ABOUT, *some))))
            self.store.delete_many(list(self.store.prefix((CODE, *some))))
        return count

    def calls(self, name: str | None = None) -> list[Key]:
        """The calls of a function, or of all, of which something is kept."""
        some = () if name is None else (name,)
        return [Key(*key[1:]) for key in self.store.prefix((RESULT, *some))]

    def abouts(self, keys: Iterable[Key]) -> dict[Key, dict[str, Any]]:
        """What the calls were, as far as it is known."""
        found = self.store.get_many((ABOUT, *key) for key in keys)
        return {Key(*key[1:]): about for key, about in found.items()}

    def keep_code(self, name: str, digest: str, base: str, code: Code) -> None:
        """Keep what the code is, for people."""
        parts = [list(part) for part in code.parts]
        self.store.add((CODE, name, digest), {"created": time.time(), "base": base, "parts": parts}, ttl=None)

    def codes(self, name: str) -> dict[str, KnownCode]:
        """The code that results of a function are of, or were, by digest."""
        found = self.store.get_many(self.store.prefix((CODE, name)))
        return {key[2]: known(row) for key, row in found.items()}

    def remove_codes(self, name: str, digests: Iterable[str]) -> None:
        """Forget what code was."""
        self.store.delete_many((CODE, name, each) for each in digests)


def known(row: dict[str, Any]) -> KnownCode:
    return KnownCode(row["created"], row["base"], tuple(Part(*part) for part in row["parts"]))
