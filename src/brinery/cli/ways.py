"""The ways of the tour: how the object of a stop is written here, and got back in the fresh process."""

from __future__ import annotations

from typing import Any

import brinery
from brinery import pickle

PROTOCOL = 5


class Way:
    """By ``brinery.pickle``, which does what the stdlib does. The others differ in what they do not leave to it."""

    loads_it = True  # there is something to load, not only to compare
    stdlib_can_read = True

    def dumps(self, obj: Any, buffers: list[Any] | None = None) -> bytes:
        """The object as bytes; the memory of large parts goes into the list, if there is one."""
        return pickle.dumps(obj, PROTOCOL, buffer_callback=None if buffers is None else buffers.append)

    def loads(self, data: bytes, buffers: list[Any] | None = None) -> Any:
        """The object that such bytes are of."""
        return pickle.loads(data, buffers=buffers)

    def sent_before(self, obj: Any) -> bytes | None:
        """What the fresh process gets before the bytes of the object, if anything; as it was received here too."""
        return None

    def receive(self, data: bytes) -> None:
        """Take in what was sent before."""


class Everything(Way):
    """By ``brinery.dumps``, which takes what pickle does not; the bytes are a standard pickle all the same."""

    def dumps(self, obj: Any, buffers: list[Any] | None = None) -> bytes:
        """The object as bytes, with its code where another process could not import it."""
        return brinery.dumps(obj, buffers=buffers)

    def loads(self, data: bytes, buffers: list[Any] | None = None) -> Any:
        """The object that such bytes are of."""
        return brinery.loads(data, buffers=buffers)


class Resent(Way):
    """By a ``brinery.Session`` that has sent the object before: its code goes as a number."""

    stdlib_can_read = False  # nothing has told it what the numbers are

    def __init__(self) -> None:
        """Begin with nothing sent."""
        self.here, self.there = brinery.Session(), brinery.Session()

    def dumps(self, obj: Any, buffers: list[Any] | None = None) -> bytes:
        """The object as bytes, for who has received it before."""
        return self.here.dumps(obj, buffers=buffers)

    def loads(self, data: bytes, buffers: list[Any] | None = None) -> Any:
        """The object, with the code that was received before."""
        return self.there.loads(data, buffers=buffers)

    def sent_before(self, obj: Any) -> bytes:
        """The first message, which has the code."""
        first = self.here.dumps(obj)
        self.receive(first)
        return first

    def receive(self, data: bytes) -> None:
        """Load the first message and keep its code."""
        self.there.loads(data)


class Digested(Way):
    """By its digest alone: the fresh process makes the object itself, and has to come to the same one."""

    loads_it = False
    stdlib_can_read = False

    def dumps(self, obj: Any, buffers: list[Any] | None = None) -> bytes:
        """The digest, in hexadecimal digits."""
        return brinery.digest(obj).encode()
