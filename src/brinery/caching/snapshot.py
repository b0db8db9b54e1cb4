"""What was found when code was looked at, to see fast whether all of it is still there.

Compared are identities, which is all that it takes for what does not change itself; the rest has its form taken again.
"""

from __future__ import annotations

import types
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, ValuesView
from operator import is_
from typing import Any, NamedTuple

from brinery.caching.values import is_fixed
from brinery.errors import EncodeError

__all__ = ["Snapshot", "Taking"]


class Snapshot(NamedTuple):
    """Everything that was found."""

    names: tuple[tuple[Mapping[str, Any], str, Any], ...]
    absent: tuple[tuple[Callable[[Iterable[str]], bool], frozenset[str]], ...]
    codes: tuple[tuple[types.FunctionType, types.CodeType], ...]
    defaults: tuple[tuple[types.FunctionType, Any, Any], ...]
    cells: tuple[tuple[types.CellType, Any], ...]
    attributes: tuple[tuple[ValuesView[Any], tuple[Any, ...]], ...]
    bases: tuple[tuple[type, tuple[type, ...]], ...]
    values: tuple[tuple[Any, bytes], ...]
    form_of: Callable[[Any], bytes]

    def is_same(self) -> bool:  # noqa: PLR0911, PLR0912 - one loop after the other is the fastest
        """Whether everything is still as it was."""
        names, absent, codes, defaults, cells, attributes, bases, values, form_of = self
        try:
            for space, name, value in names:
                if space[name] is not value:
                    return False
            for function, code in codes:
                if function.__code__ is not code:
                    return False
            for are_absent, missing in absent:
                if not are_absent(missing):
                    return False
            for function, positional, by_keyword in defaults:
                if function.__defaults__ is not positional or function.__kwdefaults__ is not by_keyword:
                    return False
            for cell, value in cells:
                if cell.cell_contents is not value:
                    return False
            for found, expected in attributes:
                if len(found) != len(expected) or not all(map(is_, found, expected)):
                    return False
            for cls, expected in bases:
                if cls.__bases__ is not expected:
                    return False
            for value, form in values:
                if form_of(value) != form:
                    return False
        # A name that is gone, a cell that was emptied, a dict that another thread changes, what has no value any more.
        except (KeyError, ValueError, RuntimeError, EncodeError):
            return False
        return True


class Taking:
    """A snapshot that is being taken."""

    def __init__(self) -> None:
        """Nothing was found yet."""
        self._names: dict[tuple[int, str], tuple[Mapping[str, Any], str, Any]] = {}
        self._absent: defaultdict[int, set[str]] = defaultdict(set)
        self._spaces: dict[int, Mapping[str, Any]] = {}
        self._functions: list[types.FunctionType] = []
        self._codes: list[tuple[types.FunctionType, types.CodeType]] = []
        self._defaults: list[tuple[types.FunctionType, Any, Any]] = []
        self._cells: list[tuple[types.CellType, Any]] = []
        self._attributes: list[tuple[ValuesView[Any], tuple[Any, ...]]] = []
        self._bases: list[tuple[type, tuple[type, ...]]] = []
        self._values: dict[int, tuple[Any, bytes]] = {}

    def found(self, space: Mapping[str, Any], name: str, value: Any) -> None:
        """A name in a namespace."""
        self._names[id(space), name] = (space, name, value)

    def missed(self, space: Mapping[str, Any], name: str) -> None:
        """A name that is not in a namespace."""
        self._spaces[id(space)] = space
        self._absent[id(space)].add(name)

    def function(self, function: types.FunctionType, *, is_root: bool) -> None:
        """A function.

        Defaults that are given to a function without any answer calls that were errors before; of those nothing is
        kept, so that only the first function is looked at for them.
        """
        self._codes.append((function, function.__code__))
        if is_root or function.__defaults__ or function.__kwdefaults__:
            self._defaults.append((function, function.__defaults__, function.__kwdefaults__))

    def cell(self, cell: types.CellType, value: Any) -> None:
        """A cell that holds something."""
        self._cells.append((cell, value))

    def cls(self, cls: type) -> None:
        """A class."""
        attributes = vars(cls).values()
        self._attributes.append((attributes, tuple(attributes)))
        self._bases.append((cls, cls.__bases__))

    def space(self, space: Mapping[str, Any]) -> None:
        """All of a namespace."""
        values = space.values()
        self._attributes.append((values, tuple(values)))

    def value(self, value: Any, form: bytes) -> None:
        """A value and its form."""
        if not is_fixed(value):
            self._values[id(value)] = (value, form)

    def done(self, form_of: Callable[[Any], bytes]) -> Snapshot:
        """The snapshot; `form_of` takes the form of a value again."""
        absent = [(self._spaces[key].keys(), frozenset(names)) for key, names in self._absent.items()]
        return Snapshot(
            tuple(self._names.values()),
            tuple((keys.isdisjoint, names) for keys, names in absent),
            tuple(self._codes),
            tuple(self._defaults),
            tuple(self._cells),
            tuple(self._attributes),
            tuple(self._bases),
            tuple(self._values.values()),
            form_of,
        )
