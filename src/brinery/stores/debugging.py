"""Objects that came out of a store, were changed, and not written back: told where a store has ``debug=True``."""

from __future__ import annotations

import sys
import warnings
from collections import deque
from collections.abc import Callable
from typing import Any, NamedTuple

from brinery.errors import BrineryError, LostChangeWarning

__all__ = ["Lent"]

UNCHANGING = (str, bytes, int, float, complex, bool, type(None))
MOST_LENT = 1000
# Held by the deque's loan, by the loop's name, and by the argument of getrefcount().
OURS = 3


class Loan(NamedTuple):
    """An object that somebody has of a store, what it was like then, and where it was fetched."""

    key: Any
    obj: Any
    digest: str
    where: str


class Lent:
    """The objects that somebody may be changing."""

    def __init__(self, stored: Callable[[Any], Any]) -> None:
        """Of a store that has this under a key; KeyError where it has nothing."""
        self._stored_object = stored
        self._loans: deque[Loan] = deque()

    def lend(self, key: Any, obj: Any) -> Any:
        """The object itself, which is looked at again once nobody else has it."""
        self.check()
        if not isinstance(obj, UNCHANGING):
            digest = digest_of(obj)
            if digest is not None:
                self._loans.append(Loan(key, obj, digest, caller()))
        if len(self._loans) > MOST_LENT:
            self._look_at(self._loans.popleft())
        return obj

    def check(self, *, all_of_them: bool = False) -> None:
        """Look at those that nobody has any more, and warn of what would be lost."""
        for _ in range(len(self._loans)):
            try:
                loan = self._loans.popleft()
            except IndexError:
                return  # another thread looks at it
            obj = loan.obj
            if all_of_them or sys.getrefcount(obj) <= OURS:
                self._look_at(loan)
            else:
                self._loans.append(loan)
            del obj

    def _look_at(self, loan: Loan) -> None:
        now = digest_of(loan.obj)
        if now is None or now == loan.digest or now == self._stored(loan.key):
            return
        warnings.warn(
            f"{loan.key!r}: the object that was fetched in {loan.where} was changed, and not written back: what was "
            f"changed is lost. Use `with store.edit({loan.key!r}) as value:`",
            LostChangeWarning,
            stacklevel=5,
        )

    def _stored(self, key: Any) -> str | None:
        try:
            return digest_of(self._stored_object(key))
        except (BrineryError, KeyError, FileNotFoundError):
            return None  # it is not what is there


def digest_of(obj: Any) -> str | None:
    """The digest; None of what has none."""
    from brinery.digests import digest

    try:
        return digest(obj)
    except BrineryError:
        return None


def caller() -> str:
    """The file and line outside of this package that asked for an object."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith(
        ("brinery.stores", "collections")
    ):
        frame = frame.f_back
    return f"{frame.f_code.co_filename}, line {frame.f_lineno}"
