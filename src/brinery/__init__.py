"""Keep Python objects.

``brinery.pickle`` is the drop-in: the stdlib ``pickle`` module's names, semantics and errors on a faster core::

    from brinery import pickle

``brinery.dumps`` and ``brinery.loads`` take nearly every object, functions and classes with their code::

    data = brinery.dumps(lambda x: x + 1)
    brinery.loads(data)(2)

What the user wrote is sealed, and loads in full; of bytes from elsewhere only what is vetted or allowed is built.

The rooms of the house, the ground first: ``errors`` (every exception), ``codec`` (the native core's Python face),
``pickle`` (the stdlib module's API), ``reducers`` (taking apart what pickle cannot), ``digests`` (content hashes),
``trust`` (who may build what: seals, keys, policies, the vetted list),
``serializer`` (the two doors), ``sessions`` (many messages between two sides), ``explaining`` (what becomes of an
object), ``peeking`` (looking into pickles without running them), ``scanning`` (judging files), ``files`` (objects in
files), ``stores`` (objects under keys), ``caching`` (results of functions), ``testing`` (suites for parts of
one's own), ``cli`` (the ``brinery`` command).
"""

from typing import TYPE_CHECKING, Any

from brinery.errors import (
    BrineryError,
    DecodeError,
    EncodeError,
    EnvironmentWarning,
    IntegrityError,
    KeyFileError,
    LimitError,
    LostChangeWarning,
    PolicyError,
    ResultWarning,
    StoreError,
    UntrustedError,
)

if TYPE_CHECKING:
    from brinery.caching import memoize
    from brinery.digests import digest
    from brinery.explaining import explain
    from brinery.files import dump, info, load, open, open_log, recover
    from brinery.peeking import peek
    from brinery.reducers import by_value, moved, register, versioned
    from brinery.scanning import scan
    from brinery.serializer import dumps, loads
    from brinery.sessions import Session
    from brinery.stores import AsyncStore, Store
    from brinery.trust import Trust, allow

__all__ = [
    "AsyncStore",
    "BrineryError",
    "DecodeError",
    "EncodeError",
    "EnvironmentWarning",
    "IntegrityError",
    "KeyFileError",
    "LimitError",
    "LostChangeWarning",
    "PolicyError",
    "ResultWarning",
    "Session",
    "Store",
    "StoreError",
    "Trust",
    "UntrustedError",
    "__version__",
    "allow",
    "by_value",
    "digest",
    "dump",
    "dumps",
    "explain",
    "info",
    "load",
    "loads",
    "memoize",
    "moved",
    "open",
    "open_log",
    "peek",
    "recover",
    "register",
    "scan",
    "versioned",
]

__version__ = "0.1.0"

# Imported when they are first asked for: `from brinery import pickle` takes no longer than it must.
_PLACES = {
    "AsyncStore": "brinery.stores",
    "Session": "brinery.sessions",
    "Store": "brinery.stores",
    "Trust": "brinery.trust",
    "allow": "brinery.trust",
    "by_value": "brinery.reducers",
    "digest": "brinery.digests",
    "dump": "brinery.files",
    "dumps": "brinery.serializer",
    "explain": "brinery.explaining",
    "info": "brinery.files",
    "load": "brinery.files",
    "loads": "brinery.serializer",
    "memoize": "brinery.caching",
    "moved": "brinery.reducers",
    "open": "brinery.files",
    "open_log": "brinery.files",
    "peek": "brinery.peeking",
    "recover": "brinery.files",
    "register": "brinery.reducers",
    "scan": "brinery.scanning",
    "versioned": "brinery.reducers",
}


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    found = getattr(import_module(_PLACES[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *_PLACES})
