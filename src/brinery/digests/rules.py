"""How values with parts are taken apart for a digest: by a rule of their own, or as they are for pickling.

A *rule* is a function of the running :class:`Rules` and an object; it answers with the object's form, or with a
:class:`~brinery.digests.form.Node`. Rules for types whose module may not be loaded go by the type's name.
"""

from __future__ import annotations

import copyreg
import pickle
from collections.abc import Callable
from typing import Any, TypeVar

from brinery.digests.form import Node
from brinery.digests.names import global_form, tag
from brinery.reducers import Reduction, make_context_variable, make_new_type, make_type_variable
from brinery.reducers.registry import find

Rule = Callable[["Rules", Any], bytes | Node]
AnyRule = TypeVar("AnyRule", bound=Rule)

EXACT: dict[type | str, Rule] = {}
INHERITED: dict[type | str, Rule] = {}
# Whose last argument is an identity, which is another one in each process.
IDENTIFIED = (make_context_variable, make_new_type, make_type_variable)


def rule(*types: type | str, inherited: bool = False) -> Callable[[AnyRule], AnyRule]:
    """Register a rule for types or full names of types, and for the classes derived from them that say nothing else."""

    def register(function: AnyRule) -> AnyRule:
        for each in types:
            EXACT.setdefault(each, function)
            if inherited:
                INHERITED[each] = function
        return function

    return register


def full_name(cls: type) -> str:
    """The name that rules for types of modules that may not be loaded go by."""
    return f"{cls.__module__}.{cls.__qualname__}"


class Rules:
    """The rules as one walk uses them."""

    def __init__(self) -> None:
        self.reduction = Reduction()
        self.found: dict[type, Rule] = {}
        self.tags: dict[int, tuple[Any, Any]] = {}  # with what its id is the key of
        self.uses: dict[Any, Any] = {}  # by module and names, see brinery.digests.functions

    def apart(self, obj: Any) -> bytes | Node:
        """The form of an object, or its parts."""
        cls = type(obj)
        found = self.found.get(cls)
        if found is None:
            found = self.found[cls] = rule_for(cls)
        return found(self, obj)

    def tag(self, obj: Any) -> Any:
        """What tells who makes a value, looked up once."""
        found = self.tags.get(id(obj))
        if found is None:
            found = self.tags[id(obj)] = (obj, tag(obj))
        return found[1]


def rule_for(cls: type) -> Rule:
    """The rule for instances of a class: its own, the nearest base's, the reducer's, or what pickle does.

    A class of a library that has rules goes by them although it says how it is pickled, or a reducer does.
    """
    own = EXACT.get(cls) or EXACT.get(full_name(cls))
    if own is not None:
        return own
    reduced = find(cls) is not None
    if reduced and not is_of_ruled_library(cls):
        return by_reducer
    for base in cls.__mro__[1:]:
        own = INHERITED.get(base) or INHERITED.get(full_name(base))
        if own is not None:
            return own
        if says_how_to_reduce(base) and not is_of_ruled_library(base):
            break
    return by_reducer if reduced else by_pickle


def is_of_ruled_library(cls: type) -> bool:
    """Whether there are inherited rules for a library that the class is of."""
    library = cls.__module__.partition(".")[0]
    return any(isinstance(name, str) and name.startswith(library + ".") for name in INHERITED)


def says_how_to_reduce(cls: type) -> bool:
    """Whether the class itself, written in Python, says how its instances are taken apart."""
    return bool(cls.__flags__ & (1 << 9)) and not {"__reduce__", "__reduce_ex__", "__getstate__"}.isdisjoint(vars(cls))


def by_reducer(rules: Rules, obj: Any) -> bytes | Node:
    """What :func:`brinery.dumps` would take apart, by those parts."""
    reduced = rules.reduction.reduce(obj)
    return by_pickle(rules, obj) if reduced is NotImplemented else of_reduction(rules, obj, reduced)


def by_pickle(rules: Rules, obj: Any) -> bytes | Node:
    """What pickle takes apart."""
    reduce = copyreg.dispatch_table.get(type(obj))
    return of_reduction(rules, obj, reduce(obj) if reduce is not None else obj.__reduce_ex__(5))


def of_reduction(rules: Rules, obj: Any, reduced: Any) -> bytes | Node:
    """The answer of ``__reduce_ex__``: who makes the object, of what, its state, its items.

    Empty state is no state, and the order of the items of a mapping does not matter.
    """
    if isinstance(reduced, str):
        return global_form(pickle.whichmodule(obj, reduced), reduced)  # type: ignore[attr-defined]
    make, arguments, state, items, pairs, set_state = (*reduced, None, None, None, None)[:6]
    if make is copyreg.__newobj__:  # type: ignore[attr-defined]
        make, arguments = arguments[0], arguments[1:]
    elif make in IDENTIFIED:
        arguments = arguments[:-1]
    parts = [
        rules.tag(make),
        arguments,
        state or None,
        None if items is None else list(items),
        None if pairs is None else dict(pairs),
        set_state and tag(set_state),
    ]
    while parts[-1] is None:
        parts.pop()
    return Node(b"o_", parts)


def instance(cls: type, *parts: Any, attributes: Any = None) -> Node:
    """A value of some class, of these parts, and its attributes if it has any."""
    return Node(b"o_", [tag(cls), *parts, attributes or None])
