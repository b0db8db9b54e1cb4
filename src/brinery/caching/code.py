"""What a function does, with all that it calls and reads of the user's own code, as a digest.

It stays the same where only comments, docstrings, layout, log lines, names of locals, or things that the function does
not use have changed. Somebody else's code counts by the version of its package. What is not seen: what is looked up by
names that are put together while the function runs, but of modules; the environment, files and other processes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from brinery.caching.dependencies import Dependencies
from brinery.caching.parts import Code, Part
from brinery.caching.snapshot import Seeing
from brinery.digests.form import hashed
from brinery.digests.names import is_own
from brinery.digests.walk import Walk

__all__ = ["Code", "Part", "Watched", "arguments_digest", "code_of_classes"]

MOST_CLASSES = 256  # groups of classes that are remembered


class Watched(Seeing):
    """A function whose code is looked at again on each call; cheap where nothing has changed.

    Safe to use from any thread.

    >>> def area(radius):
    ...     return radius * radius * scale
    >>> scale = 3.14
    >>> watched = Watched(area)
    >>> before = watched.code()
    >>> scale = 3.14159
    >>> watched.is_same(), watched.code() == before
    (False, False)
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        """Nothing is looked at yet: what the function uses may be defined after it."""
        super().__init__()
        self._roots: tuple[Any, ...] = (function,)

    def code(self) -> Code:
        """The code as it is now.

        Raises:
            EncodeError: A global, a default or what is in a closure has no value to speak of. The message says which,
                and what to do.
        """
        seen = self._seen
        # Another thread may see something else meanwhile.
        if not self.is_same() or self._seen is not seen:
            seen = self._seen = Dependencies().look(self._roots)
        return seen[-1]


class _WatchedClasses(Watched):
    def __init__(self, classes: tuple[type, ...]) -> None:
        super().__init__(classes[0])
        self._roots = classes


_classes: dict[tuple[type, ...], _WatchedClasses] = {}


def code_of_classes(classes: Iterable[type]) -> Code | None:
    """The code of the user's own classes among some, with what their methods use; None if there is none of one's own.

    Raises:
        EncodeError: Something that a method uses has no value to speak of.

    >>> code_of_classes([int, dict]) is None
    True
    """
    own = in_order({each for each in classes if is_own(each.__module__)})
    if not own:
        return None
    watched = _classes.get(own)
    if watched is None:
        if len(_classes) >= MOST_CLASSES:
            _classes.clear()
        watched = _classes[own] = _WatchedClasses(own)
    return watched.code()


def arguments_digest(arguments: Any) -> tuple[str, tuple[type, ...]]:
    """The canonical digest of arguments, and the user's own classes of the objects in them.

    Raises:
        EncodeError: Something in them has no value to speak of.

    >>> arguments_digest({"x": 1})[0] == arguments_digest({"x": 1.0})[0]
    False
    """
    walk = Walk()
    try:
        found = walk.reference(arguments)
        classes = in_order({each for each in walk.rules.found if is_own(each.__module__)})
    finally:
        walk.forget()
    told = found[1:] if found[:1] == b"#" else hashed(found)
    return told.hex(), classes


def in_order(classes: set[type]) -> tuple[type, ...]:
    """Classes in the same order in each process."""
    return tuple(sorted(classes, key=lambda cls: (cls.__module__, cls.__qualname__)))
