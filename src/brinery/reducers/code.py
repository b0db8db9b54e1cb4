"""Code objects, which travel as marshalled code and as source.

The marshalled form is of one version of Python. On another the source is compiled: :func:`compile_source` makes the
very same function of it, closure and all, and that is tried out before the source is sent.
"""

from __future__ import annotations

import importlib.util
import linecache
import marshal
import re
import sys
import textwrap
import weakref
from collections.abc import Iterator
from dataclasses import dataclass
from types import CodeType
from typing import TYPE_CHECKING, Any, NamedTuple

from brinery.errors import DecodeError
from brinery.reducers.reduction import Reduction
from brinery.reducers.registry import rebuilds, reduces

if TYPE_CHECKING:
    import ast

# Marshalled code is of one version of the bytecode: of this one.
MAGIC = int.from_bytes(importlib.util.MAGIC_NUMBER, "little")
OUTER = "_outer"
# Flags of the compiler that `from __future__ import ...` sets.
FUTURE_FLAGS = 0x1000000 | 0x800000 | 0x400000 | 0x200000 | 0x100000 | 0x80000 | 0x40000 | 0x20000
HAS_DOCSTRING = 0x4000000  # from 3.13 on
NESTED = 0x10
GLOBAL_NAME = re.compile(r"^(LOAD|STORE|DELETE)_GLOBAL$|^LOAD_NAME$|^STORE_NAME$|^DELETE_NAME$")


class Source(NamedTuple):
    """What it takes to compile one function again."""

    text: str
    first_line: int
    qualname: str
    free_names: tuple[str, ...]
    flags: int


@dataclass
class CodeFacts:
    """What is found out about a code object once."""

    global_names: tuple[str, ...]
    attribute_names: frozenset[str]
    doc: str | None
    payload: tuple[Any, ...]  # arguments of make_code()
    reference: weakref.ref[CodeType]


_facts: dict[int, CodeFacts] = {}


def facts_of(code: CodeType) -> CodeFacts:
    """What there is to know about a code object; remembered as long as it lives."""
    found = _facts.get(id(code))
    if found is None or found.reference() is not code:
        key = id(code)
        source = source_of(code)
        _facts[key] = found = CodeFacts(
            tuple(sorted(global_names(code))),
            frozenset(name for each in nested(code) for name in each.co_names),
            docstring(code),
            (MAGIC, marshal.dumps(code), code.co_filename, *(source if isinstance(source, Source) else (source,))),
            weakref.ref(code, lambda _, key=key: _facts.pop(key, None)),  # type: ignore[misc]
        )
    return found


def nested(code: CodeType) -> Iterator[CodeType]:
    """The code object and those within it."""
    yield code
    for const in code.co_consts:
        if isinstance(const, CodeType):
            yield from nested(const)


def docstring(code: CodeType) -> str | None:
    if sys.version_info >= (3, 13) and not code.co_flags & HAS_DOCSTRING:
        return None
    first = code.co_consts[0] if code.co_consts else None
    return first if isinstance(first, str) else None


def global_names(code: CodeType) -> set[str]:
    """Names of globals that the code, or code within it, reads or writes."""
    import dis

    found: set[str] = set()
    for each in nested(code):
        if each.co_names:
            found.update(i.argval for i in dis.get_instructions(each) if GLOBAL_NAME.match(i.opname))
    return found


def source_of(code: CodeType) -> Source | str:
    """The source from which the same code can be compiled; or a text that says why there is none."""
    import inspect

    try:
        lines = linecache.getlines(code.co_filename)
        if not lines:
            return f"there is no source for {code.co_filename!r}"
        block = "".join(inspect.getblock(lines[code.co_firstlineno - 1 :]))
    except Exception as error:
        return f"the source in {code.co_filename!r} cannot be read ({type(error).__name__})"
    for text in texts_of(code, textwrap.dedent(block)):
        source = Source(text, code.co_firstlineno, code.co_qualname, code.co_freevars, code.co_flags & FUTURE_FLAGS)
        try:
            if is_same(compile_source(source, code.co_filename), code):
                return source
        except (SyntaxError, LookupError, ValueError):
            continue
    return f"the source in {code.co_filename!r} is not what the function was compiled from"


def texts_of(code: CodeType, block: str) -> Iterator[str]:
    """Candidates for the text of a function: the block itself, or for a lambda the expressions in it."""
    if code.co_name != "<lambda>":
        yield block
        return
    ends = [(end, column) for _, end, _, column in code.co_positions() if end is not None and column is not None]
    last_line = max(ends)[0] - code.co_firstlineno if ends else 0
    lines = block.splitlines(keepends=True)
    tail = sum(len(line) for line in lines[: last_line + 1])
    for found in re.finditer(r"\blambda\b", block[:tail]):
        yield from expressions(block[found.start() : max(tail, found.end())])
    yield from ()


