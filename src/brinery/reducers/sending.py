"""Functions and classes that go by value once in a session, and as a number from then on."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from types import FunctionType
from typing import Any

from brinery.errors import DecodeError
from brinery.reducers.reduction import Reduction
from brinery.reducers.registry import rebuilds

Key = tuple[str, int]  # the sender's name, and the number it gave the object

# What the session that is loading just now has received, earlier ones and those of this load; None outside of sessions.
received: ContextVar[tuple[Mapping[Key, Any], dict[Key, Any]] | None] = ContextVar("received", default=None)


class SendingReduction(Reduction):
    """Writes what was sent before as a number, and numbers what goes by value for the first time.

    ``sent`` holds each object with its number, by the object's id. What is new is in ``fresh``, of the same form, and
    has been sent only when the whole has been written.
    """

    __slots__ = ("_sender", "_sent", "fresh")

    def __init__(
        self,
        sender: str,
        sent: Mapping[int, tuple[Any, int]],
        protocol: int = 5,
        out_of_band: bool = False,
        before: Reduction | None = None,
    ) -> None:
        super().__init__(protocol, out_of_band, before)
        self._sender = sender
        self._sent = sent
        self.fresh: dict[int, tuple[Any, int]] = {}

    def reduce(self, obj: Any, written: Any = None) -> Any:
        """As :meth:`Reduction.reduce`, with numbers for functions and classes."""
        if not isinstance(obj, FunctionType | type):
            return super().reduce(obj, written)
        known = self._sent.get(id(obj))
        if known is not None:
            return recall, (self._sender, known[1])
        value = super().reduce(obj, written)
        if not isinstance(value, tuple):
            return value
        make, arguments, *others = value
        _, number = self.fresh.setdefault(id(obj), (obj, len(self._sent) + len(self.fresh)))
        return receive, (self._sender, number, make, *arguments), *others


@rebuilds
def receive(sender: str, number: int, make: Any, *arguments: Any) -> Any:
    """What `make` makes, which the loading session keeps under its number."""
    made = make(*arguments)
    kept = received.get()
    if kept is not None:
        kept[1][sender, number] = made
    return made


@rebuilds
def recall(sender: str, number: int) -> Any:
    """What the loading session keeps under a number. Raises DecodeError where it keeps nothing."""
    for kept in received.get() or ():
        if (sender, number) in kept:
            return kept[sender, number]
    raise DecodeError(
        "a function or class was sent earlier in a session, and not to here: load all that one brinery.Session dumps, "
        "in its order, with one Session, or have the sender forget() what it has sent"
    )
