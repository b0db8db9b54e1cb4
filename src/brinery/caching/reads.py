"""What a function looks up when it runs: global names with the attributes after them, and modules it imports.

A *path* is a name and the attributes that are looked up one after the other, ``("helpers", "scale")``. Where the last
of them is set rather than looked up, an empty text follows it.
"""

from __future__ import annotations

import ast
from types import CodeType
from typing import Any, NamedTuple

from brinery.caching.renaming import in_order
from brinery.reducers.compiling import nested

__all__ = ["WRITTEN", "Import", "Path", "imports_by_code", "imports_in", "names_read", "paths_in"]

Path = tuple[str, ...]
WRITTEN = ""
READING = frozenset({"LOAD_GLOBAL", "LOAD_NAME", "LOAD_FROM_DICT_OR_GLOBALS"})


class Import(NamedTuple):
    """A module that is imported while a function runs, or what is imported from it; what is bound to which name."""

    module: str
    level: int
    attribute: str | None
    name: str
    is_top: bool  # it is the package at the top that is bound


def paths_in(tree: ast.AST) -> set[Path]:
    """The paths of a tree, whatever scope their names are of."""
    found: set[Path] = set()
    covered: set[int] = set()
    augmented: set[int] = set()
    for node in in_order(tree):
        if isinstance(node, ast.AugAssign):
            augmented.add(id(node.target))
        if not isinstance(node, ast.Attribute | ast.Name) or id(node) in covered:
            continue
        chain = chain_of(node)
        covered.update(map(id, chain))
        root = chain[-1]
        if not isinstance(root, ast.Name):
            continue
        path = (root.id, *(each.attr for each in reversed(chain[:-1])))
        if isinstance(node.ctx, ast.Load) or id(node) in augmented:
            found.add(path)
        elif len(path) > 1:
            found.add((*path, WRITTEN))
    return found


def chain_of(node: Any) -> list[Any]:
    """An attribute, what it is looked up on, and so on."""
    chain = [node]
    while isinstance(chain[-1], ast.Attribute) and isinstance(chain[-1].value, ast.Attribute | ast.Name):
        chain.append(chain[-1].value)
    return chain


def imports_in(tree: ast.AST) -> set[Import]:
    """What is imported in a tree."""
    found: set[Import] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.update(
                Import(each.name, 0, None, each.asname or each.name.partition(".")[0], each.asname is None)
                for each in node.names
            )
        elif isinstance(node, ast.ImportFrom):
            found.update(
                Import(node.module or "", node.level, each.name, each.asname or each.name, False) for each in node.names
            )
    return found


def names_read(code: CodeType) -> set[str]:
    """Names of globals that the code, or code within it, looks up."""
    import dis

    return {
        each.argval
        for part in nested(code)
        if part.co_names
        for each in dis.get_instructions(part)
        if each.opname in READING
    }


def imports_by_code(code: CodeType) -> set[Import]:
    """What is imported by code that has no source; the name that it is bound to is empty."""
    import dis

    found: set[Import] = set()
    for part in nested(code):
        before: list[Any] = [0, None]
        for each in dis.get_instructions(part):
            if each.opname == "IMPORT_NAME":
                level, names = before
                found.update(Import(each.argval, level, name, "", False) for name in names or ())
                if not names:
                    found.add(Import(each.argval, level, None, "", True))
            if each.opname not in {"CACHE", "EXTENDED_ARG"}:
                before = [before[1], each.argval]
    return found
