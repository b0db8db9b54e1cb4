"""What is known of one global: its vetted entry, or the user's word."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

from brinery.reducers.moves import moved_places
from brinery.trust.names import Place
from brinery.trust.vetting import entries, package_of, rules_of

__all__ = ["TRUSTED", "Known", "vetted"]


class Known(NamedTuple):
    """How a global may be used, who guards it, and where it is looked for."""

    rule: Mapping[str, Any]  # as brinery.codec.Rules takes it
    place: Place
    guard: str | None = None  # restores what the class makes, or is called in place of the function
    maker: str | None = None  # makes in place of the class


TRUSTED: Mapping[str, Any] = {"role": "trusted"}


def vetted(place: Place) -> Known | None:
    """What the vetted list says of a global, or of the one that it has become since."""
    for each in candidates(place):
        package = package_of(each.module)
        if package is not None and (known := of_package(package).get(each)) is not None:
            return known
    return None


def candidates(place: Place) -> Iterator[Place]:
    """Where a global may be: as written, then where it has moved."""
    yield place
    yield from (Place(*each) for each in moved_places(*place))


@cache
def of_package(package: str) -> dict[Place, Known]:
    """All that the vetted list says of a package."""
    whole = {Place(module, name): entry for module, name, entry in entries(package)}
    return {
        place: Known(rule, place, whole[place].get("guard"), whole[place].get("maker"))
        for module, name, rule in rules_of(package)
        if (place := Place(module, name))
    }
