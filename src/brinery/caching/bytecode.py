"""The form of what a function does that has no source: its bytecode, which is of one version of Python."""

from __future__ import annotations

import sys
from types import CodeType
from typing import Any

from brinery.digests import digest

__all__ = ["bytecode_form"]

LOADING = frozenset({"LOAD_CONST", "RETURN_CONST"})


def bytecode_form(code: CodeType) -> bytes:
    """The form of a code object: without positions, docstrings and names of files.

    >>> one, other = (compile(f"x = lambda: {number}", "", "exec").co_consts[0] for number in (1, 2))
    >>> bytecode_form(one) == bytecode_form(other)
    False
    """
    return b"K" + digest([*sys.version_info[:2], steps_of(code)]).encode()


def steps_of(code: CodeType) -> list[Any]:
    """What tells code apart that does something else."""
    counts = [code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, code.co_flags]
    names = [code.co_name, code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars]
    constants = [steps_of(each) if isinstance(each, CodeType) else each for each in constants_of(code)]
    return [counts, names, code.co_code, constants, code.co_exceptiontable]


def constants_of(code: CodeType) -> tuple[Any, ...]:
    """The constants, but not the first one where it is a text that nothing loads: a docstring."""
    import dis

    constants = code.co_consts
    if not constants or not isinstance(constants[0], str):
        return constants
    is_loaded = any(each.arg == 0 and each.opname in LOADING for each in dis.get_instructions(code))
    return constants if is_loaded else (None, *constants[1:])
