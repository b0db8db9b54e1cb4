"""The form of what a function does, as its source tells it: without what is only there for readers.

Not in it, besides what :mod:`brinery.digests.syntax` leaves out: docstrings and other texts that stand for themselves,
``pass``, log lines (:mod:`brinery.caching.logs`), and the names of locals (:mod:`brinery.caching.renaming`).
"""

from __future__ import annotations

import ast
import functools
from typing import Any, NamedTuple

from brinery.caching.logs import log_root
from brinery.caching.reads import Import, Path, imports_in, paths_in
from brinery.caching.renaming import rename_locals
from brinery.digests.form import reference
from brinery.digests.syntax import dumped, merged
from brinery.reducers.compiling import quiet_tree

__all__ = ["Behaviour", "behaviour_form", "behaviour_of"]

BLOCKS = ("body", "orelse", "finalbody")


class Behaviour(NamedTuple):
    """What the text of a function tells of it."""

    form: bytes
    paths: frozenset[Path]
    imports: frozenset[Import]
    names: frozenset[str]  # all that stand in it, in log lines too
    log_roots: frozenset[str]  # with which the log lines begin that were left out


def behaviour_form(text: str, is_lambda: bool) -> bytes:
    """The reference to the form of what the function does that a text defines.

    Args:
        text: The text of one function, which may be indented, with its decorators.
        is_lambda: Whether it is a lambda.

    >>> one = behaviour_form("def f(x):\\n    total = x + 1\\n    return total", False)
    >>> one == behaviour_form('def f(x):\\n    "Add one."\\n    print(x)\\n    y = x + 1\\n    return y', False)
    True
    >>> one == behaviour_form("def f(x):\\n    total = 1 + x\\n    return total", False)
    False
    """
    return behaviour_of(text, is_lambda).form


@functools.lru_cache(4096)
def behaviour_of(text: str, is_lambda: bool, no_loggers: frozenset[str] = frozenset()) -> Behaviour:
    """What the function does that a text defines, and what it looks up.

    Args:
        text: As of :func:`behaviour_form`.
        is_lambda: As of :func:`behaviour_form`.
        no_loggers: First names of what looks like log lines, and is none.
    """
    tree = definition(text, is_lambda)
    tree.decorator_list = []
    tree.args.defaults = []
    tree.args.kw_defaults = [None for _ in tree.args.kwonlyargs]
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    log_roots: set[str] = set()
    for node in ast.walk(tree):
        for field in BLOCKS:
            block = getattr(node, field, None)
            if isinstance(block, list) and block:
                setattr(node, field, steps_of(block, no_loggers, log_roots))
        if isinstance(node, ast.JoinedStr):
            node.values = merged(node.values)
    paths, imports = paths_in(tree), imports_in(tree)
    rename_locals(tree)
    form = reference(b"A" + dumped(tree))
    return Behaviour(form, frozenset(paths), frozenset(imports), frozenset(names), frozenset(log_roots))


def definition(text: str, is_lambda: bool) -> Any:
    """The tree of the function that a text defines."""
    if is_lambda:
        statement: Any = quiet_tree(f"({text}\n)").body[0]
        return statement.value
    if not text[:1].isspace():
        return quiet_tree(text).body[0]
    block: Any = quiet_tree(f"if 1:\n{text}").body[0]
    return block.body[0]


def steps_of(block: list[ast.stmt], no_loggers: frozenset[str], log_roots: set[str]) -> list[ast.stmt]:
    """The statements of a block that do something."""
    found = []
    for each in block:
        root = log_root(each)
        if root is not None and root not in no_loggers:
            log_roots.add(root)
        elif not isinstance(each, ast.Pass) and not is_constant(each):
            found.append(each)
    return found or [ast.Pass()]


def is_constant(statement: ast.stmt) -> bool:
    """Whether a statement is a text or a number that stands for itself, such as a docstring."""
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
