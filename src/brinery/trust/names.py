"""Dotted names: how pickles and people say which global they mean."""

from __future__ import annotations

from typing import Any, NamedTuple

__all__ = ["Place", "fits", "is_exact", "name_of"]

EVERYTHING_IN = ".*"


class Place(NamedTuple):
    """A module, and the dotted name in it, as pickles have them."""

    module: str
    name: str

    @property
    def path(self) -> str:
        """Both as one dotted name."""
        return f"{self.module}.{self.name}"


def fits(path: str, pattern: str) -> bool:
    """Whether a pattern that a user allowed stands for a dotted name.

    >>> fits("shop.models.User", "shop.*"), fits("shop.User", "shop.User"), fits("shopping.List", "shop.*")
    (True, True, False)
    """
    return path.startswith(pattern[:-1]) if pattern.endswith(EVERYTHING_IN) else path == pattern


def is_exact(path: str) -> bool:
    """Whether a user can allow a global by this very name: streams may hold names that are none, or that are patterns.

    >>> is_exact("shop.models.User"), is_exact("shop.*"), is_exact("shop.make.<locals>.User"), is_exact("shop")
    (True, False, False, False)
    """
    steps = path.split(".")
    return len(steps) > 1 and all(step.isidentifier() for step in steps)


def name_of(allowed: Any) -> str:
    """The dotted name, or pattern, of what a user allows: itself, or that of a class or function.

    Raises:
        ValueError: It is no dotted name, or there is none that leads to the object.

    >>> from fractions import Fraction
    >>> name_of(Fraction), name_of("shop.models.*")
    ('fractions.Fraction', 'shop.models.*')
    """
    if isinstance(allowed, str):
        example = allowed[:-1] + "any" if allowed.endswith(EVERYTHING_IN) else allowed
        if not is_exact(example):
            raise ValueError(f"expected a dotted name, such as 'package.Class' or 'package.*', not {allowed!r}")
        return allowed
    module, name = getattr(allowed, "__module__", None), getattr(allowed, "__qualname__", None)
    if not isinstance(module, str) or not isinstance(name, str) or "<" in name:
        raise ValueError(f"expected a class, a function, or a dotted name, not {allowed!r}")
    return f"{module}.{name}"
