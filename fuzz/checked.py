"""What the checker says of bytes against what the decoder and the stdlib make of them."""

from __future__ import annotations

import io
import pickletools
import signal
from typing import Any

from tests.strategies import difference
from tests.tracing import NotPlain, rebuilt

from brinery.codec import Rules, Trace, check, decode, trace
from fuzz.compare import REFUSALS, StockUnpickler, breaks_frames, restore_classes
from fuzz.programs import GLOBALS

GIVEN: dict[str, dict[str, Any]] = {}
for _key, _object in GLOBALS.items():
    _module, _name = _key.split(" ", 1)
    GIVEN.setdefault(_module, {})[_name] = _object

NO_RULES = Rules([])
TRUSTED = {"role": "trusted"}
ALL_TRUSTED = Rules([(module, name, TRUSTED) for module, names in GIVEN.items() for name in names])


def outcome(data: bytes, traced: Trace) -> tuple[type[BaseException] | None, Any]:
    """What decode() makes of them with none but the globals that the trace lists."""
    listed: dict[str, dict[str, Any]] = {}
    for module, name, _ in traced.globals:
        if name in GIVEN.get(module, {}):
            listed.setdefault(module, {})[name] = GIVEN[module][name]
    try:
        return None, decode(data, globals=listed)
    except REFUSALS as error:
        return type(error), None
    finally:
        restore_classes()


def length_by_the_stdlib(data: bytes) -> int | None:
    """How many bytes the pickle takes that the stdlib reads; None where it refuses them, or differs from itself.

    Where its file stands tells nothing: it reads the frame to its end in which STOP is.
    """
    try:
        StockUnpickler(io.BytesIO(data)).load()
        *_, (_, _, stop) = pickletools.genops(data)
    except REFUSALS:
        return None
    finally:
        changed = restore_classes()
    return None if changed or breaks_frames(data) or stop is None else stop + 1


def disagreement(data: bytes, seconds: int = 0) -> str | None:
    """What the checker does otherwise than what it speaks for; None where they agree."""
    signal.alarm(seconds)
    try:
        traced = trace(data)
        report = check(data, ALL_TRUSTED)
        strict = check(data, NO_RULES)
        error, value = outcome(data, traced)
    finally:
        signal.alarm(0)
    end = length_by_the_stdlib(data)
    broken = traced.error is not None
    codes = {finding.code for finding in report.findings}
    if broken and error is None:
        return f"the trace is broken, {traced.error}, the decoder made {value!r:.80}"
    if broken and end is not None:
        return f"the trace is broken, {traced.error}, the stdlib read {end} bytes"
    if end is not None and end != traced.end:
        return f"the stdlib read {end} bytes, the trace {traced.end}"
    if (report.end is None) != broken or (not broken and report.end != traced.end):
        return f"the report ends at {report.end}, the trace at {traced.end}"
    if broken and "broken-stream" not in codes and "limit" not in codes:
        return f"the trace is broken, {traced.error}, the report finds {codes}"
    if strict.passes and not report.passes:
        return f"passes without rules, and not with {report.findings}"
    if strict.passes and traced.globals:
        return f"passes without rules and names {traced.globals}"
    return plain_disagreement(data, traced, strict.passes, error, value)


def plain_disagreement(
    data: bytes, traced: Trace, passes: bool, error: type[BaseException] | None, value: Any
) -> str | None:
    """Of plain data everything is known: what passes decodes, what decodes passes, and the trace has its values."""
    if passes and error is not None:
        return f"passes, and the decoder raises {error.__name__}"
    if error is not None or traced.globals:
        return None
    try:
        shown = rebuilt(traced, data)
    except NotPlain as why:  # a read-only view of a bytearray
        return f"it is decoded without globals, and has a {why}" if passes and str(why) != "buffer" else None
    except RecursionError:
        return None
    if not passes:
        return f"plain data is refused: {check(data, NO_RULES).findings}"
    try:
        return difference(value, shown)
    except RecursionError:
        return None
