"""Where the text of a function is, found in files, in notebooks, and in what came with other functions.

The text has been found only when compiling it gives the same code: a file may have changed since, and of several
lambdas on a line each is a candidate.
"""

from __future__ import annotations

import linecache
import sys
import weakref
from collections.abc import Iterator
from types import CodeType
from typing import Any, NamedTuple

from brinery.reducers.compiling import FUTURE_FLAGS, Source, compile_source, nested, quiet_tree

NESTED = 0x10
UNFIT = (SyntaxError, LookupError, ValueError, RecursionError, MemoryError)


class Place(NamedTuple):
    """Where in a text a function stands: lines counted from 1, columns in bytes."""

    name: str
    parameters: tuple[str, ...]
    first_line: int
    column: int
    last_line: int
    last_column: int


def source_of(code: CodeType) -> Source | str:
    """The source from which the same code can be compiled; or a text that says why there is none."""
    origin = _origins.get(id(code))
    if origin is not None and origin.reference() is code and origin.is_own:
        return origin.source
    reason = f"there is no source for {code.co_filename!r}"
    for lines, before in texts_for(code):
        try:
            found = source_in(lines, before, code)
        except UNFIT as error:
            reason = f"the source in {code.co_filename!r} cannot be read ({type(error).__name__}: {error})"
            continue
        if found is not None:
            return found
        reason = f"the source in {code.co_filename!r} is not what the function was compiled from"
    return reason


def texts_for(code: CodeType) -> Iterator[tuple[list[str], int]]:
    """Lines among which the function may be, and how many lines of the file are before them."""
    origin = _origins.get(id(code))
    if origin is not None and origin.reference() is code:
        yield origin.lines, origin.source.first_line - 1
    for lines in lines_of(code.co_filename):
        yield lines, 0


def lines_of(filename: str) -> Iterator[list[str]]:
    """The lines of a file: as they were read before, as they are now, as its module's loader has them."""
    known = read_lines(filename)
    if known:
        yield known
        linecache.checkcache(filename)
        now = read_lines(filename)
        if now and now is not known:
            yield now
        return
    for module in list(sys.modules.values()):
        if getattr(module, "__file__", None) == filename and (lines := read_lines(filename, vars(module))):
            yield lines
            return
    command = sys.orig_argv[1:]
    if filename == "<string>" and "-c" in command[:-1]:
        yield command[command.index("-c") + 1].splitlines(keepends=True)


def read_lines(filename: str, module_globals: dict[str, Any] | None = None) -> list[str]:
    try:
        return linecache.getlines(filename, module_globals)
    except Exception:  # loaders are anyone's; what they cannot say is not there
        return []


def source_in(lines: list[str], before: int, code: CodeType) -> Source | None:
    """The text among the lines that is the same code, or None."""
    count = code.co_argcount + code.co_kwonlyargcount
    parameters = code.co_varnames[:count]
    first_line = code.co_firstlineno - before
    places = [
        each for each in places_in(lines) if each.name == code.co_name and are_names_of(parameters, each.parameters)
    ]
    places.sort(key=lambda place: place.first_line != first_line)
    for place in places:
        source = Source(
            text_at(lines, place),
            place.first_line + before,
            code.co_qualname,
            code.co_freevars,
            code.co_flags & FUTURE_FLAGS,
        )
        try:
            if is_same(compile_source(source, code.co_filename), code):
                return source
        except UNFIT:
            continue
    return None


def are_names_of(compiled: tuple[str, ...], written: tuple[str, ...]) -> bool:
    """Whether the parameters of a code object are those of a text, which has private names without their class."""
    return len(compiled) == len(written) and all(map(str.endswith, compiled, written))


# Places in texts that were looked at lately, by the identity of their list of lines, which is kept with them.
_places: dict[int, tuple[list[str], list[Place]]] = {}
MOST_TEXTS = 64


def places_in(lines: list[str]) -> list[Place]:
    """All functions of a text. Raises SyntaxError, ValueError, RecursionError or MemoryError."""
    import ast

    kept = _places.get(id(lines))
    if kept is not None:
        return kept[1]
    text = "".join(lines)
    if text[:1].isspace() and text.lstrip(" \t\f")[:1] not in {"", "\n", "#"}:
        text = "if 1:\n" + text
        shift = -1
    else:
        shift = 0
    found = [
        place_of(node, shift)
        for node in ast.walk(quiet_tree(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
    ]
    if len(_places) >= MOST_TEXTS:
        _places.clear()
    _places[id(lines)] = (lines, found)
    return found


def place_of(node: Any, shift: int) -> Place:
    """Where a function stands. A decorator begins it."""
    arguments = node.args
    named = (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
    decorators = getattr(node, "decorator_list", None)
    first = decorators[0].lineno if decorators else node.lineno
    return Place(
        getattr(node, "name", "<lambda>"),
        tuple(each.arg for each in named),
        first + shift,
        node.col_offset,
        node.end_lineno + shift,
        node.end_col_offset,
    )


def text_at(lines: list[str], place: Place) -> str:
    """The text of a function: whole lines, of a lambda just its own."""
    text = lines[place.first_line - 1 : place.last_line]
    if place.name == "<lambda>":
        text[-1] = text[-1].encode()[: place.last_column].decode()
        text[0] = text[0].encode()[place.column :].decode()
    return "".join(text)


def is_same(one: CodeType, other: CodeType) -> bool:
    """Whether two code objects do the same: positions, file names and the compiler's own choices apart.

    A call of an attribute of a module that is imported in the same file, for one, is compiled otherwise than of any
    other object.
    """
    if (
        one.co_names != other.co_names
        or one.co_varnames != other.co_varnames
        or one.co_freevars != other.co_freevars
        or one.co_cellvars != other.co_cellvars
        or (one.co_flags ^ other.co_flags) & ~NESTED
        or len(one.co_consts) != len(other.co_consts)
    ):
        return False
    if one.co_code != other.co_code and steps(one) != steps(other):
        return False
    return all(
        is_same(a, b)
        if isinstance(a, CodeType) and isinstance(b, CodeType)
        else type(a) is type(b) and repr(a) == repr(b)
        for a, b in zip(one.co_consts, other.co_consts, strict=True)
    )


def steps(code: CodeType) -> list[tuple[str, Any]]:
    """What the code does, step by step, without how its calls are laid out."""
    import dis

    found = []
    for each in dis.get_instructions(code):
        if each.opname in {"PUSH_NULL", "PRECALL", "CACHE", "EXTENDED_ARG"}:
            continue
        name = "LOAD_ATTR" if each.opname == "LOAD_METHOD" else each.opname
        told = None if each.opcode in dis.hasjrel or isinstance(each.argval, CodeType) else each.argval
        found.append((name, told))
    return found


class Origin(NamedTuple):
    """The source that a loaded code object came with, or that the one around it did."""

    reference: weakref.ref[CodeType]
    source: Source
    lines: list[str]
    is_own: bool


_origins: dict[int, Origin] = {}


def keep_source(code: CodeType, source: Source) -> None:
    """Remember what a loaded code object came with, so that it can travel on where its file is not."""
    lines = source.text.splitlines(keepends=True)
    for each in nested(code):
        key = id(each)
        reference = weakref.ref(each, lambda _, key=key: _origins.pop(key, None))  # type: ignore[misc]
        _origins[key] = Origin(reference, source, lines, each is code)
