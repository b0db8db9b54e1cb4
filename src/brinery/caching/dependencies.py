"""The way from a function to all that it uses of the user's own code."""

from __future__ import annotations

import builtins
import functools
import importlib
import sys
import textwrap
import types
from collections.abc import Callable, Mapping
from typing import Any

from brinery.caching.behaviour import Behaviour, behaviour_of
from brinery.caching.bytecode import bytecode_form
from brinery.caching.labels import Labels
from brinery.caching.packages import PYTHON, is_compiled, is_own_module, is_own_name
from brinery.caching.parts import Code, Part, code_of_parts, short_text
from brinery.caching.reads import WRITTEN, Import, Path, imports_by_code, names_read
from brinery.caching.snapshot import Taking
from brinery.caching.values import ValueWalk, is_own_code, is_without_effect
from brinery.digests.classes import attributes_of
from brinery.digests.form import hashed
from brinery.digests.functions import contents_of
from brinery.digests.names import is_own
from brinery.digests.syntax import syntax_form
from brinery.errors import EncodeError
from brinery.reducers.code import facts_of, source_from

__all__ = ["Dependencies"]

# Names that the import system gives to a module, and that differ where its functions do not.
OF_IMPORTS = frozenset({"__name__", "__spec__", "__package__", "__loader__", "__builtins__", "__cached__"})
# With these, code may look up any name of its module.
ANY_NAME = frozenset({"globals", "eval", "exec"})
# Attributes of classes that are made of the rest, or hold what was remembered; some differ in each process.
MADE_OF_THE_REST = frozenset(
    {
        "__doc__", "__slotnames__", "__signature__", "__pydantic_core_schema__", "__pydantic_validator__",
        "__pydantic_serializer__", "__pydantic_setattr_handlers__", "__pydantic_complete__",
        "__pydantic_parent_namespace__",
    }
)  # fmt: skip
CONSTANTS = frozenset({"__debug__", "Ellipsis", "NotImplemented"})
# With these, code may look at docstrings, at source, or at what is printed: all that stands in functions counts then.
LOOKING = frozenset(
    {
        "__doc__", "getdoc", "getsource", "getsourcelines", "__code__", "_getframe", "currentframe", "stdout", "stderr",
        "redirect_stdout", "redirect_stderr",
    }
)  # fmt: skip
ABSENT = "absent"
NO_SOURCE = "<no source>"


