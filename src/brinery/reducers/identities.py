"""What classes and the like are known by in all processes they get to, so that none is ever made twice."""

from __future__ import annotations

import os
import threading
import weakref
from typing import Any

_lock = threading.Lock()
_identities: weakref.WeakKeyDictionary[Any, str] = weakref.WeakKeyDictionary()
# Objects that weak references cannot be to live as long as the program, such as context variables.
_lasting: dict[int, tuple[Any, str]] = {}
_known_lasting: dict[str, Any] = {}
_known: weakref.WeakValueDictionary[str, Any] = weakref.WeakValueDictionary()


def identity_of(obj: Any) -> str:
    """What an object is known by in all processes it gets to."""
    with _lock:
        identity = _identity_in(obj)
        if identity is None:
            identity = os.urandom(16).hex()
            _remember(obj, identity)
        return identity


def _identity_in(obj: Any) -> str | None:
    try:
        return _identities.get(obj)
    except TypeError:  # no weak reference can be to it
        return _lasting.get(id(obj), (obj, None))[1]


def _remember(obj: Any, identity: str) -> None:
    try:
        _identities[obj] = identity
        _known[identity] = obj
    except TypeError:
        _lasting[id(obj)] = (obj, identity)
        _known_lasting[identity] = obj


def known(identity: str) -> Any:
    """The object of that identity in this process, or None."""
    found = _known.get(identity)
    return found if found is not None else _known_lasting.get(identity)


def make_known(obj: Any, identity: str) -> Any:
    """Whoever is first under an identity stays."""
    with _lock:
        kept = known(identity)
        if kept is None:
            _remember(obj, identity)
            kept = obj
        return kept


def also_known(obj: Any, identity: str) -> None:
    """Find the object under a further identity from now on; its own stays what it is."""
    with _lock:
        try:
            _known[identity] = obj
        except TypeError:
            _known_lasting[identity] = obj
