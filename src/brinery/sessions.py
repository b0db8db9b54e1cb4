"""Many messages between the same two sides: what went with its code once goes as a number from then on."""

from __future__ import annotations

import functools
import os
from collections.abc import Iterable
from typing import Any, Literal

from brinery.reducers.sending import Key, SendingReduction, received
from brinery.serializer import encode_by, loads
from brinery.trust import Trusted, keyring

__all__ = ["Session"]


class Session:
    """One side of a conversation. Functions and classes that go by value are sent once, then named by a number.

    The other side keeps a session of its own, and loads with it all that this one dumps, in the order of dumping.
    A session keeps what it has sent and received alive. A function or class that changes is not sent again: say
    :meth:`forget`. Use a session from one thread at a time.

    >>> here, there = Session(), Session()
    >>> def shout(text):
    ...     return text.upper()
    >>> first, second = here.dumps(shout), here.dumps([shout, "again"])
    >>> there.loads(first)("once")
    'ONCE'
    >>> function, text = there.loads(second)
    >>> function(text)
    'AGAIN'
    >>> len(second) < len(first) / 2
    True
    """

    __module__ = "brinery"

    def __init__(self) -> None:
        """Begin with nothing sent and nothing received."""
        self._name = os.urandom(8).hex()
        self._sent: dict[int, tuple[Any, int]] = {}
        self._received: dict[Key, Any] = {}

    def __repr__(self) -> str:
        """How much has been sent and received."""
        return f"<brinery.Session, {len(self._sent)} sent, {len(self._received)} received>"

    def dumps(
        self,
        obj: Any,
        *,
        protocol: int = 5,
        buffers: list[Any] | None = None,
        unpicklable: Literal["raise", "stand-in"] = "raise",
        seal: bool = True,
    ) -> bytes:
        """The object as bytes, as :func:`brinery.dumps` has it, for the session on the other side.

        Raises:
            EncodeError: Something in the object cannot be pickled; nothing counts as sent then.
        """
        make = functools.partial(SendingReduction, self._name, self._sent)
        tail = keyring().current.seal.trailer if seal else None
        data: bytes
        data, reduction = encode_by(make, obj, protocol, buffers, unpicklable, tail=tail)
        self._sent.update(reduction.fresh)
        return data

    def loads(
        self,
        data: Any,
        *,
        trust: Trusted = None,
        buffers: Iterable[Any] | None = None,
    ) -> Any:
        """The object that the session on the other side, or :func:`brinery.dumps`, made the bytes of.

        Raises:
            UntrustedError: As :func:`brinery.loads`; code comes only from a side of the same user, or a trusted one.
            DecodeError: As :func:`brinery.loads`, or the bytes name what this session has not received.
        """
        fresh: dict[Key, Any] = {}
        token = received.set((self._received, fresh))
        try:
            loaded = loads(data, trust=trust, buffers=buffers)
        finally:
            received.reset(token)
        self._received.update(fresh)
        return loaded

    def forget(self) -> None:
        """Send everything anew from now on, as if to another session."""
        self._name = os.urandom(8).hex()
        self._sent = {}
