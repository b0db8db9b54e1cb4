"""Exceptions with all that belongs to them: causes, contexts, notes, and tracebacks that print."""

from __future__ import annotations

from types import CodeType, TracebackType
from typing import Any

from brinery.reducers.reduction import Reduction
from brinery.reducers.registry import rebuilds, reduces

# Kept in C; set again by what they are called.
C_ATTRIBUTES = {
    OSError: ("errno", "strerror", "filename", "filename2"),
    SyntaxError: ("msg", "filename", "lineno", "offset", "text", "end_lineno", "end_offset", "print_file_and_line"),
    ImportError: ("msg", "name", "path"),
    NameError: ("name",),
    AttributeError: ("name", "obj"),
    StopIteration: ("value",),
    SystemExit: ("code",),
    UnicodeDecodeError: ("encoding", "object", "start", "end", "reason"),
    UnicodeEncodeError: ("encoding", "object", "start", "end", "reason"),
    UnicodeTranslateError: ("object", "start", "end", "reason"),
}


@reduces(BaseException)
def reduce_exception(reduction: Reduction, error: BaseException) -> Any:
    cls = type(error)
    if says_how_to_reduce(cls):
        return NotImplemented
    attributes = {
        name: getattr(error, name, None)
        for base, names in C_ATTRIBUTES.items()
        if isinstance(error, base)
        for name in names
    }
    state = {
        "attributes": attributes,
        "dict": {**vars(error)},
        "cause": error.__cause__,
        "context": error.__context__,
        "suppress": error.__suppress_context__,
        "traceback": frames_of(error.__traceback__),
    }
    state = {key: value for key, value in state.items() if value}
    if isinstance(error, BaseExceptionGroup):
        return make_group, (cls, error.message, list(error.exceptions)), state or None, None, None, set_exception_state
    return make_exception, (cls, error.args), state or None, None, None, set_exception_state


def says_how_to_reduce(cls: type) -> bool:
    """Whether a class says itself how it is taken apart."""
    return any(
        name in vars(each)
        for each in cls.__mro__
        if each.__flags__ & (1 << 9)
        for name in ("__reduce__", "__reduce_ex__")
    )


@rebuilds
def make_exception(cls: Any, args: tuple[Any, ...]) -> BaseException:
    """The exception without its constructor, which need not take what `args` holds."""
    native: Any = next(each for each in cls.__mro__ if not each.__flags__ & (1 << 9))
    made: BaseException = BaseException.__new__(cls, *args) if native is OSError else native.__new__(cls, *args)
    made.args = args
    return made


@rebuilds
def make_group(cls: Any, message: str, exceptions: list[BaseException]) -> BaseException:
    made: BaseException = BaseExceptionGroup.__new__(cls, message, exceptions)
    return made


@rebuilds
def set_exception_state(error: BaseException, state: dict[str, Any]) -> None:
    for name, value in state.get("attributes", {}).items():
        if value is not None:
            setattr(error, name, value)
    for name, value in state.get("dict", {}).items():
        error.__dict__[name] = value
    error.__cause__ = state.get("cause")
    error.__context__ = state.get("context")
    error.__suppress_context__ = state.get("suppress", False)
    error.__traceback__ = traceback_of(state.get("traceback", []))


def frames_of(traceback: TracebackType | None) -> list[tuple[str, str, int]]:
    """What a traceback prints: file, function and line of each frame."""
    found = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        found.append((code.co_filename, code.co_qualname, traceback.tb_lineno))
        traceback = traceback.tb_next
    return found


@reduces(TracebackType)
def reduce_traceback(reduction: Reduction, traceback: TracebackType) -> Any:
    return traceback_of, (frames_of(traceback),)


@rebuilds
def traceback_of(frames: list[tuple[str, str, int]]) -> TracebackType | None:
    """A traceback that prints as the one that was taken apart; its frames have no variables."""
    found: TracebackType | None = None
    for filename, name, line in reversed(frames):
        frame = frame_of(filename, name, line)
        found = TracebackType(found, frame.tb_frame, frame.tb_lasti, line)
    return found


def frame_of(filename: str, name: str, line: int) -> TracebackType:
    """A frame that stopped at a line of a file, on the traceback of the error that stopped it."""
    code: CodeType = compile("\n" * (line - 1) + "raise _Stop", filename, "exec")
    code = code.replace(co_name=name.rpartition(".")[2], co_qualname=name)
    try:
        exec(code, {"_Stop": _Stop, "__name__": name, "__file__": filename})
    except _Stop as error:
        stopped = error.__traceback__
    while stopped is not None and stopped.tb_next is not None:
        stopped = stopped.tb_next
    if stopped is None:
        raise RuntimeError("an exception has no traceback")
    return stopped


class _Stop(Exception):
    pass
