"""The canonical form of a function's source: its syntax tree, the same on every version of Python.

Not in it: comments, positions, decorators and default values, which are told by what came of them, what kind of quotes
was used, and fields that are empty, so that fields that a later version adds are not missed by an earlier one.
"""

from __future__ import annotations

import ast
import functools
import inspect
from typing import Any

from brinery.digests.form import LEAVES, Form, head, reference

LEFT_OUT = frozenset({"ctx", "type_comment", "type_ignores", "kind"})
DOCUMENTED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@functools.lru_cache(4096)
def syntax_form(text: str, is_lambda: bool) -> bytes:
    """The reference to the form of the function that a text defines."""
    tree: Any = function_in(text, is_lambda)
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            node.values = merged(node.values)
        elif isinstance(node, DOCUMENTED):
            clean_docstring(node)
    if isinstance(tree, ast.FunctionDef | ast.AsyncFunctionDef):
        tree.decorator_list = []
    if hasattr(tree, "args"):
        tree.args.defaults = tree.args.kw_defaults = []
    return reference(b"A" + dumped(tree))


def function_in(text: str, is_lambda: bool) -> ast.AST:
    """The definition that a text is, which may be indented."""
    if is_lambda:
        return ast.parse(f"({text}\n)", mode="eval").body
    if not text[:1].isspace():
        return ast.parse(text).body[0]
    block: Any = ast.parse(f"if 1:\n{text}").body[0]
    function: ast.AST = block.body[0]
    return function


def merged(values: list[ast.expr]) -> list[ast.expr]:
    """The parts of an f-string, with no two texts next to each other: versions split them differently."""
    found: list[ast.expr] = []
    for value in values:
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            if found and isinstance(last := found[-1], ast.Constant):
                found[-1] = ast.Constant(str(last.value) + value.value)
                continue
            if not value.value:
                continue
        found.append(value)
    return found


def clean_docstring(node: Any) -> None:
    """Take the indentation off a docstring, as the compiler does from Python 3.13 on."""
    if ast.get_docstring(node, clean=False) is not None:
        node.body[0].value = ast.Constant(inspect.cleandoc(node.body[0].value.value))


def dumped(root: ast.AST) -> bytes:
    """A tree as ``(`` type ``;`` then a name, ``=`` and a value for each field that is not empty, then ``)``."""
    found: list[bytes] = []
    waiting: list[Any] = [root]
    while waiting:
        each = waiting.pop()
        if isinstance(each, ast.AST):
            found.append(b"(" + type(each).__name__.encode() + b";")
            waiting.append(Form(b")"))
            waiting.extend(reversed(fields_of(each)))
        elif isinstance(each, list):
            found.append(b"[" + head(len(each)))
            waiting.extend(reversed(each))
        else:
            found.append(LEAVES[type(each)](each))
    return b"".join(found)


def fields_of(node: ast.AST) -> list[Any]:
    """The names and the values of a node's fields, in turn."""
    found: list[Any] = []
    for name in node._fields:
        value = getattr(node, name, None)
        is_value = isinstance(node, ast.Constant) and name == "value"
        if is_value or (name not in LEFT_OUT and value is not None and value != []):
            found += [Form(name.encode() + b"="), value]
    return found
