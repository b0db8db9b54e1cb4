"""networkx's graphs: views and caches are made again of the dictionaries."""

from __future__ import annotations

from typing import Any

from brinery.trust.guards.checking import fields_of, require

KIND = "networkx.Graph"
DICTIONARIES = ("graph", "_node", "_adj", "_pred", "_succ")


def restore(obj: Any, state: Any) -> None:
    fields = fields_of(state, KIND)
    require("_adj" not in vars(obj), KIND, "the state", "must not be restored twice")
    for name in DICTIONARIES:
        require(type(fields.get(name, {})) is dict, KIND, name, "must be a dict")
    for name in ("_node", "_adj"):
        require(name in fields, KIND, name, "is missing")
    vars(obj).update({name: fields[name] for name in DICTIONARIES if name in fields})
    obj.__networkx_cache__ = {}
