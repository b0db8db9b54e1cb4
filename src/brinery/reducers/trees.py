"""Nodes of syntax trees, whose classes have other fields in each version of Python.

What 3.13 answers for a node calls its class with as many arguments as the node has fields, of which an earlier version
has fewer; what earlier ones answer calls it without any, which 3.13 warns of. Made without a constructor, a node of any
version has on any other what it had where it was made.
"""

from __future__ import annotations

import copyreg
import sys
from typing import Any

from brinery.reducers.reduction import Reduction
from brinery.reducers.registry import reduces

# Lists that a later version asks for, and that are empty where it has been parsed without.
LATER_LISTS: dict[str, tuple[str, ...]] = {}
if sys.version_info < (3, 12):
    LATER_LISTS = dict.fromkeys(("ast.FunctionDef", "ast.AsyncFunctionDef", "ast.ClassDef"), ("type_params",))


@reduces("ast.AST", subclasses=True)
def reduce_syntax_node(reduction: Reduction, node: Any) -> Any:
    import ast

    cls: Any = type(node)
    if cls.__init__ is not ast.AST.__init__ or cls.__reduce__ is not ast.AST.__reduce__:
        return NotImplemented
    fields = {name: value for name, value in vars(node).items() if name in cls._fields}
    for name in LATER_LISTS.get(f"ast.{cls.__name__}", ()):
        fields.setdefault(name, [])
    return copyreg.__newobj__, (cls,), {**fields, **vars(node)}  # type: ignore[attr-defined]


reduces(*LATER_LISTS)(reduce_syntax_node)
