"""Functions: their source, and all of the user's own that they use."""

from __future__ import annotations

import sys
from types import CellType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any

from brinery.digests.form import Form, Node
from brinery.digests.names import is_own, name_of, tag
from brinery.digests.rules import Rules, rule
from brinery.digests.syntax import syntax_form
from brinery.reducers.code import facts_of, source_from
from brinery.reducers.functions import DISPATCHING

EMPTY = Form(b"V")  # the contents of a cell that has none


class Uses:
    """One of the user's own modules, as far as some code may use it: its attributes of these names."""

    def __init__(self, module: ModuleType, names: tuple[str, ...]) -> None:
        self.module = module
        self.names = names


def of_library(obj: Any) -> Form | None:
    """The name of somebody else's function; None where its name does not lead to it, or where it is the user's own."""
    return None if is_own(getattr(obj, "__module__", None)) else name_of(obj)


@rule(FunctionType)
def function(rules: Rules, obj: FunctionType) -> bytes | Node:
    """The code, the values of the defaults, the closure, the globals that the code names, and the attributes."""
    name = of_library(obj)
    if name is not None:
        return name
    code = obj.__code__
    if code is DISPATCHING:
        return Node(b"o_", [tag(type(obj)), dict(obj.registry)])  # type: ignore[attr-defined]
    closure = dict(zip(code.co_freevars, map(contents_of, obj.__closure__ or ()), strict=True))
    parts = [code, obj.__defaults__, obj.__kwdefaults__, closure, used_globals(rules, obj), obj.__dict__]
    return Node(b"F_", [part or None for part in parts])


def contents_of(cell: CellType) -> Any:
    """What a cell holds."""
    try:
        return cell.cell_contents
    except ValueError:
        return EMPTY


def used_globals(rules: Rules, obj: FunctionType) -> dict[str, Any]:
    """The globals that the code names, but those that tell of the module itself, such as ``__name__``."""
    facts = facts_of(obj.__code__)
    known = obj.__globals__
    return {
        name: used(rules, known[name], facts.attribute_names)
        for name in facts.global_names
        if name in known and not is_of_module(name)
    }


def is_of_module(name: str) -> bool:
    """Whether a global of this name is the import system's."""
    return name.startswith("__") and name.endswith("__")


def used(rules: Rules, value: Any, names: tuple[str, ...]) -> Any:
    """A global as the code may use it: of the user's own modules only what the code has names for."""
    if not isinstance(value, ModuleType) or not is_own(value.__name__):
        return value
    return rules.uses.setdefault((id(value), names), Uses(value, names))


@rule(Uses)
def uses(rules: Rules, obj: Uses) -> Node:
    """The attributes that may be used."""
    found = vars(obj.module)
    return Node(
        b"u_",
        [{name: used(rules, found[name], obj.names) for name in obj.names if name in found and not is_of_module(name)}],
    )


@rule(CodeType)
def code(rules: Rules, obj: CodeType) -> bytes | Node:
    """The source, or where there is none the code itself, which is of one version of Python."""
    _, _, _, *parts = facts_of(obj).payload
    source = source_from(parts)
    if source is not None:
        return syntax_form(source.text, source.qualname.endswith("<lambda>"))
    counts = (obj.co_argcount, obj.co_posonlyargcount, obj.co_kwonlyargcount, obj.co_flags, *sys.version_info[:2])
    names = (obj.co_name, obj.co_names, obj.co_varnames, obj.co_freevars, obj.co_cellvars)
    return Node(b"K_", [counts, names, obj.co_code, obj.co_consts, obj.co_exceptiontable])


@rule(MethodType)
def method(rules: Rules, obj: MethodType) -> Node:
    """The function and the object."""
    return Node(b"o_", [tag(MethodType), obj.__func__, obj.__self__])
