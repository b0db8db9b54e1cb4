"""Loading by the vetted list, the plain way: every call and state matched, every guard at work.

It stands for the two phases of the core, so that the list and the guards can be tested by themselves.
"""

from __future__ import annotations

import _compat_pickle
import io
import pickle
import sys
from typing import Any

from brinery.errors import UntrustedError
from brinery.trust import guards, vetting
from tests.trust.patterns import Made, compiled, matches_arguments, matches_state

Entry = dict[str, Any]


def entry_of(module: str, name: str) -> Entry | None:
    package = vetting.package_of(module)
    if package is None:
        return None
    return next((known for m, n, known in vetting.entries(package) if (m, n) == (module, name)), None)


class VettedUnpickler(pickle._Unpickler):  # type: ignore[misc, name-defined]
    """The stdlib's, which asks the list about everything."""

    dispatch = dict(pickle._Unpickler.dispatch)  # type: ignore[attr-defined]

    def __init__(self, data: bytes, buffers: Any = None) -> None:
        super().__init__(io.BytesIO(data), buffers=buffers)
        self.made = Made()
        self.entries: dict[str, Entry] = {}
        self.real: dict[int, str] = {}  # paths by the identity of what find_class gave

    def find_class(self, module: str, name: str) -> Any:
        if self.proto < 3:
            module, name = renamed(module, name)
        entry = entry_of(module, name)
        if entry is None:
            raise UntrustedError(f"{module}:{name} is not vetted")
        return self.known(f"{module}:{name}", entry, super().find_class(module, name))

    def known(self, path: str, entry: Entry, found: Any) -> Any:
        self.entries[path] = entry
        self.made.found(found, path, entry["role"])
        return found

    def called(self, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any], *, new: bool) -> Any:
        path, entry = self.entry_called(func)
        if not any(matches_arguments(each, args, self.made) for each in entry.get("args", ())):
            raise UntrustedError(f"{path} may not be called with {args!r:.300}")
        if "maker" in entry:
            result = guards.find(entry["maker"])(func, *args, **kwargs)
        elif "guard" in entry and entry["role"] == "function":
            result = guards.find(entry["guard"])(*args, **kwargs)
        else:
            result = func.__new__(func, *args, **kwargs) if new else func(*args, **kwargs)
        self.note(path, entry, args, result)
        return result

    def entry_called(self, func: Any) -> tuple[str, Entry]:
        path = self.made.globals.get(id(func), ("",))[0]
        entry = self.entries.get(path)
        if entry is None or entry["role"] not in {"class", "function"}:
            raise UntrustedError(f"{func!r} may not be called")
        return path, entry

    def note(self, path: str, entry: Entry, args: tuple[Any, ...], result: Any) -> None:
        makes = entry.get("makes")
        if path == "builtins:getattr" and id(args[0]) in self.made.globals:
            dotted = f"{self.made.globals[id(args[0])][0]}.{args[1]}"
            module, _, name = dotted.partition(":")
            found = entry_of(module, name)
            if found is None:
                raise UntrustedError(f"{dotted} is not vetted")
            self.known(dotted, found, result)
        elif type(makes) is int:
            of = self.made.globals.get(id(args[makes]), (f"{path}",))[0]
            self.made.made(result, of)
        elif makes is None or ":" in makes:
            self.made.made(result, makes or path)
            if makes:
                self.entries.setdefault(makes, entry_of(*makes.split(":")) or {})

    def load_reduce(self) -> None:
        args = self.stack.pop()
        func = self.stack[-1]
        self.stack[-1] = self.called(func, args, {}, new=False)

    def load_newobj(self) -> None:
        args = self.stack.pop()
        cls = self.stack.pop()
        self.append(self.called(cls, args, {}, new=True))

    def load_newobj_ex(self) -> None:
        kwargs = self.stack.pop()
        args = self.stack.pop()
        cls = self.stack.pop()
        path, entry = self.entry_called(cls)
        for key, value in kwargs.items():
            known = entry.get("kwargs", {})
            pattern = known.get(key) or known.get("*")
            if pattern is None or not compiled(pattern)(value, self.made):
                raise UntrustedError(f"{path} may not be called with {key}={value!r:.100}")
        self.append(self.called(cls, args, kwargs, new=True))

    def entry_made(self, obj: Any) -> tuple[str, Entry]:
        path = self.made.by.get(id(obj), "")
        entry = self.entries.get(path) or entry_of(*path.split(":")) if path else None
        if entry is None:
            raise UntrustedError(f"{type(obj)} was not made by an entry, and takes no state")
        return path, entry

    def load_build(self) -> None:
        state = self.stack.pop()
        obj = self.stack[-1]
        path, entry = self.entry_made(obj)
        if not matches_state(entry, state, self.made):
            raise UntrustedError(f"{path} may not have the state {state!r:.600}")
        own = entry_of(*path.split(":")) or entry
        guard = own.get("guard") if own["role"] != "function" else None
        if guard is not None:
            guards.find(guard)(obj, state)
            return
        self.stack.append(state)
        super().load_build()

    def load_setitems(self) -> None:
        items = self.pop_mark()
        self.take_items(items)

    def load_setitem(self) -> None:
        value = self.stack.pop()
        key = self.stack.pop()
        self.take_items([key, value])

    def take_items(self, items: list[Any]) -> None:
        target = self.stack[-1]
        if type(target) is not dict:
            path, entry = self.entry_made(target)
            patterns = entry.get("items")
            for key, value in zip(items[::2], items[1::2], strict=True):
                if patterns is None or not (
                    compiled(patterns[0])(key, self.made) and compiled(patterns[1])(value, self.made)
                ):
                    raise UntrustedError(f"{path} takes no item {key!r:.50}: {value!r:.50}")
        for key, value in zip(items[::2], items[1::2], strict=True):
            target[key] = value

    def load_appends(self) -> None:
        self.take_appends(self.pop_mark())

    def load_append(self) -> None:
        self.take_appends([self.stack.pop()])

    def take_appends(self, items: list[Any]) -> None:
        target = self.stack[-1]
        if type(target) is not list:
            path, entry = self.entry_made(target)
            if "appends" not in entry:
                raise UntrustedError(f"{path} takes no items")
        for each in items:
            target.append(each)


for opcode, name in {
    pickle.REDUCE: "load_reduce", pickle.NEWOBJ: "load_newobj", pickle.NEWOBJ_EX: "load_newobj_ex",
    pickle.BUILD: "load_build", pickle.SETITEMS: "load_setitems", pickle.SETITEM: "load_setitem",
    pickle.APPENDS: "load_appends", pickle.APPEND: "load_append",
}.items():  # fmt: skip
    VettedUnpickler.dispatch[opcode[0]] = getattr(VettedUnpickler, name)


def renamed(module: str, name: str) -> tuple[str, str]:
    """Python 3's name of a global of Python 2."""
    if (module, name) in _compat_pickle.NAME_MAPPING:
        return _compat_pickle.NAME_MAPPING[module, name]
    return _compat_pickle.IMPORT_MAPPING.get(module, module), name


def loads(data: bytes, buffers: Any = None) -> Any:
    """What the vetted list lets be made of the bytes, with every guard.

    Raises:
        UntrustedError: The list does not let it.
        IntegrityError: A guard refuses it.
    """
    return VettedUnpickler(data, buffers).load()


__all__ = ["VettedUnpickler", "loads"]
_ = sys
