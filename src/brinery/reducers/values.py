"""Values of the standard library that pickle leaves out, and that are what they are wherever they are."""

from __future__ import annotations

import dataclasses
import gc
import importlib
import re
import struct
import sys
import types
import typing
import weakref
from typing import Any

from brinery.reducers import rule
from brinery.reducers.identities import known, make_known
from brinery.reducers.reduction import Reduction
from brinery.reducers.registry import rebuilds, reduces


@reduces(types.ModuleType)
def reduce_module(reduction: Reduction, module: types.ModuleType) -> Any:
    name = module.__name__
    if name == "__main__" or (rule.is_importable(name) and sys.modules.get(name) is module):
        return importlib.import_module, (name,)
    state = {
        key: value
        for key, value in vars(module).items()
        if key not in {"__builtins__", "__loader__", "__spec__", "__cached__"}
    }
    return make_module, (name,), state, None, None, set_module_state


@rebuilds
def make_module(name: str) -> types.ModuleType:
    return types.ModuleType(name)


@rebuilds
def set_module_state(module: types.ModuleType, state: dict[str, Any]) -> None:
    vars(module).update(state)


@reduces(types.MappingProxyType)
def reduce_mapping_proxy(reduction: Reduction, proxy: Any) -> Any:
    inner = gc.get_referents(proxy)
    if len(inner) == 1 and isinstance(inner[0], dict):
        return types.MappingProxyType, (inner[0],)
    return types.MappingProxyType, (dict(proxy),)


@reduces(re.Match)
def reduce_match(reduction: Reduction, match: re.Match[Any]) -> Any:
    return make_match, (match.re, match.string, match.pos, match.endpos, match.span())


@rebuilds
def make_match(pattern: re.Pattern[Any], text: Any, start: int, end: int, span: tuple[int, int]) -> Any:
    """The same match, found again."""
    for method in (pattern.match, pattern.fullmatch, pattern.search):
        found = method(text, start, end)
        if found is not None and found.span() == span:
            return found
    for found in pattern.finditer(text, start, end):
        if found.span() == span:
            return found
    found = pattern.fullmatch(text, *span)
    if found is None:
        raise ValueError(f"{pattern.pattern!r} does not match {span} of the text any more")
    return found


@reduces(struct.Struct)
def reduce_struct(reduction: Reduction, found: struct.Struct) -> Any:
    return struct.Struct, (found.format,)


@reduces(memoryview)
def reduce_memoryview(reduction: Reduction, view: memoryview) -> Any:
    # A view of memory travels as the memory: writable stays writable.
    data = view.tobytes() if view.readonly else bytearray(view.tobytes())
    return make_memoryview, (data, view.format, view.shape)


@rebuilds
def make_memoryview(data: Any, format: str, shape: tuple[int, ...]) -> memoryview:
    view = memoryview(data)
    return view if format == "B" and len(shape) == 1 else view.cast("B").cast(format, shape)  # type: ignore[call-overload]


@reduces(weakref.ref)
def reduce_weak_reference(reduction: Reduction, reference: Any) -> Any:
    # A weak reference keeps nothing alive: what it refers to has to be in the same pickle, or is gone after loading.
    return make_weak_reference, (reference(),)


@rebuilds
def make_weak_reference(target: Any) -> Any:
    if target is None:
        return weakref.ref(_Gone())
    return weakref.ref(target)


class _Gone:
    """What a dead reference once referred to."""


@reduces(weakref.WeakValueDictionary)
def reduce_weak_values(reduction: Reduction, mapping: Any) -> Any:
    return weakref.WeakValueDictionary, (), None, None, iter(list(mapping.items()))


@reduces(weakref.WeakKeyDictionary)
def reduce_weak_keys(reduction: Reduction, mapping: Any) -> Any:
    return weakref.WeakKeyDictionary, (), None, None, iter(list(mapping.items()))


@reduces(weakref.WeakSet)
def reduce_weak_set(reduction: Reduction, found: Any) -> Any:
    return weakref.WeakSet, (list(found),)


@reduces(type(dataclasses.MISSING))
def reduce_missing(reduction: Reduction, missing: Any) -> Any:
    return module_value, ("dataclasses", "MISSING")


@reduces(type(dataclasses.KW_ONLY), "dataclasses._FIELD_BASE", "dataclasses._HAS_DEFAULT_FACTORY_CLASS")
def reduce_dataclass_marker(reduction: Reduction, marker: Any) -> Any:
    for name, value in vars(dataclasses).items():
        if value is marker:
            return module_value, ("dataclasses", name)
    return NotImplemented


@reduces("dataclasses._DataclassParams")
def reduce_dataclass_settings(reduction: Reduction, settings: Any) -> Any:
    return make_dataclass_settings, ({name: getattr(settings, name) for name in type(settings).__slots__},)


@rebuilds
def make_dataclass_settings(settings: dict[str, bool]) -> Any:
    """What a class says of its decorator, as far as this version of Python knows of it."""
    kind = dataclasses._DataclassParams  # type: ignore[attr-defined]
    made = kind.__new__(kind)
    for name in kind.__slots__:
        setattr(made, name, settings.get(name, name == "match_args"))
    return made


@rebuilds
def module_value(module: str, name: str) -> Any:
    """The very object that a module has under a name."""
    return getattr(importlib.import_module(module), name)


# The first three since 3.11, then one since 3.12 and one since 3.13.
VARIABLE_SETTINGS = ("bound", "covariant", "contravariant", "infer_variance", "default")


@reduces(typing.TypeVar, typing.ParamSpec, typing.TypeVarTuple)
def reduce_type_variable(reduction: Reduction, variable: Any) -> Any:
    if rule.leads_to(getattr(variable, "__module__", None), variable.__name__, variable):
        return NotImplemented
    settings: dict[str, Any] = {}
    for name in VARIABLE_SETTINGS:
        setting = getattr(variable, f"__{name}__", None)
        if setting and setting is not getattr(typing, "NoDefault", None):
            settings[name] = setting
    constraints = getattr(variable, "__constraints__", ())
    identity = reduction.identity_of(variable)
    return make_type_variable, (type(variable), variable.__name__, constraints, settings, variable.__module__, identity)


@rebuilds
def make_type_variable(
    kind: Any, name: str, constraints: tuple[Any, ...], settings: dict[str, Any], module: str, identity: str
) -> Any:
    found = known(identity)
    if found is not None:
        return found
    known_here = VARIABLE_SETTINGS[: 3 if sys.version_info < (3, 12) else 4 if sys.version_info < (3, 13) else 5]
    made = kind(name, *constraints, **{key: value for key, value in settings.items() if key in known_here})
    made.__module__ = module
    return make_known(made, identity)


@reduces(typing.NewType)
def reduce_new_type(reduction: Reduction, found: Any) -> Any:
    if rule.leads_to(found.__module__, found.__qualname__, found):
        return NotImplemented
    state = {"__module__": found.__module__, "__qualname__": found.__qualname__}
    return make_new_type, (found.__name__, found.__supertype__, state, reduction.identity_of(found))


@rebuilds
def make_new_type(name: str, supertype: Any, state: dict[str, Any], identity: str) -> Any:
    found = known(identity)
    if found is not None:
        return found
    new_type: Any = typing.NewType
    made = new_type(name, supertype)
    made.__dict__.update(state)
    return make_known(made, identity)


@reduces("numpy.ufunc")
def reduce_ufunc(reduction: Reduction, function: Any) -> Any:
    name: str = function.__name__
    if getattr(sys.modules["numpy"], name, None) is function:
        return module_value, ("numpy", name)
    return NotImplemented
