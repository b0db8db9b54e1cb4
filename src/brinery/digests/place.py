"""Where in an object something is: ``cart.items[3].handler``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

CONTAINERS = (dict, list, tuple, set, frozenset)


def place_of(path: Sequence[Any], obj: Any) -> str:
    """The place of an object at the end of a path: each on it is among the parts of the one before.

    What an object was taken apart into, such as the dict of its attributes, is no step of its own.
    """
    found = type(path[0] if path else obj).__qualname__
    of_attributes = False
    for parent, child in zip(path, [*path[1:], obj] if path else [], strict=True):
        found += step(parent, child, of_attributes)
        of_attributes = type(parent) not in CONTAINERS
    return found


def step(parent: Any, child: Any, of_attributes: bool) -> str:
    """The step from a container to what it holds; nothing where the parent is none."""
    if type(parent) is dict:
        for key, value in parent.items():
            if value is child:
                return f".{key}" if of_attributes and isinstance(key, str) else f"[{key!r}]"
        return " at a key that is no text"
    if type(parent) in (list, tuple):
        for index, value in enumerate(parent):
            if value is child:
                return f"[{index}]"
    return ""
