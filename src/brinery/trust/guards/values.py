"""The standard library's values whose own code computes too much, or believes too much."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

from brinery.trust.guards.checking import refuse, require

RATIO = re.compile(r"[+-]?\d+(/\d+)?")


def fraction(cls: Any, numerator: Any, denominator: Any = 1) -> Fraction:
    """A fraction of two numbers, or of the text that older Pythons write; an exponent would be computed at any size.

    >>> fraction(Fraction, 2, 4), fraction(Fraction, "-3/4")
    (Fraction(1, 2), Fraction(-3, 4))
    """
    if isinstance(numerator, str):
        require(RATIO.fullmatch(numerator), "Fraction", "the text", "must be one number, or two with / between")
        return Fraction(numerator)
    require(type(numerator) is int and type(denominator) is int, "Fraction", "the numbers", "must be whole")
    require(denominator != 0, "Fraction", "denominator", "must not be 0")
    return Fraction(numerator, denominator)


def pattern(text: Any, flags: Any) -> re.Pattern[Any]:
    """A compiled pattern; not by a flag that prints.

    >>> pattern("a+", 2).flags & re.IGNORECASE
    re.IGNORECASE
    """
    require(type(flags) is int and not flags & re.DEBUG, "re.Pattern", "flags", "must not ask for debugging output")
    try:
        found: re.Pattern[Any] = re.compile(text, flags)
    except (re.error, ValueError, TypeError, OverflowError, RecursionError) as error:
        refuse("re.Pattern", "the pattern", f"is refused by re: {error}")
    return found


def element(obj: Any, state: Any) -> None:
    """An element of XML: kept in C, which takes its children for elements."""
    require(type(state) is dict, "Element", "the state", "must be a dict")
    children = state.get("_children", [])
    require(type(children) is list, "Element", "_children", "must be a list")
    require(all(type(each) is type(obj) for each in children), "Element", "_children", "must be elements")
    require(type(state.get("attrib", {})) is dict, "Element", "attrib", "must be a dict")
    obj.__setstate__(state)
