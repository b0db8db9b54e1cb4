"""Functions by value: the code, the defaults, the closure, and of the globals those that are used."""

from __future__ import annotations

import builtins
import functools
import importlib
import sys
from types import CellType, CodeType, FunctionType, MethodType
from typing import Any

from brinery.reducers import rule
from brinery.reducers.code import CodeFacts, facts_of, loaded_code, source_payload
from brinery.reducers.reduction import Reduction
from brinery.reducers.registry import rebuilds, reduces

# Modules whose submodules a function may reach by their attributes.
ModuleType = type(sys)


@reduces(FunctionType)
def reduce_function(reduction: Reduction, function: FunctionType) -> Any:
    if rule.leads_to(function.__module__, function.__qualname__, function):
        return NotImplemented
    code = function.__code__
    if code is DISPATCHING:
        return reduce_singledispatch(function)
    facts = facts_of(code)
    namespace: Any = reduction.namespace_of(function.__globals__)
    by_name = type(namespace) is not dict
    used, own_names = (None, ()) if by_name else used_globals(function, facts)
    changes = changes_of(function, code, facts.doc, namespace if by_name else namespace.get("__name__"))
    if reduction.canonical:
        for attributes in (used, changes):
            clean_doc(attributes)
    cells, contents = closure_of(reduction, function)
    # What is plain cannot lead back to the function, and need not wait until it is made.
    is_early = used and PLAIN.issuperset(map(type, used.values()))
    payload = source_payload(code) if reduction.canonical else facts.payload
    are_early = changes and all(map(is_plain, changes.values()))
    arguments = (payload, namespace, cells, used if is_early else None, own_names, changes)
    given = 6 if are_early else 5 if own_names else 4 if is_early else 3 if cells is not None else 2
    late = None if is_early else used or None
    late_changes = None if are_early else changes or None
    if late is None and contents is None and late_changes is None:
        return make_function, arguments[:given]
    return make_function, arguments[:given], (late, contents, late_changes), None, None, set_function_state


def used_globals(function: FunctionType, facts: CodeFacts) -> tuple[dict[str, Any] | None, tuple[str, ...]]:
    """The globals that a function uses, and under which names it is itself one of them."""
    if not facts.global_names:
        return None, ()
    known = function.__globals__
    used = {name: known[name] for name in facts.global_names if name in known}
    own_names = [name for name, value in used.items() if value is function]
    for name in own_names:
        del used[name]
    if facts.attribute_names and (submodules := submodules_of(used, facts.attribute_names)):
        used["__submodules__"] = submodules
    return used, tuple(own_names)


def closure_of(reduction: Reduction, function: FunctionType) -> tuple[Any, tuple[Any, ...] | None]:
    """The cells of a function, and what is in them where that has to wait; or what is in them in the place of cells."""
    closure = function.__closure__
    if closure is None:
        return None, None
    # How many refer to a cell is a matter of history.
    plain = None if reduction.canonical else plain_contents(closure)
    if plain is not None:
        return plain, None
    reduction.announce(closure)
    return closure, tuple(contents_of(cell) for cell in closure)


PLAIN = frozenset({int, float, str, bytes, bool, type(None)})


def is_plain(value: Any) -> bool:
    """Whether a value is plain, or a tuple or dict of nothing else."""
    if type(value) is dict:
        return PLAIN.issuperset(map(type, value.values())) and PLAIN.issuperset(map(type, value))
    return type(value) in PLAIN or (type(value) is tuple and PLAIN.issuperset(map(type, value)))


def plain_contents(closure: tuple[CellType, ...]) -> list[Any] | None:
    """The contents of cells that nothing else refers to and that hold plain values; None where there are others."""
    found = []
    for cell in closure:
        # The closure, the loop, the call: three references, and no other.
        if sys.getrefcount(cell) != 3:
            return None
        contents = contents_of(cell)
        if not contents or type(contents[0]) not in PLAIN:
            return None
        found.append(contents[0])
    return found


# The code that all functions of functools.singledispatch() share.
DISPATCHING = functools.singledispatch(lambda each: None).__code__  # type: ignore[attr-defined]


def reduce_singledispatch(function: Any) -> Any:
    implementations = dict(function.registry)
    made_anyway = {"registry", "dispatch", "register", "_clear_cache", "__wrapped__"}
    base = implementations.pop(object)
    wrapped = getattr(base, "__dict__", {})  # singledispatch() copies it: descriptors, too, where it is of a class
    attributes = {
        name: value
        for name, value in vars(function).items()
        if name not in made_anyway and not (name in wrapped and wrapped[name] is value)
    }
    return make_singledispatch, (base,), (implementations, attributes), None, None, set_singledispatch_state


@rebuilds
def make_singledispatch(function: Any) -> Any:
    return functools.singledispatch(function)


@rebuilds
def set_singledispatch_state(function: Any, state: tuple[dict[type, Any], dict[str, Any]]) -> None:
    implementations, attributes = state
    for cls, implementation in implementations.items():
        function.register(cls, implementation)
    function.__dict__.update(attributes)


@reduces(functools.cached_property)
def reduce_cached_property(reduction: Reduction, found: Any) -> Any:
    return make_cached_property, (found.func, found.attrname)


@rebuilds
def make_cached_property(function: Any, name: str | None) -> Any:
    made: Any = functools.cached_property(function)
    made.attrname = name
    return made


@reduces(functools.singledispatchmethod)
def reduce_singledispatchmethod(reduction: Reduction, method: Any) -> Any:
    return make_singledispatchmethod, (method.dispatcher,)


@rebuilds
def make_singledispatchmethod(dispatcher: Any) -> Any:
    made: Any = functools.singledispatchmethod(dispatcher.registry[object])
    made.dispatcher = dispatcher
    return made


