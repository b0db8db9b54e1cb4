"""What was found when code was looked at, to see fast whether all of it is still there.

Compared are identities, which is all that it takes for what does not change itself; the rest has its form taken again.
"""

from __future__ import annotations

import types
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, ValuesView
from operator import is_
from typing import Any

from brinery.caching.parts import Code
from brinery.caching.values import is_fixed
from brinery.errors import EncodeError

__all__ = ["Rest", "Seeing", "Snapshot", "Taking"]

Named = tuple[Mapping[str, Any], str, Any]
NewLook = Callable[[], Callable[[Any], bytes]]
Missing = tuple[Callable[[Iterable[str]], bool], frozenset[str]]


class Rest:
    """What many functions have nothing of: defaults, closures, classes, and values that can change."""

    def __init__(self) -> None:
        """Nothing was found yet."""
        self.defaults: list[tuple[types.FunctionType, Any, Any]] = []
        self.cells: list[tuple[types.CellType, Any]] = []
        self.attributes: list[tuple[ValuesView[Any], tuple[Any, ...]]] = []
        self.bases: list[tuple[type, tuple[type, ...]]] = []
        self.values: dict[int, tuple[Any, bytes]] = {}
        self.new_look: NewLook = lambda: bytes

    def __bool__(self) -> bool:
        """Whether there is anything."""
        return bool(self.defaults or self.cells or self.attributes or self.values)

    def is_same(self) -> bool:
        """Whether everything is still as it was.

        Raises:
            ValueError: A cell was emptied.
            RuntimeError: Another thread changes a dict.
            EncodeError: Something has no value to speak of any more.
        """
        for function, positional, by_keyword in self.defaults:
            if function.__defaults__ is not positional or function.__kwdefaults__ is not by_keyword:
                return False
        for cell, value in self.cells:
            if cell.cell_contents is not value:
                return False
        for found, expected in self.attributes:
            if len(found) != len(expected) or not all(map(is_, found, expected)):
                return False
        return all(cls.__bases__ is bases for cls, bases in self.bases) and self._have_same_values()

    def _have_same_values(self) -> bool:
        form_of = self.new_look() if self.values else bytes
        return all(form_of(value) == form for value, form in self.values.values())


Snapshot = tuple[
    tuple[Named, ...],
    tuple[tuple[types.FunctionType, types.CodeType], ...],
    tuple[Missing, ...],
    tuple[tuple[types.FunctionType, Any], ...],
    Rest | None,
    Code,
]
# The names of what was not looked at yet are nowhere.
NOTHING: Snapshot = ((({}, "", None),), (), (), (), None, Code("", ()))


class Seeing:
    """What was seen last, and whether it is still there. Safe to use from any thread."""

    def __init__(self) -> None:
        """Nothing was seen yet."""
        self._seen = NOTHING

    def is_same(self) -> bool:
        """Whether everything is still as it was when the code was returned last.

        Each call of a function asks this: there is one plain loop for each kind of thing.
        """
        names, codes, absent, roots, rest, _ = self._seen
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
            for function, defaults in roots:
                if function.__defaults__ is not defaults:
                    return False
            return rest is None or rest.is_same()
        except (KeyError, ValueError, RuntimeError, EncodeError):
            return False


class Taking:
    """A snapshot that is being taken."""

    def __init__(self) -> None:
        """Nothing was found yet."""
        self._names: dict[tuple[int, str], Named] = {}
        self._spaces: dict[int, Mapping[str, Any]] = {}
        self._absent: defaultdict[int, set[str]] = defaultdict(set)
        self._codes: list[tuple[types.FunctionType, types.CodeType]] = []
        self._roots: list[tuple[types.FunctionType, Any]] = []
        self._rest = Rest()

    def found(self, space: Mapping[str, Any], name: str, value: Any) -> None:
        """A name in a namespace."""
        self._names[id(space), name] = (space, name, value)

    def missed(self, space: Mapping[str, Any], name: str) -> None:
        """A name that is not in a namespace."""
        self._spaces[id(space)] = space
        self._absent[id(space)].add(name)

    def function(self, function: types.FunctionType, *, is_root: bool) -> None:
        """A function.

        Defaults that are given to a function without any answer calls that were errors before; such calls have not
        led to results, but of the first function, which is called from anywhere. Where no parameter can only be given
        by its name, there are no defaults for such.
        """
        self._codes.append((function, function.__code__))
        if is_root:
            self._roots.append((function, function.__defaults__))
        if (is_root and function.__code__.co_kwonlyargcount) or function.__defaults__ or function.__kwdefaults__:
            self._rest.defaults.append((function, function.__defaults__, function.__kwdefaults__))

    def cell(self, cell: types.CellType, value: Any) -> None:
        """A cell that holds something."""
        self._rest.cells.append((cell, value))

    def cls(self, cls: type) -> None:
        """A class."""
        self.space(vars(cls))
        self._rest.bases.append((cls, cls.__bases__))

    def space(self, space: Mapping[str, Any]) -> None:
        """All of a namespace."""
        values = space.values()
        self._rest.attributes.append((values, tuple(values)))

    def value(self, value: Any, form: bytes) -> None:
        """A value and its form."""
        if not is_fixed(value):
            self._rest.values[id(value)] = (value, form)

    def done(self, code: Code, new_look: NewLook) -> Snapshot:
        """The snapshot that the code is of; `new_look` has a function that takes the form of a value again."""
        absent = [(self._spaces[key].keys().isdisjoint, frozenset(names)) for key, names in self._absent.items()]
        self._rest.new_look = new_look
        rest = self._rest or None
        return tuple(self._names.values()), tuple(self._codes), tuple(absent), tuple(self._roots), rest, code
