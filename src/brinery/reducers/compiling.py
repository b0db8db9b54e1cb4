"""The code object of one function, compiled from the text of it.

It is compiled where it was written, as far as that makes a difference: within a function that has its free names as
locals, and within the class whose private names it may use. What is not part of its code -- decorators, defaults,
annotations -- is left out.
"""

from __future__ import annotations

import itertools
import threading
import warnings
from collections.abc import Iterator
from types import CodeType
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import ast

OUTER = "_outer"
# Flags of the compiler that `from __future__ import ...` sets.
FUTURE_FLAGS = 0x1000000 | 0x800000 | 0x400000 | 0x200000 | 0x100000 | 0x80000 | 0x40000 | 0x20000
OF_FUNCTION = 0x1  # CO_OPTIMIZED: what bodies of functions have and those of classes and modules do not
_filters = threading.Lock()


class Source(NamedTuple):
    """What it takes to compile one function again."""

    text: str
    first_line: int
    qualname: str
    free_names: tuple[str, ...]
    flags: int


def nested(code: CodeType) -> Iterator[CodeType]:
    """The code object and those within it."""
    yield code
    for const in code.co_consts:
        if isinstance(const, CodeType):
            yield from nested(const)


def quiet_tree(text: str) -> ast.Module:
    """The tree of a text, without warnings: its author has had them.

    Raises SyntaxError, ValueError, RecursionError or MemoryError.
    """
    import ast

    with _filters, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text)


def compile_source(source: Source, filename: str) -> CodeType:
    """The code object of the function that a source is of.

    Raises:
        SyntaxError: The text is none of this version of Python.
        LookupError: The function is not in it.
        ValueError, RecursionError, MemoryError: The compiler can make nothing of it.
    """
    *scope, name = source.qualname.split(".")
    function = function_in(source.text, source.first_line, name == "<lambda>")
    module = surroundings(source.free_names, innermost_class([*scope, name]))
    place: Any = module
    while hasattr(place.body[-1], "body"):
        place = place.body[-1]
    place.body[-1:] = [function]
    with _filters, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        compiled = compile(module, filename, "exec", flags=source.flags, dont_inherit=True)
    for code in nested(compiled):
        if code.co_name == name and code.co_flags & OF_FUNCTION and code.co_freevars == tuple(source.free_names):
            return with_qualname(code, source.qualname)
    raise LookupError(f"no {source.qualname!r} in its source")


def function_in(text: str, first_line: int, is_lambda: bool) -> ast.stmt:
    """The statement that defines the function, on the lines it was written on."""
    import ast

    shift = first_line - 1
    if is_lambda:
        text = f"({text}\n)"
    elif text[:1].isspace():
        text = f"if 1:\n{text}"
        shift -= 1
    statement: Any = quiet_tree(text).body[0]
    if isinstance(statement, ast.If):
        statement = statement.body[0]
    ast.increment_lineno(statement, shift)
    function = statement.value if is_lambda else statement
    if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        raise LookupError("there is something else in the place of the function")
    leave_bare(function)
    assert isinstance(statement, ast.stmt)
    return statement


def leave_bare(function: Any) -> None:
    """Take from a function what is evaluated outside of it."""
    import ast

    nothing = ast.copy_location(ast.Constant(None), function)
    arguments = function.args
    arguments.defaults = [nothing for _ in arguments.defaults]
    arguments.kw_defaults = [each and nothing for each in arguments.kw_defaults]
    if isinstance(function, ast.Lambda):
        return
    every = (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg)
    for each in every:
        if each is not None:
            each.annotation = None
    function.returns = None
    # The first line of a function is that of its first decorator.
    function.decorator_list = [ast.copy_location(ast.Constant(None), each) for each in function.decorator_list]


def innermost_class(path: list[str]) -> str | None:
    """The class whose private names a function of that qualified name may use: it is no function's `<locals>`."""
    for part, inner in reversed(list(itertools.pairwise(path))):
        if part.isidentifier() and inner != "<locals>":
            return part
    return None


def surroundings(free_names: tuple[str, ...], class_name: str | None) -> ast.Module:
    """A module with what a function stands in; its innermost last statement is to be replaced."""
    import ast

    names = [each for each in free_names if each != "__class__" or class_name is None]
    text = ""
    if free_names:
        text = f"def {OUTER}():\n"
        if names:
            text += " " + " = ".join(names) + " = None\n"
        if class_name is not None and class_name not in free_names:
            text += f" global {class_name}\n"  # as it was for the function, should it name its class
    indent = " " if free_names else ""
    if class_name is not None:
        text += f"{indent}class {class_name}:\n"
        indent += " "
    return ast.parse(f"{text}{indent}pass")


def with_qualname(code: CodeType, qualname: str) -> CodeType:
    """The code with its qualified name, and those within it with theirs, as if it had been compiled in its place."""
    return renamed(code, code.co_qualname, qualname)


def renamed(code: CodeType, old: str, new: str) -> CodeType:
    """The code with another beginning of all qualified names; bodies of classes hold theirs as a constant, too."""
    own = code.co_qualname
    inner = new + own[len(old) :] if own == old or own.startswith(old + ".") else own
    in_class = not code.co_flags & OF_FUNCTION

    def changed(const: Any) -> Any:
        if isinstance(const, CodeType):
            return renamed(const, old, new)
        return inner if in_class and type(const) is str and const == own else const

    return code.replace(co_qualname=inner, co_consts=tuple(map(changed, code.co_consts)))
