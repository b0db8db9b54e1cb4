"""Labelled stand-ins for what cannot be pickled, where the caller asks for them."""

from __future__ import annotations

from typing import Any

from brinery.reducers.registry import rebuilds


class StandIn:
    """What was in the place of an object that could not be pickled: what it was, and why it could not."""

    __module__ = "brinery.reducers"

    def __init__(self, type_name: str, description: str, reason: str) -> None:
        self.type_name = type_name
        self.description = description
        self.reason = reason

    def __repr__(self) -> str:
        return f"<stand-in for {self.description}: {self.reason}>"


def stand_in_for(obj: Any, reason: str) -> Any:
    """The reduce value of a stand-in."""
    cls = type(obj)
    try:
        description = repr(obj)
    except Exception as error:  # whatever a repr raises, the label is a courtesy
        description = f"{cls.__qualname__} whose repr() raised {type(error).__name__}"
    return make_stand_in, (f"{cls.__module__}.{cls.__qualname__}", description[:200], reason)


@rebuilds
def make_stand_in(type_name: str, description: str, reason: str) -> StandIn:
    return StandIn(type_name, description, reason)