def contents_of(cell: CellType) -> tuple[Any, ...]:
    """The contents as a tuple of one; or of none, while there are none."""
    try:
        return (cell.cell_contents,)
    except ValueError:
        return ()


def changes_of(function: FunctionType, code: CodeType, doc: str | None, module: Any) -> dict[str, Any]:
    """What the function has that it would not have if it were just made of its code."""
    changes: dict[str, Any] = {}
    if function.__name__ != code.co_name:
        changes["__name__"] = function.__name__
    if function.__qualname__ != code.co_qualname:
        changes["__qualname__"] = function.__qualname__
    if function.__module__ != module:
        changes["__module__"] = function.__module__
    if function.__doc__ != doc:
        changes["__doc__"] = function.__doc__
    if function.__defaults__:
        changes["__defaults__"] = function.__defaults__
    if function.__kwdefaults__:
        changes["__kwdefaults__"] = function.__kwdefaults__
    if function.__annotations__:
        changes["__annotations__"] = function.__annotations__
    if function.__dict__:
        changes["__dict__"] = function.__dict__
    if parameters := getattr(function, "__type_params__", None):
        changes["__type_params__"] = parameters
    return changes


def clean_doc(attributes: dict[str, Any] | None) -> None:
    """Bring a docstring to one indentation: versions of Python differ in what they leave of it."""
    doc = attributes.get("__doc__") if attributes else None
    if attributes and isinstance(doc, str):
        import inspect

        attributes["__doc__"] = inspect.cleandoc(doc)


def submodules_of(used: dict[str, Any], names: tuple[str, ...]) -> list[Any]:
    """Modules that the code reaches as attributes of modules among its globals: loading must import them, too."""
    found = []
    waiting = [each.__name__ for each in used.values() if isinstance(each, ModuleType)]
    while waiting:
        parent = waiting.pop()
        for name in names:
            module = sys.modules.get(f"{parent}.{name}")
            if module is not None:
                found.append(module)
                waiting.append(module.__name__)
    return found


@rebuilds
def make_function(
    payload: tuple[Any, ...],
    namespace: dict[str, Any] | str,
    closure: tuple[CellType, ...] | list[Any] | None = None,
    used: dict[str, Any] | None = None,
    own_names: tuple[str, ...] = (),
    changes: dict[str, Any] | None = None,
) -> Any:
    """A function whose state is yet to come, or that has none.

    Its globals are those of the module of that name, or the dict, to which those it uses are added, and the function
    itself under its own names there. Its closure is given as cells, or as a list of what is in cells of its own.
    ``changes`` are attributes that differ from what the code says.
    """
    if type(closure) is list:
        closure = tuple(map(CellType, closure))
    if isinstance(namespace, str):
        namespace = globals_of(namespace)
    elif "__builtins__" not in namespace:
        namespace["__builtins__"] = builtins
    if used is not None:
        namespace.update(used)
    function = FunctionType(loaded_code(payload), namespace, None, None, closure)  # type: ignore[arg-type]
    for name in own_names:
        namespace[name] = function
    if changes is not None:
        change(function, changes)
    return function


def change(function: FunctionType, changes: dict[str, Any]) -> None:
    """Set what the function has beside what its code says."""
    for name, value in changes.items():
        if name == "__dict__":
            function.__dict__.update(value)
        else:
            setattr(function, name, value)


def globals_of(module_name: str) -> dict[str, Any]:
    """The globals of a module, which is imported if it is not here yet, or not whole."""
    module = sys.modules.get(module_name)
    if module is None or getattr(getattr(module, "__spec__", None), "_initializing", False):
        module = importlib.import_module(module_name)
    return module.__dict__


@rebuilds
def set_function_state(function: FunctionType, state: tuple[Any, ...]) -> None:
    used, contents, changes = state
    if used:
        used.pop("__submodules__", None)
        function.__globals__.update(used)
    if contents:
        for cell, content in zip(function.__closure__ or (), contents, strict=True):
            if content:
                cell.cell_contents = content[0]
    if changes:
        change(function, changes)


@reduces(CellType)
def reduce_cell(reduction: Reduction, cell: CellType) -> Any:
    contents = contents_of(cell)
    if id(cell) in reduction.announced_cells or not contents:
        return make_cell, ()
    return make_cell, (), contents, None, None, set_cell


@rebuilds
def make_cell() -> CellType:
    return CellType()


@rebuilds
def set_cell(cell: CellType, contents: tuple[Any]) -> None:
    cell.cell_contents = contents[0]


@reduces(MethodType)
def reduce_method(reduction: Reduction, method: MethodType) -> Any:
    return MethodType, (method.__func__, method.__self__)


@reduces(staticmethod, classmethod)
def reduce_wrapped_method(reduction: Reduction, method: Any) -> Any:
    return type(method), (method.__func__,)


@reduces(property)
def reduce_property(reduction: Reduction, found: property) -> Any:
    return property, (found.fget, found.fset, found.fdel, found.__doc__)


@reduces(functools._lru_cache_wrapper)
def reduce_lru_cache(reduction: Reduction, cached: Any) -> Any:
    if rule.leads_to(getattr(cached, "__module__", None), getattr(cached, "__qualname__", None), cached):
        return NotImplemented
    settings = cached.cache_parameters()
    state = {name: value for name, value in cached.__dict__.items() if name not in {"__wrapped__", "cache_parameters"}}
    return make_lru_cache, (cached.__wrapped__, settings["maxsize"], settings["typed"]), state or None


@rebuilds
def make_lru_cache(function: Any, maxsize: int | None, typed: bool) -> Any:
    """The function with a cache of its own, empty."""
    return functools.lru_cache(maxsize=maxsize, typed=typed)(function)
