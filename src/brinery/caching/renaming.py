"""Names of locals that do not matter, replaced by numbers in the order in which they appear.

One number stands for one name in the whole tree, so that trees that become the same are the same but for a renaming
that gives different names to what had different names. Left alone is every name that somebody else may know: that of a
parameter, a global, an attribute of a class, a function that is more than called; and all names where the code may look
at them itself.
"""

from __future__ import annotations

import ast
import symtable
from collections import Counter
from collections.abc import Iterator
from typing import Any

__all__ = ["in_order", "rename_locals"]

# With these, code sees the names of its locals.
REFLECTIVE = frozenset({"locals", "vars", "eval", "exec", "dir", "globals", "inspect", "_getframe"})
FIELDS: dict[type[ast.AST], str] = {
    ast.Name: "id",
    ast.FunctionDef: "name",
    ast.AsyncFunctionDef: "name",
    ast.ExceptHandler: "name",
    ast.alias: "asname",
    ast.MatchAs: "name",
    ast.MatchStar: "name",
    ast.MatchMapping: "rest",
}
UNREADABLE = (ValueError, SyntaxError, RecursionError, MemoryError)


def in_order(tree: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a tree, each before those in it, in the order of the fields."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(reversed(list(ast.iter_child_nodes(node))))


def rename_locals(tree: ast.AST) -> None:
    """Replace, within the tree of a function, the names of locals that do not matter."""
    names = renamable(tree)
    numbers: dict[str, str] = {}
    for node in in_order(tree) if names else ():
        field = FIELDS.get(type(node))
        if field is not None and (name := getattr(node, field)) in names:
            setattr(node, field, numbers.setdefault(name, str(len(numbers))))
        elif isinstance(node, ast.Nonlocal):
            node.names = [numbers.setdefault(each, str(len(numbers))) if each in names else each for each in node.names]


def renamable(tree: ast.AST) -> set[str]:
    """The names that are locals of functions and nothing else."""
    if any(getattr(node, "id", getattr(node, "attr", None)) in REFLECTIVE for node in ast.walk(tree)):
        return set()
    try:
        module = symtable.symtable(ast.unparse(tree), "<function>", "exec")
    except UNREADABLE:  # such as the tree of a function that has a nonlocal variable: its free names are nowhere here
        return set()
    bound: set[str] = set()
    known = known_elsewhere(tree)
    for table in tables_in(module):
        in_function = table.get_type() == "function"
        for symbol in table.get_symbols():
            if in_function and symbol.is_local() and not symbol.is_parameter():
                bound.add(symbol.get_name())
            elif not symbol.is_free():
                known.add(symbol.get_name())
    return {name for name in bound - known if not name.startswith("__")}


def tables_in(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    """A table and those within it."""
    yield table
    for each in table.get_children():
        yield from tables_in(each)


def known_elsewhere(tree: ast.AST) -> set[str]:
    """Names of parameters and imports, and of functions and classes that are given away with their names."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            found.update(each.name.partition(".")[0] for each in node.names if each.asname is None)
        elif isinstance(node, ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
    return found | functions_given_away(tree)


def functions_given_away(tree: ast.AST) -> set[str]:
    """Names of functions that are decorated, or that something else is done with than to call them."""
    made: Any = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    loaded = Counter(
        node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    )
    called = Counter(
        node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    )
    return {node.name for node in made if node.decorator_list or loaded[node.name] != called[node.name]}
