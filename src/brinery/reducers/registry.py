"""Which object is taken apart by what.

A *reducer* is a function of the running :class:`~brinery.reducers.reduction.Reduction` and an object; it answers as
``object.__reduce_ex__`` does. Reducers of types whose module may not be loaded are found by the type's name: where the
module was never imported there is no such object.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from brinery.reducers.reduction import Reduction

Reducer = Callable[["Reduction", Any], Any]
AnyReducer = TypeVar("AnyReducer", bound=Reducer)
AnyFunction = TypeVar("AnyFunction", bound=Callable[..., Any])

PUBLIC_MODULE = "brinery.reducers"
# The methods by which a class takes part in its own reduction, see docs/growth.md.
REDUCE_HOOK = "__brinery_reduce__"
REBUILD_HOOK = "__brinery_rebuild__"

by_type: dict[type, Reducer] = {}
by_name: dict[str, Reducer] = {}
unless_planned: dict[type, Reducer] = {}
unless_planned_by_name: dict[str, Reducer] = {}
by_base_name: dict[str, Reducer] = {}


def reduces(
    *types: type | str, unless_planned: bool = False, subclasses: bool = False
) -> Callable[[AnyReducer], AnyReducer]:
    """Register a reducer for exact types, or for the full names of types.

    ``unless_planned`` leaves types of these names to the core's own plans, which ask where they don't fit;
    ``subclasses`` is for what derives from types of these names and has no reducer of its own.
    """
    names = unless_planned_by_name if unless_planned else by_base_name if subclasses else by_name

    def register(reducer: AnyReducer) -> AnyReducer:
        for each in types:
            if isinstance(each, str):
                names[each] = reducer
            else:
                by_type[each] = reducer
        return reducer

    return register


def register(cls: type, reduce: Callable[[Any], Any], rebuild: Callable[[Any], Any]) -> None:
    """Tell how instances of a class are taken apart and put together, instead of how the class itself would have it.

    It holds for :func:`brinery.dumps` in this process, and for instances of exactly this class. What was registered
    before for the class is replaced.

    Args:
        cls: The class.
        reduce: Called with an instance; answers with anything that can be pickled.
        rebuild: Called with that where it is loaded; answers with the instance. It goes by reference or by value as
            functions do.

    Raises:
        TypeError: `cls` is no class, or one that the core writes by opcodes of its own, such as `dict`.

    >>> import brinery
    >>> class Connection:
    ...     def __init__(self, url):
    ...         self.url, self.socket = url, (each for each in ())
    >>> register(Connection, lambda connection: connection.url, Connection)
    >>> brinery.loads(brinery.dumps(Connection("db://here"))).url
    'db://here'
    """
    if not isinstance(cls, type):
        raise TypeError(f"only classes can be registered, not {cls!r}")
    if cls in OPCODE_TYPES:
        raise TypeError(f"{cls.__name__} has opcodes of its own, which nothing can replace; register a subclass of it")
    if not callable(reduce) or not callable(rebuild):
        raise TypeError("reduce and rebuild must be callable")
    by_type[cls] = lambda reduction, obj: (rebuild, (reduce(obj),))


# Whose reducers take what derives from them, too.
BASES = frozenset({type, BaseException, ModuleType, threading.local})
OPCODE_TYPES = frozenset({type(None), bool, int, float, str, bytes, bytearray, list, tuple, dict, set, frozenset})


def rebuilds(function: AnyFunction) -> AnyFunction:
    """Mark a function that pickles name: its path in them is this room's, whichever file it stands in."""
    function.__module__ = PUBLIC_MODULE
    return function


_seen = {"modules": 0}  # how many modules were loaded when names were last looked up


def reduced_types() -> dict[type, Reducer]:
    """All types that have a reducer and whose module is loaded; the core asks about their instances."""
    if len(sys.modules) != _seen["modules"]:
        _seen["modules"] = len(sys.modules)
        for name, reducer in list(by_name.items()):
            module_name, _, type_name = name.rpartition(".")
            found = getattr(sys.modules.get(module_name), type_name, None)
            if isinstance(found, type):
                by_type.setdefault(found, reducer)
    return by_type


def find(cls: type) -> Reducer | None:
    """The reducer for instances of exactly this type."""
    found = by_type.get(cls) or unless_planned.get(cls)
    if found is None:
        name = f"{cls.__module__}.{cls.__qualname__}"
        found = by_name.get(name)
        if found is not None:
            by_type[cls] = found
            return found
        found = unless_planned_by_name.get(name)
        if found is not None:
            unless_planned[cls] = found
    return found


def has_hook(cls: type) -> bool:
    """Whether a class says how its instances are taken apart; what its metaclass makes up does not count."""
    for each in cls.__mro__:
        if REDUCE_HOOK in vars(each):
            return vars(each)[REDUCE_HOOK] is not None
    return False


def reduce_by_hook(obj: Any) -> Any:
    """As the class has it: its class method ``__brinery_rebuild__`` is given what ``__brinery_reduce__`` answers."""
    cls = type(obj)
    if not callable(getattr(cls, REBUILD_HOOK, None)):
        raise TypeError(f"{cls.__qualname__} has {REDUCE_HOOK}, but no class method {REBUILD_HOOK}")
    return rebuild_by_hook, (cls, getattr(cls, REDUCE_HOOK)(obj))


@rebuilds
def rebuild_by_hook(cls: Any, content: Any) -> Any:
    return getattr(cls, REBUILD_HOOK)(content)


def find_for_subclass(cls: type) -> Reducer | None:
    """The reducer for instances of types that derive from one of a few types, or of those of some names."""
    for base in cls.__mro__[1:-1]:
        found = by_type.get(base) if base in BASES else by_base_name.get(f"{base.__module__}.{base.__qualname__}")
        if found is not None:
            return found
    return None
