"""Names of types that are looked up late: forward references, and `type` aliases of Python 3.12."""

from __future__ import annotations

import sys
import typing
from typing import Any

from brinery.errors import DecodeError
from brinery.reducers import rule
from brinery.reducers.identities import known, make_known
from brinery.reducers.reduction import Reduction
from brinery.reducers.registry import rebuilds, reduces


@reduces(typing.ForwardRef)
def reduce_forward_reference(reduction: Reduction, reference: Any) -> Any:
    # Without the code it is evaluated by, which is of one version of Python.
    argument, module = reference.__forward_arg__, reference.__forward_module__
    return make_forward_reference, (argument, reference.__forward_is_argument__, module, reference.__forward_is_class__)


@rebuilds
def make_forward_reference(argument: str, is_argument: bool, module: Any, is_class: bool) -> typing.ForwardRef:
    return typing.ForwardRef(argument, is_argument=is_argument, module=module, is_class=is_class)


@reduces("typing.TypeAliasType")
def reduce_type_alias(reduction: Reduction, alias: Any) -> Any:
    if rule.leads_to(alias.__module__, alias.__name__, alias):
        return NotImplemented
    parameters = [
        (type(each).__name__, each.__name__, len(getattr(each, "__constraints__", ())), reduction.identity_of(each))
        for each in alias.__type_params__
    ]
    limits = [
        getattr(each, "__constraints__", ()) or getattr(each, "__bound__", None) for each in alias.__type_params__
    ]
    arguments = (alias.__name__, alias.__module__, parameters, reduction.identity_of(alias))
    return (
        make_type_alias,
        arguments,
        (reduction.identity_of(alias), alias.__value__, limits),
        None,
        None,
        set_type_alias,
    )


# What aliases on their way are to be names of, until it is loaded.
_contents: dict[str, dict[str, Any]] = {}


@rebuilds
def make_type_alias(name: str, module: str, parameters: list[tuple[str, str, int, str]], identity: str) -> Any:
    """An alias whose value is yet to come, as it may lead back to it. Raises DecodeError on Python 3.11."""
    found = known(identity)
    if found is not None:
        return found
    if sys.version_info < (3, 12):
        raise DecodeError(f"{module}.{name} is a type alias, which Python has since 3.12: load it with that or later")
    names = [name, *(each[1] for each in parameters)]
    if not all(type(each) is str and each.isidentifier() for each in names):
        raise DecodeError(f"{names} cannot be the names of a type alias: the data is damaged")
    contents: dict[str, Any] = {"limits": [None] * len(parameters)}
    listed = ", ".join(parameter_text(index, *each) for index, each in enumerate(parameters))
    namespace: dict[str, Any] = {"__name__": module, "_contents": contents}
    exec(f"type {name}{f'[{listed}]' if listed else ''} = _contents['value']", namespace)
    alias = namespace[name]
    for parameter, (_, _, _, parameter_identity) in zip(alias.__type_params__, parameters, strict=True):
        make_known(parameter, parameter_identity)
    _contents[identity] = contents
    return make_known(alias, identity)


def parameter_text(index: int, kind: str, name: str, constraints: int, identity: str) -> str:
    limit = f"_contents['limits'][{index}]"
    if kind != "TypeVar":
        return f"{'**' if kind == 'ParamSpec' else '*'}{name}"
    return (
        f"{name}: ({', '.join(f'{limit}[{each}]' for each in range(constraints))})"
        if constraints
        else f"{name}: {limit}"
    )


@rebuilds
def set_type_alias(alias: Any, state: tuple[str, Any, list[Any]]) -> None:
    identity, value, limits = state
    contents = _contents.pop(identity, None)
    if contents is not None:
        contents["value"] = value
        contents["limits"][:] = limits
