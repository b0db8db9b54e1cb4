"""What parts of the user's own code are called while they are looked at, and which of them still have to be.

A label is the same in each process: the names of module and object; where several objects have the same names they are
numbered, in the order in which they are met.
"""

from __future__ import annotations

import sys
from collections import Counter, deque
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any, NamedTuple

from brinery.caching.packages import Installed, installed_with

__all__ = ["Labels", "Waiting"]

MAIN = frozenset({"__main__", "__mp_main__"})


class Waiting(NamedTuple):
    """Something that was labelled, and has to be looked at."""

    obj: Any
    label: str


class Labels:
    """The labels of functions, classes and modules, and the packages that were met."""

    def __init__(self) -> None:
        """Nothing was met yet."""
        self.waiting: deque[Waiting] = deque()
        self.installed: set[Installed] = set()
        self.is_closed = False  # nothing is labelled any more
        self._labels: dict[int, str] = {}
        self._kept: list[Any] = []  # whose ids are keys
        self._counts: Counter[str] = Counter()

    def known(self, obj: Any) -> str | None:
        """The label of an object that has one."""
        return self._labels.get(id(obj))

    def of_function(self, function: FunctionType) -> str:
        """The label of a function of the user's own, which is looked at later."""
        return self._labelled(function, self.of_namespace(function.__globals__), function.__code__.co_qualname)

    def of_class(self, cls: type) -> str:
        """The label of a class of the user's own, which is looked at later."""
        module = sys.modules.get(cls.__module__)
        place = cls.__module__ if module is None else self.of_namespace(vars(module))
        return self._labelled(cls, place, cls.__qualname__)

    def of_module(self, module: ModuleType) -> str:
        """The label of a module of the user's own, all of which is looked at later."""
        return self._labelled(module, self.of_namespace(vars(module)), "*")

    def of_namespace(self, namespace: dict[str, Any]) -> str:
        """The label of the globals of a module: its name; of a script the name under which it can be imported."""
        found = self._labels.get(id(namespace))
        if found is None:
            found = self._labels[id(namespace)] = self._numbered(module_name(namespace))
            self._kept.append(namespace)
        return found

    def meet_installed(self, module_name: str) -> None:
        """Somebody else's module was met."""
        if not self.is_closed:
            self.installed.update(installed_with(module_name))

    def _labelled(self, obj: Any, place: str, name: str) -> str:
        found = self._labels.get(id(obj))
        if found is not None:
            return found
        if self.is_closed:
            return "met later"
        found = self._labels[id(obj)] = self._numbered(f"{place}.{name}")
        self._kept.append(obj)
        self.waiting.append(Waiting(obj, found))
        return found

    def _numbered(self, name: str) -> str:
        self._counts[name] += 1
        count = self._counts[name]
        return name if count == 1 else f"{name} ({count})"


def module_name(namespace: dict[str, Any]) -> str:
    """The name of a module whether it runs as a script or was imported."""
    name = str(namespace.get("__name__", "?"))
    if name not in MAIN:
        return name
    spec, file = namespace.get("__spec__"), namespace.get("__file__")
    return spec.name if spec is not None else Path(file).stem if isinstance(file, str) else "__main__"
