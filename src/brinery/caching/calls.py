"""What a call is: the values of its parameters, however they were given, and whether they are plain."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection
from typing import Any

__all__ = ["PLAIN", "Calls", "is_small", "plain_key"]

# Values of exactly these types are equal only if they are the same.
PLAIN = frozenset({int, str, bytes, type(None)})
DEEPEST = 8  # tuples in tuples
LARGEST = 1024  # bytes of the arguments of a plain call, more or less: memory keeps them, and they are written out
LONGEST = 2000  # bits of an integer that Python writes out in any case: 640 digits is the lowest limit that it takes
POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


class Calls:
    """The calls of a function.

    >>> calls = Calls(lambda a, b=2, *, c=3: None, ignore=("b",))
    >>> calls.values((1,), {}) == calls.values((), {"a": 1, "b": 5, "c": 3}) == (1, 3)
    True
    >>> calls.named((1, 3))
    {'a': 1, 'c': 3}
    """

    def __init__(self, function: Callable[..., Any], ignore: Collection[str] = ()) -> None:
        """Of that function, as it is now.

        Args:
            function: What is called.
            ignore: Parameters whose values do not matter.

        Raises:
            ValueError: It has no parameter of such a name.
        """
        self._ignore = frozenset(ignore)
        self._signature = signature_of(function)
        parameters = list(self._signature.parameters.values())
        unknown = self._ignore - {each.name for each in parameters}
        if unknown:
            raise ValueError(f"ignore: {function.__qualname__} has no parameter {', '.join(sorted(unknown))}")
        self.names = [each.name for each in parameters if each.name not in self._ignore]
        # By the number of arguments: what follows them. Only where there is no need to look for which is which.
        self.fills: dict[int, tuple[Any, ...]] = {}
        if not self._ignore and all(each.kind in POSITIONAL for each in parameters):
            self.fills = fills_of(parameters)

    def values(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...]:
        """The values of all parameters that matter, in order.

        Raises:
            TypeError: The function does not take such arguments.
        """
        fill = None if kwargs else self.fills.get(len(args))
        if fill is not None:
            return args + fill
        bound = self._signature.bind(*args, **kwargs)
        bound.apply_defaults()
        if not self._ignore:
            return tuple(bound.arguments.values())
        return tuple(value for name, value in bound.arguments.items() if name not in self._ignore)

    def named(self, values: tuple[Any, ...]) -> dict[str, Any]:
        """Such values by the names of their parameters."""
        return dict(zip(self.names, values, strict=True))


def signature_of(function: Callable[..., Any]) -> inspect.Signature:
    """What it takes; some functions of extensions do not tell, and count as taking anything."""
    try:
        return inspect.signature(function)
    except ValueError:
        return inspect.signature(lambda *args, **kwargs: None)


def fills_of(parameters: list[inspect.Parameter]) -> dict[int, tuple[Any, ...]]:
    fills: dict[int, tuple[Any, ...]] = {len(parameters): ()}
    fill: tuple[Any, ...] = ()
    for parameter in reversed(parameters):
        if parameter.default is inspect.Parameter.empty:
            break
        fill = (parameter.default, *fill)
        fills[len(parameters) - len(fill)] = fill
    return fills


def plain_key(values: tuple[Any, ...]) -> Any:
    """What tells such values from all others, by equality; None if they are not plain.

    >>> plain_key((1, "a")), plain_key(([],)), plain_key((0.0,))
    ((1, 'a'), None, None)
    >>> len({plain_key((1,)), plain_key((1.0,)), plain_key((True,)), plain_key(((1,),))})
    4
    """
    for each in values:
        if type(each) not in PLAIN:
            break
    else:
        return values
    kinds = kinds_of(values, DEEPEST)
    return None if kinds is None else (values, kinds)


def kinds_of(values: tuple[Any, ...], depth: int) -> tuple[Any, ...] | None:
    """The types of plain values; None if they are others, or floats that equal ones that differ, or themselves not."""
    kinds: list[Any] = []
    for each in values:
        kind: Any = type(each)
        if kind is tuple:
            kind = kinds_of(each, depth - 1) if depth else None
            if kind is None:
                return None
        elif not (kind in PLAIN or kind is bool or (kind is float and each == each and each != 0)):  # noqa: PLR0124 - NaN
            return None
        kinds.append(kind)
    return tuple(kinds)


def is_small(values: tuple[Any, ...]) -> bool:
    """Whether memory may keep plain values."""
    return size_of(values, LARGEST) >= 0


def size_of(values: tuple[Any, ...], left: int) -> int:
    """What is left of so many bytes; less than nothing if there are too many."""
    for each in values:
        left -= 8
        if isinstance(each, tuple):
            left = size_of(each, left)
        elif isinstance(each, str | bytes):
            left -= len(each)
        elif isinstance(each, int) and each.bit_length() > LONGEST:
            return -1
        if left < 0:
            break
    return left
