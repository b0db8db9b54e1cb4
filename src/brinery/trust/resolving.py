"""The objects that a judged stream's globals lead to, and the guards that stand in their way."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, NamedTuple

from brinery.reducers.moves import find_moved, located
from brinery.trust import guards
from brinery.trust.known import Known
from brinery.trust.names import Place

__all__ = ["Builder", "Resolved", "resolved"]

Builder = Callable[[Any, Any], object]


class Resolved(NamedTuple):
    """What the decoder is given to find globals in, and what restores instances in place of their classes."""

    globals: dict[str, dict[str, Any]]
    builders: dict[type, Builder]


def resolved(uses: Iterable[tuple[Place, Known]]) -> Resolved:
    """Import what a stream that has passed needs, and put guards where the list has them.

    Raises:
        DecodeError: Something is not there any more.
    """
    found = Resolved({}, {})
    for written, known in uses:
        target = target_of(known.place)
        if known.maker is not None:
            stand_in = stand_in_for(known.maker, target)
            found.globals.setdefault(written.module, {})[written.name] = stand_in
        elif known.guard is not None and not isinstance(target, type):
            found.globals.setdefault(written.module, {})[written.name] = guards.find(known.guard)
        else:
            found.globals.setdefault(written.module, {})[written.name] = target
        if known.guard is not None and isinstance(target, type):
            found.builders[target] = guards.find(known.guard)
    return found


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


stand_in_for = cache(guards.stand_in)