class Dependencies:
    """One look at functions or classes, and all that they use."""

    def __init__(self, *, is_strict: bool = False) -> None:
        """Nothing was looked at yet. Strictly, docstrings, log lines and names of locals count."""
        self._is_strict = is_strict
        self._must_be_strict = False
        self._labels = Labels()
        self._walk = ValueWalk(self._labels)
        self._taking = Taking()
        self._parts: dict[tuple[str, str], Part] = {}
        self._types: set[type] = set()
        self._open_modules: set[int] = set()

    def look(self, roots: tuple[Any, ...]) -> tuple[Callable[[], bool], Code]:
        """The code of some functions and classes, after what tells whether it would still be the same.

        Raises:
            EncodeError: A global, a default or what is in a closure has no value to speak of.
        """
        for root in roots:
            if isinstance(root, types.FunctionType):  # the first one counts, even if it is of an installed package
                self._labels.of_function(root)
        form = self._form(list(roots))
        is_root = True
        while self._labels.waiting:
            obj, label = self._labels.waiting.popleft()
            if isinstance(obj, types.FunctionType):
                self._function(obj, label, is_root)
            elif isinstance(obj, type):
                self._class(obj, label)
            else:
                self._whole_module(obj, label)
            is_root = False
        if self._must_be_strict and not self._is_strict:
            return Dependencies(is_strict=True).look(roots)
        self._labels.is_closed = True
        for kind, name, version in self._labels.installed | {PYTHON}:
            self._add(kind, name, version.encode(), version)
        labels = self._labels
        code = code_of_parts(self._parts.values(), form)
        return self._taking.done(lambda: functools.partial(form_of, ValueWalk(labels))), code

    def _add(self, kind: str, name: str, form: bytes, text: str) -> None:
        self._parts[kind, name] = Part(kind, name, hashed(form).hex(), text)

    def _form(self, value: Any) -> bytes:
        """The form of a value; the classes of the objects in it are looked at later."""
        form = form_of(self._walk, value)
        met = self._walk.rules.found.keys() - self._types
        self._types |= met
        for cls in sorted(met, key=lambda cls: (cls.__module__, cls.__qualname__)):
            if is_own_code(cls):
                self._labels.of_class(cls)
            else:
                self._labels.meet_installed(cls.__module__)
        return form

    # Functions

    def _function(self, function: types.FunctionType, label: str, is_root: bool) -> None:
        self._taking.function(function, is_root=is_root)
        code = function.__code__
        read = names_read(code)
        source = source_from(list(facts_of(code).payload[3:]))
        if source is None:
            self._add("function", label, bytecode_form(code), NO_SOURCE)
            paths: set[Path] = {(name,) for name in (*read, *code.co_freevars)}
            imports = imports_by_code(code)
        else:
            is_lambda = source.qualname.endswith("<lambda>")
            behaviour = self._behaviour(function, source.text, is_lambda)
            self._must_be_strict |= any(not LOOKING.isdisjoint(path) for path in behaviour.paths)
            form = syntax_form(source.text, is_lambda) if self._is_strict else behaviour.form
            self._add("function", label, form, textwrap.dedent(source.text).strip("\n"))
            # Names that are not in the text are private ones in classes.
            paths = {*behaviour.paths, *((name,) for name in read - behaviour.names)}
            imports = set(behaviour.imports)
        self._imports(function, paths, imports)
        self._globals(function, {path for path in paths if path[0] in read})
        self._closure(function, label, paths)
        self._defaults(function, label)

    def _behaviour(self, function: types.FunctionType, text: str, is_lambda: bool) -> Behaviour:
        """What a function does; only what logs for all that is known counts as logging."""
        behaviour = behaviour_of(text, is_lambda)
        no_loggers = frozenset(each for each in behaviour.log_roots if self._is_strict or may_do_more(each, function))
        return behaviour_of(text, is_lambda, no_loggers) if no_loggers else behaviour

    def _globals(self, function: types.FunctionType, paths: set[Path]) -> None:
        space = function.__globals__
        label = self._labels.of_namespace(space)
        for path in sorted(paths):
            self._global(space, label, path)
        if not ANY_NAME.isdisjoint(path[0] for path in paths):
            self._whole_space(space, label)

    def _global(self, space: dict[str, Any], label: str, path: Path) -> None:
        name, *rest = path
        full_name = f"{label}.{name}"
        if name in OF_IMPORTS:
            return
        if name in space:
            self._taking.found(space, name, space[name])
            self._bound("global", full_name, space[name], tuple(rest))
            return
        self._taking.missed(space, name)
        if not hasattr(builtins, name):
            self._taking.missed(vars(builtins), name)
            self._add("global", full_name, ABSENT.encode(), ABSENT)
        elif not is_python(name):
            self._taking.found(vars(builtins), name, getattr(builtins, name))
            self._bound("global", f"builtins.{name}", getattr(builtins, name), tuple(rest))

    def _closure(self, function: types.FunctionType, label: str, paths: set[Path]) -> None:
        cells = dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=True))
        roots = {path[0] for path in paths} | {"__class__"}
        for name, cell in sorted(cells.items()):
            full_name = f"{label}.<closure>.{name}"
            if name not in roots:
                continue
            try:
                value = cell.cell_contents
            except ValueError:
                self._add("closure", full_name, ABSENT.encode(), ABSENT)
                continue
            self._taking.cell(cell, value)
            for path in sorted(each for each in paths if each[0] == name) or [(name,)]:
                self._bound("closure", full_name, value, path[1:])

    def _defaults(self, function: types.FunctionType, label: str) -> None:
        code = function.__code__
        names = code.co_varnames[: code.co_argcount]
        defaults = function.__defaults__ or ()
        given = dict(zip(names[len(names) - len(defaults) :], defaults, strict=False)) | (function.__kwdefaults__ or {})
        for name, value in sorted(given.items()):
            self._bound("default", f"{label}({name})", value, ())

    # What names are bound to

    def _bound(self, kind: str, name: str, value: Any, rest: Path, *, must_have_value: bool = True) -> None:
        """What a name leads to, of which these attributes are looked up."""
        if isinstance(value, types.ModuleType) and is_own_module(value):
            self._own_module(kind, name, value, rest)
            return
        constant = constant_of_library(value)
        if constant is not None:
            self._labels.meet_installed(constant.partition(":")[0])
            self._add(kind, name, constant.encode(), constant)
            return
        try:
            form = self._form(value)
        except EncodeError as error:
            if must_have_value:
                raise without_value(kind, name, error) from error
            form = f"{type(value).__module__}.{type(value).__qualname__}".encode()
        else:
            self._taking.value(value, form)
        if is_without_effect(value):
            return
        label = self._labels.known(value) if is_own_code(value) else None
        if label is None or label != name:
            self._add(kind, name, form, label or short_text(value))
        if rest and label is not None and isinstance(value, types.FunctionType):
            self._attribute(f"{label}.__dict__.{rest[0]}", value, rest)

    def _attribute(self, name: str, function: types.FunctionType, rest: Path) -> None:
        """An attribute that a function was given."""
        known = vars(function)
        if rest[0] in known and rest[1:] != (WRITTEN,):
            self._taking.found(known, rest[0], known[rest[0]])
            self._bound("global", name, known[rest[0]], rest[1:])

    def _own_module(self, kind: str, name: str, module: types.ModuleType, rest: Path) -> None:
        space = vars(module)
        label = self._labels.of_namespace(space)
        if is_compiled(module.__name__):
            self._labels.meet_installed(module.__name__)
        if label != name:
            self._add(kind, name, f"module {label}".encode(), f"module {label}")
        if not rest or rest[0] == "__dict__":
            self._labels.of_module(module)
        elif rest[1:] != (WRITTEN,) and rest[0] not in OF_IMPORTS:
            self._module_attribute(space, label, rest)

    def _module_attribute(self, space: dict[str, Any], label: str, rest: Path) -> None:
        name = rest[0]
        if name in space:
            self._taking.found(space, name, space[name])
            self._bound("global", f"{label}.{name}", space[name], rest[1:])
            return
        self._taking.missed(space, name)
        if "__getattr__" in space:
            self._module_attribute(space, label, ("__getattr__",))
        else:
            self._add("global", f"{label}.{name}", ABSENT.encode(), ABSENT)

    def _whole_module(self, module: types.ModuleType, label: str) -> None:
        """A module that is given away: of those in it too, as far as they are its own."""
        space = vars(module)
        self._whole_space(space, self._labels.of_namespace(space), inside=module.__name__ + ".")

    def _whole_space(self, space: dict[str, Any], label: str, inside: str | None = None) -> None:
        """All names of a namespace; what has no value counts by its class, as it is hardly what is looked up."""
        if id(space) in self._open_modules:
            return
        self._open_modules.add(id(space))
        self._taking.space(space)
        for name, value in sorted(space.items()):
            if name in OF_IMPORTS or name == "__doc__":
                continue
            full_name = f"{label}.{name}"
            if isinstance(value, types.ModuleType) and is_own_module(value):
                is_inside = inside is not None and value.__name__.startswith(inside)
                self._own_module("global", full_name, value, () if is_inside else (name, WRITTEN))
            else:
                self._bound("global", full_name, value, (), must_have_value=False)

    # Imports while the function runs

    def _imports(self, function: types.FunctionType, paths: set[Path], imports: set[Import]) -> None:
        for each in sorted(imports, key=repr):
            name = full_module_name(each, function.__globals__)
            is_mine = is_own_name(name)
            if is_mine is False:
                self._labels.meet_installed(name)
                continue
            module = self._loaded(name)
            if module is None:
                self._add("global", name, ABSENT.encode(), ABSENT)
                continue
            bound = sys.modules[name.partition(".")[0]] if each.is_top else module
            rests = [path[1:] for path in sorted(paths) if path[0] == each.name] or ([] if each.name else [()])
            for rest in rests:
                self._imported(bound, each.attribute, rest)

    def _imported(self, module: types.ModuleType, attribute: str | None, rest: Path) -> None:
        label = self._labels.of_namespace(vars(module))
        if attribute is None:
            self._own_module("global", label, module, rest)
            return
        if attribute not in vars(module) and hasattr(module, "__path__"):
            self._loaded(f"{module.__name__}.{attribute}")
        self._module_attribute(vars(module), label, (attribute, *rest))

    def _loaded(self, name: str) -> types.ModuleType | None:
        """A module of the user's own; None where it cannot be imported."""
        if name not in sys.modules:
            try:
                importlib.import_module(name)
            except Exception:  # a module's text is anybody's; the function will meet it, or not
                self._taking.missed(sys.modules, name)
                return None
        module = sys.modules[name]
        self._taking.found(sys.modules, name, module)
        return module

    # Classes

    def _class(self, cls: type, label: str) -> None:
        self._taking.cls(cls)
        if is_compiled(cls.__module__):
            self._labels.meet_installed(cls.__module__)
        attributes = own_attributes(cls)
        if self._is_strict:
            attributes["__doc__"] = cls.__doc__
        forms = [self._form([type(cls), *cls.__bases__])]
        for name, value in sorted(attributes.items()):
            forms += [name.encode(), self._class_attribute(f"{label}.{name}", name, value)]
        forms.append(self._form(list(attributes.get("__annotations__") or ())))
        plain = {name: value for name, value in attributes.items() if not callable(value) and not name.startswith("__")}
        bases = ", ".join(base.__qualname__ for base in cls.__bases__)
        self._add("class", label, self._form(forms), short_text_of_class(cls.__qualname__, bases, plain))

    def _class_attribute(self, full_name: str, name: str, value: Any) -> bytes:
        """The form of an attribute; those that a library keeps for itself may have none."""
        try:
            form = self._form(value)
        except EncodeError as error:
            if not name.startswith("__"):
                raise without_value("class attribute", full_name, error) from error
            return f"{type(value).__module__}.{type(value).__qualname__}".encode()
        if not name.startswith("__") and name != "_field_defaults":  # those nobody changes in place
            self._taking.value(value, form)
        return form