def expressions(text: str) -> Iterator[str]:
    """Beginnings of the text that are expressions, the longest first."""
    import ast

    text = text.rstrip()
    stops = [found.start() for found in re.finditer(r"[,)\]}:;\n#]|\bfor\b|\bif\b", text)]
    for stop in [len(text), *reversed(stops)]:
        candidate = text[:stop].strip()
        try:
            tree = ast.parse(f"({candidate}\n)", mode="eval")
        except (SyntaxError, ValueError):
            continue
        if isinstance(tree.body, ast.Lambda):
            yield candidate


def compile_source(source: Source, filename: str) -> CodeType:
    """The code object of the function that a source is of. Raises SyntaxError, or LookupError where it is not in it.

    The function is compiled within a function that has its free names as locals, and within a class of the right name
    where it was a method, so that private names are mangled as they were.
    """
    import ast

    *scope, name = source.qualname.split(".")
    is_lambda = name == "<lambda>"
    inner = f"({source.text}\n)" if is_lambda else source.text
    depth = 0
    head = ""
    names = [each for each in source.free_names if each != "__class__" or not (scope and scope[-1].isidentifier())]
    if source.free_names:
        head += f"def {OUTER}():\n"
        depth = 1
        if names:
            head += " " + " = ".join(names) + " = None\n"
    if scope and scope[-1].isidentifier():
        if depth and scope[-1] not in source.free_names:
            head += f" global {scope[-1]}\n"  # as it was for the function, should it name its class
        head += " " * depth + f"class {scope[-1]}:\n"
        depth += 1
    if depth and "\n" in inner.strip() and has_text_over_lines(inner):
        tree = nest(head, depth, inner)
    else:
        tree = ast.parse(head + textwrap.indent(inner, " " * depth))
    move_lines(tree, source.first_line - 1 - head.count("\n"))
    module = compile(tree, filename, "exec", flags=source.flags, dont_inherit=True)
    for code in nested(module):
        if code.co_name == name and code.co_freevars == tuple(source.free_names):
            return with_qualname(code, source.qualname)
    raise LookupError(f"no {source.qualname!r} in its source")


def move_lines(tree: ast.Module, shift: int) -> None:
    """Move a tree by some lines; what would come before the first one stays there."""
    import ast

    for node in ast.walk(tree):
        if isinstance(node, ast.stmt | ast.expr | ast.excepthandler | ast.arg | ast.keyword | ast.alias | ast.pattern):
            node.lineno = max(1, node.lineno + shift)
            node.end_lineno = max(node.lineno, (node.end_lineno or 1) + shift)


def has_text_over_lines(text: str) -> bool:
    """Whether a string may span lines: such must not be indented."""
    return '"""' in text or "'''" in text or "\\\n" in text


def nest(head: str, depth: int, inner: str) -> ast.Module:
    """The tree of the inner text in the body of the head, without touching a line of the text."""
    import ast

    outer = ast.parse(head + " " * depth + "pass")
    body = ast.parse(inner)
    ast.increment_lineno(body, head.count("\n"))
    place: Any = outer
    while isinstance(place.body[-1], ast.FunctionDef | ast.ClassDef):
        place = place.body[-1]
    place.body[-1:] = body.body
    return outer


def with_qualname(code: CodeType, qualname: str) -> CodeType:
    """The code with its qualified name, and those within it with theirs, as if it had been compiled in its place."""
    old = code.co_qualname
    consts = tuple(
        with_qualname(const, qualname + const.co_qualname[len(old) :]) if isinstance(const, CodeType) else const
        for const in code.co_consts
    )
    return code.replace(co_qualname=qualname, co_consts=consts)


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


@reduces(CodeType)
def reduce_code(reduction: Reduction, code: CodeType) -> Any:
    return make_code, facts_of(code).payload


@rebuilds
def make_code(*payload: Any) -> CodeType:
    """The code object of a payload; see :func:`loaded_code`."""
    return loaded_code(payload)


# Code that was loaded lately, by what it was loaded from: functions of the same code keep sharing it.
_loaded: dict[bytes, CodeType] = {}
MOST_LOADED = 512


def loaded_code(payload: tuple[Any, ...]) -> CodeType:
    """The code object, unmarshalled where this is the Python it was marshalled by, or else compiled from its source.

    Raises DecodeError where it needs its source and has none.
    """
    magic, marshalled, filename, *source = payload
    code = _loaded.get(marshalled)
    if code is None:
        code = marshal.loads(marshalled) if magic == MAGIC else code_of_source(source, filename)
        if len(_loaded) >= MOST_LOADED:
            _loaded.clear()
        _loaded[marshalled] = code
    return code


def code_of_source(parts: list[Any], filename: str) -> CodeType:
    if len(parts) == 1:
        raise DecodeError(
            f"a function was written by another version of Python, and without its source: {parts[0]}. "
            "Load it with that version, or write it again from a file"
        )
    text, first_line, qualname, free_names, flags = parts
    return compile_source(Source(text, first_line, qualname, tuple(free_names), flags), filename)
