"""Classes as values: somebody else's by name, the user's own by what is in them."""

from __future__ import annotations

import collections
import enum
from typing import Any

from brinery.digests.form import Node
from brinery.digests.functions import of_library
from brinery.digests.names import tag
from brinery.digests.rules import Rules, rule
from brinery.reducers.classes import (
    ABC_OWN,
    ENUM_OWN,
    MADE_WITH_IT,
    generated_methods,
    is_builtin,
    is_member,
    is_named_tuple,
    is_of_protocols,
    is_own_slot,
)

# What Python puts there by itself, in some versions and not in others.
BY_ITSELF = (MADE_WITH_IT - {"__slots__"}) | ABC_OWN | {"__static_attributes__", "__firstlineno__"}
DATACLASS_SETTINGS = ("init", "repr", "eq", "order", "unsafe_hash", "frozen")


@rule(type, inherited=True)
def class_rule(rules: Rules, cls: type) -> bytes | Node:
    """The name, the metaclass, the bases, and the attributes that the author gave it."""
    if is_builtin(cls):
        found = tag(cls)
        return bytes(found)
    name = of_library(cls)
    if name is not None:
        return name
    return Node(b"C_", [cls.__name__, tag(type(cls)), cls.__bases__, attributes_of(cls)])


def attributes_of(cls: Any) -> dict[str, Any]:
    """The attributes of a class without what is made of others."""
    attributes = {
        name: value for name, value in vars(cls).items() if name not in BY_ITSELF and not is_own_slot(cls, name, value)
    }
    if isinstance(cls, enum.EnumMeta):
        return of_enum(cls, attributes)
    if is_named_tuple(cls):
        made_anyway = set(vars(collections.namedtuple("model", cls._fields))) - {
            "__doc__",
            "_fields",
            "_field_defaults",
        }
        return {name: value for name, value in attributes.items() if name not in made_anyway}
    if "__dataclass_params__" in attributes:
        return of_dataclass(cls, attributes)
    if attributes.get("_is_protocol"):
        return {name: value for name, value in attributes.items() if not is_of_protocols(name, value)}
    return attributes


def of_enum(cls: Any, attributes: dict[str, Any]) -> dict[str, Any]:
    """The values of the members by name, in order, and the rest."""
    members = {name: each._value_ for name, each in cls._member_map_.items()}
    rest = {
        name: value
        for name, value in attributes.items()
        if name not in ENUM_OWN and name not in members and not is_member(cls, name, value)
    }
    return rest | {"__members__": list(members.items())}


def of_dataclass(cls: Any, attributes: dict[str, Any]) -> dict[str, Any]:
    """Without the methods and the text that the decorator made of the fields and the settings."""
    for name in generated_methods(cls, attributes):
        del attributes[name]
    if (attributes.get("__doc__") or "").startswith(f"{cls.__name__}("):
        del attributes["__doc__"]
    parameters = attributes["__dataclass_params__"]
    attributes["__dataclass_params__"] = {name: getattr(parameters, name) for name in DATACLASS_SETTINGS}
    return attributes