def form_of(walk: ValueWalk, value: Any) -> bytes:
    """The form of a list of the value alone, in which errors tell a place even where it is the value itself."""
    return walk.reference([value])


def own_attributes(cls: type) -> dict[str, Any]:
    """The attributes of a class that tell what it does, without what is remembered in it."""
    found = attributes_of(cls)
    return {
        name: value
        for name, value in found.items()
        if name not in MADE_OF_THE_REST and (name != "__annotations__" or value)
    }


def short_text_of_class(name: str, bases: str, attributes: Mapping[str, Any]) -> str:
    """A class for people: its name, its bases, the values that it has."""
    told = "; ".join(f"{name} = {short_text(value)}" for name, value in attributes.items())
    return f"class {name}({bases}): {told}"[:200]


def constant_of_library(value: Any) -> str | None:
    """The name of an object that the module of its class has made, such as ``scipy.stats.norm`` or ``os.environ``."""
    module = type(value).__module__
    if module == "builtins" or isinstance(value, type | types.FunctionType) or is_own(module):
        return None
    space = vars(sys.modules[module]) if module in sys.modules else {}
    return next((f"{module}:{name}" for name, found in space.items() if found is value), None)


def is_python(name: str) -> bool:
    """Whether a builtin is Python's, and none that somebody has put there."""
    value = getattr(builtins, name)
    return name in CONSTANTS or getattr(value, "__module__", "").partition(".")[0] in sys.stdlib_module_names


def may_do_more(root: str, function: types.FunctionType) -> bool:
    """Whether what looks like a logger, or like the builtin `print`, may be something of the user's own."""
    cells = dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=True))
    value = contents_of(cells[root]) if root in cells else function.__globals__.get(root)
    if isinstance(value, types.ModuleType):
        return is_own_module(value)
    return is_own_code(value) or is_own(type(value).__module__)


def full_module_name(each: Import, space: dict[str, Any]) -> str:
    """The name of the module that is imported, which may be told from where the function is."""
    if not each.level:
        return each.module
    package = space.get("__package__") or str(space.get("__name__", "")).rpartition(".")[0]
    parts = package.split(".")
    base = ".".join(parts[: len(parts) - each.level + 1])
    return f"{base}.{each.module}" if each.module else base


def without_value(kind: str, name: str, error: EncodeError) -> EncodeError:
    """The error that something that a function uses has no value to speak of."""
    place = str(error).removeprefix("list[0]")
    return EncodeError(
        f"the {kind} {name} has no value that results could depend on. {name}{place}. Make it an argument of the "
        "function and name that in ignore=, or keep the results with version= instead"
    )
