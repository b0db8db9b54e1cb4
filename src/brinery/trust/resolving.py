"""The objects that a judged stream's globals lead to, and the guards that stand in their way."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from functools import cache, partial
from types import ModuleType
from typing import Any, NamedTuple

from brinery.codec import GlobalUse
from brinery.errors import UntrustedError
from brinery.reducers.moves import find_moved, located
from brinery.trust import guards
from brinery.trust.known import Known, vetted
from brinery.trust.names import Place

__all__ = ["Builder", "Resolved", "resolved"]

Builder = Callable[[Any, Any], object]


class Anchor(NamedTuple):
    """Where something was found; when it is there no more, it has to be looked for again."""

    module_name: str
    module: ModuleType
    name: str  # without what follows a dot
    target: Any


class Resolved(NamedTuple):
    """What the decoder is given to find globals in, and what restores instances in place of their classes."""

    globals: dict[str, dict[str, Any]]
    builders: dict[type, Builder]
    anchors: list[Anchor]

    def is_current(self) -> bool:
        """Whether all is still where it was found: classes may be defined anew, and modules loaded again."""
        modules = sys.modules
        for module_name, module, name, target in self.anchors:
            if modules.get(module_name) is not module or getattr(module, name, None) is not target:
                return False
        return True


def resolved(uses: Iterable[tuple[GlobalUse, Known]]) -> Resolved:
    """Import what a stream that has passed needs, and put guards where the list has them.

    Raises:
        UntrustedError: It calls a class that is made by a guard, and has the class itself for a value.
        DecodeError: Something is not there any more.
    """
    found = Resolved({}, {}, [])
    made_by_guards: list[tuple[type, Builder]] = []
    for use, known in uses:
        target = target_of(known.place)
        found.anchors.extend(anchors_of(known.place))
        found.globals.setdefault(use.module, {})[use.name] = handed_out(use, known, target)
        makes = known.rule.get("makes")
        made = vetted(Place(*makes.split(":"))) if isinstance(makes, str) and ":" in makes else known
        if made is None or made.guard is None:
            continue
        cls = target if made is known else target_of(made.place)
        if isinstance(cls, type):
            found.builders[cls] = guards.find(made.guard)
            if made.maker is not None:
                made_by_guards.append((cls, found.builders[cls]))
    for cls, builder in made_by_guards:
        # What a guard makes may be of any class beneath, as with the dtypes of NumPy.
        beneath: list[type] = cls.__subclasses__()
        for each in beneath:
            found.builders.setdefault(each, builder)
    return found


def handed_out(use: GlobalUse, known: Known, target: Any) -> Any:
    """What the decoder gets for a global: the thing itself, or the guard in its place."""
    is_class = isinstance(target, type)
    if known.maker is not None and is_class and set(use.uses) != {"value"}:
        if "value" in use.uses:
            raise UntrustedError(
                f"the bytes call {known.place.path}, and have the class itself as well: allow it, if you trust them"
            )
        return stand_in_for(known.maker, target) if "new" in use.uses else maker_of(known.maker, target)
    if known.guard is not None and not is_class:
        return guards.find(known.guard)
    return target


def anchors_of(place: Place) -> Iterator[Anchor]:
    """How to see that a place has what it had; of one that is elsewhere now, nothing."""
    module = sys.modules.get(place.module)
    name = place.name.partition(".")[0]
    if module is not None and hasattr(module, name):
        yield Anchor(place.module, module, name, getattr(module, name))


def target_of(place: Place) -> Any:
    """What is at a place now; modules are imported as needed."""
    module = sys.modules.get(place.module)
    if module is not None and "." not in place.name:
        target = getattr(module, place.name, None)
        if target is not None:
            return target
    try:
        return located(place.path)
    except (ImportError, AttributeError) as error:
        return find_moved(*place, error)


@cache
def maker_of(name: str, cls: type) -> Callable[..., Any]:
    """What answers calls of a class in its place."""
    return partial(guards.find(name), cls)


stand_in_for = cache(guards.stand_in)
