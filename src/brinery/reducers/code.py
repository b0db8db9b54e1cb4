"""Code objects, which travel as marshalled code and as source.

The marshalled form is of one version of Python, and is not even looked at on another: there the source is compiled
(:mod:`brinery.reducers.compiling`), of which was made sure before it was sent (:mod:`brinery.reducers.sources`).
"""

from __future__ import annotations

import importlib.util
import linecache
import marshal
import re
import sys
import weakref
from dataclasses import dataclass
from types import CodeType
from typing import Any

from brinery.errors import DecodeError
from brinery.reducers.compiling import Source, compile_source, nested
from brinery.reducers.reduction import Reduction
from brinery.reducers.registry import rebuilds, reduces
from brinery.reducers.sources import keep_source, source_of

# Marshalled code is of one version of the bytecode: of this one.
MAGIC = int.from_bytes(importlib.util.MAGIC_NUMBER, "little")
HAS_DOCSTRING = 0x4000000  # from 3.13 on
GLOBAL_NAME = re.compile(
    r"^(LOAD|STORE|DELETE)_GLOBAL$|^LOAD_NAME$|^LOAD_FROM_DICT_OR_GLOBALS$|^STORE_NAME$|^DELETE_NAME$"
)


@dataclass
class CodeFacts:
    """What is found out about a code object once."""

    global_names: tuple[str, ...]
    attribute_names: tuple[str, ...]
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
        parts = source if isinstance(source, Source) else (source, code.co_qualname)
        _facts[key] = found = CodeFacts(
            tuple(sorted(global_names(code))),
            tuple(sorted({name for each in nested(code) for name in each.co_names})),
            docstring(code),
            (MAGIC, marshal.dumps(code), code.co_filename, *parts),
            weakref.ref(code, lambda _, key=key: _facts.pop(key, None)),  # type: ignore[misc]
        )
    return found


def docstring(code: CodeType) -> str | None:
    if sys.version_info >= (3, 14) and not code.co_flags & HAS_DOCSTRING:
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


@reduces(CodeType)
def reduce_code(reduction: Reduction, code: CodeType) -> Any:
    return make_code, source_payload(code) if reduction.canonical else facts_of(code).payload


SOURCE_ONLY = 0  # in the place of MAGIC: of no version
SOURCE_NAME = "<brinery {}>"  # in the place of a file's name, for code that came as source only


def source_payload(code: CodeType) -> tuple[Any, ...]:
    """The payload of a code object that is the same wherever its text stands and whichever version compiled it.

    It holds no marshalled code, and its file name and lines are those of the text itself.
    Raises ValueError where the source is not there.
    """
    import hashlib

    _, _, _, *parts = facts_of(code).payload
    source = source_from(parts)
    if source is None:
        raise ValueError(f"{parts[0]}, and canonical bytes hold functions as source")
    text = source.text if code.co_name == "<lambda>" else source.text.rstrip() + "\n"
    told = (text, source.qualname, source.free_names, source.flags)
    mark = hashlib.blake2b(repr(told).encode(), digest_size=16).digest()
    return SOURCE_ONLY, mark, SOURCE_NAME.format(mark.hex()), *source._replace(text=text, first_line=1)


def keep_text(filename: str, source: Source) -> None:
    """Let tracebacks find the text of code that came as source only."""
    linecache.cache[filename] = (len(source.text), None, source.text.splitlines(keepends=True), filename)


@rebuilds
def make_code(*payload: Any) -> CodeType:
    """The code object of a payload; see :func:`loaded_code`."""
    return loaded_code(payload)


# Code that was loaded lately, by what it was loaded from: functions of the same code keep sharing it.
# By its version and its bytes: the same ones may be another thing to another version.
_loaded: dict[tuple[Any, ...], CodeType] = {}
MOST_LOADED = 512


def loaded_code(payload: tuple[Any, ...]) -> CodeType:
    """The code object, unmarshalled where this is the Python it was marshalled by, or else compiled from its source.

    Raises DecodeError where it needs its source and has none, or has one that this version of Python cannot compile.
    """
    try:
        code = _loaded.get(payload[:2])
    except (TypeError, KeyError):  # whatever it is, it is no payload
        code = None
    if code is None:
        code = fresh_code(payload)
        if len(_loaded) >= MOST_LOADED:
            _loaded.clear()
        _loaded[payload[:2]] = code
    return code


def fresh_code(payload: tuple[Any, ...]) -> CodeType:
    match payload:
        case (int(magic), bytes(marshalled), str(filename), *parts):
            source = source_from(parts)
        case _:
            raise DecodeError("what should be a function's code is something else: the data is damaged")
    code = unmarshalled(marshalled) if magic == MAGIC else code_of_source(magic, filename, source, parts)
    if source is not None:
        keep_source(code, source)
    return code


def unmarshalled(data: bytes) -> CodeType:
    try:
        code = marshal.loads(data)
    except (ValueError, TypeError, EOFError) as error:
        raise DecodeError(f"the code of a function is damaged: {error}") from error
    if not isinstance(code, CodeType):
        raise DecodeError(f"what should be a function's code is a {type(code).__name__}: the data is damaged")
    return code


def source_from(parts: list[Any]) -> Source | None:
    """The source in a payload, or None where it holds the reason why there is none."""
    match parts:
        case [str(), int(), str(), tuple(free_names), int()] if all(isinstance(each, str) for each in free_names):
            return Source(*parts)
        case [str(), str()]:
            return None
    raise DecodeError("what should be a function's source is something else: the data is damaged")


def code_of_source(magic: int, filename: str, source: Source | None, parts: list[Any]) -> CodeType:
    writer, reader = version_of(magic), f"Python {sys.version_info.major}.{sys.version_info.minor}"
    if source is None:
        reason, qualname = parts
        raise DecodeError(
            f"{qualname} of {filename!r} was written by {writer}, and without its source: {reason}. "
            f"On {reader} it takes the source: load it with {writer}, or write it again from a file"
        )
    if magic == SOURCE_ONLY:
        keep_text(filename, source)
    try:
        return compile_source(source, filename)
    except (SyntaxError, LookupError, ValueError, RecursionError, MemoryError) as error:
        what = error.msg if isinstance(error, SyntaxError) else error
        raise DecodeError(
            f"{source.qualname} of {filename!r}, line {source.first_line}, was written by {writer}, and its source is "
            f"none that {reader} can compile: {what}. Load it with {writer} or later"
        ) from error


def version_of(magic: int) -> str:
    """The Python of a magic number: those of 3.n begin with 2900 + 50 n (importlib/_bootstrap_external.py)."""
    return "another version of Python" if magic == SOURCE_ONLY else f"Python 3.{((magic & 0xFFFF) - 2900) // 50}"
