"""What was found when code was looked at, to see fast whether all of it is still there.

Compared are identities, which is all that it takes for what does not change itself; the rest has its form taken again.
Each call of a function asks, so that the comparisons are written as one expression, which takes half the time of loops
over what is to be compared.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping, ValuesView
from operator import is_
from typing import Any

from brinery.caching.parts import Code
from brinery.caching.values import is_fixed
from brinery.errors import EncodeError

__all__ = ["Seeing", "Taking"]

NewLook = Callable[[], Callable[[Any], bytes]]
# A name that is gone, a cell that was emptied, a dict that another thread changes, what has no value any more.
CHANGES = (KeyError, ValueError, RuntimeError, EncodeError)
TEXT = """
def is_same():
    try:
        return {}
    except CHANGES:
        return False
"""


class Seeing:
    """What was seen last, and whether it is still there. Safe to use from any thread."""

    def __init__(self) -> None:
        """Nothing was seen yet."""
        self._seen: tuple[Callable[[], bool], Code] = (bool, Code("", ()))

    def is_same(self) -> bool:
        """Whether everything is still as it was when the code was returned last."""
        return self._seen[0]()


class Slow:
    """What takes more than a comparison: classes, and values that can change."""

    def __init__(self) -> None:
        """Nothing was found yet."""
        self.attributes: list[tuple[ValuesView[Any], tuple[Any, ...]]] = []
        self.values: dict[int, tuple[Any, bytes]] = {}
        self.new_look: NewLook = lambda: bytes

    def is_same(self) -> bool:
        """Whether everything is still as it was.

        Raises:
            RuntimeError: Another thread changes a dict.
            EncodeError: Something has no value to speak of any more.
        """
        for found, expected in self.attributes:
            if len(found) != len(expected) or not all(map(is_, found, expected)):
                return False
        form_of = self.new_look() if self.values else bytes
        return all(form_of(value) == form for value, form in self.values.values())


class Taking:
    """A snapshot that is being taken."""

    def __init__(self) -> None:
        """Nothing was found yet."""
        self._tests: dict[str, None] = {}  # in order
        self._names: dict[int, str] = {}  # of objects, by their ids
        self._objects: dict[str, Any] = {"CHANGES": CHANGES}
        self._absent: dict[int, tuple[Mapping[str, Any], set[str]]] = {}
        self._slow = Slow()

    def found(self, space: Mapping[str, Any], name: str, value: Any) -> None:
        """A name in a namespace."""
        self._must_be(f"{self._name_of(space)}[{name!r}]", value)

    def missed(self, space: Mapping[str, Any], name: str) -> None:
        """A name that is not in a namespace."""
        self._absent.setdefault(id(space), (space, set()))[1].add(name)

    def function(self, function: types.FunctionType, *, is_root: bool) -> None:
        """A function.

        Defaults that are given to a function without any answer calls that were errors before; such calls have not
        led to results, but of the first function, which is called from anywhere. Where no parameter can only be given
        by its name, there are no defaults for such.
        """
        name, code = self._name_of(function), function.__code__
        self._must_be(f"{name}.__code__", code)
        if function.__defaults__ or (is_root and code.co_argcount):
            self._must_be(f"{name}.__defaults__", function.__defaults__)
        if function.__kwdefaults__ or (is_root and code.co_kwonlyargcount):
            self._must_be(f"{name}.__kwdefaults__", function.__kwdefaults__)

    def cell(self, cell: types.CellType, value: Any) -> None:
        """A cell that holds something."""
        self._must_be(f"{self._name_of(cell)}.cell_contents", value)

    def cls(self, cls: type) -> None:
        """A class."""
        self._must_be(f"{self._name_of(cls)}.__bases__", cls.__bases__)
        self.space(vars(cls))

    def space(self, space: Mapping[str, Any]) -> None:
        """All of a namespace."""
        values = space.values()
        self._slow.attributes.append((values, tuple(values)))

    def value(self, value: Any, form: bytes) -> None:
        """A value and its form."""
        if not is_fixed(value):
            self._slow.values[id(value)] = (value, form)

    def done(self, new_look: NewLook) -> Callable[[], bool]:
        """What tells whether everything is still there; `new_look` has a function that takes the form of a value."""
        tests = list(self._tests)
        for space, missing in self._absent.values():
            tests.append(f"{self._name_of(space.keys().isdisjoint)}({self._name_of(frozenset(missing))})")
        if self._slow.attributes or self._slow.values:
            self._slow.new_look = new_look
            tests.append(f"{self._name_of(self._slow.is_same)}()")
        exec(TEXT.format(" and ".join(tests) or "True"), self._objects)
        is_same: Callable[[], bool] = self._objects["is_same"]
        return is_same

    def _must_be(self, place: str, value: Any) -> None:
        self._tests[f"{place} is {self._name_of(value)}"] = None

    def _name_of(self, obj: Any) -> str:
        """The name of an object in the text of the tests."""
        name = self._names.get(id(obj))
        if name is None:
            name = self._names[id(obj)] = f"o{len(self._names)}"
            self._objects[name] = obj
        return name
