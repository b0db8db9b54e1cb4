"""Why a stream is not loaded, told so that its reader knows what to do."""

from __future__ import annotations

from brinery.codec import Finding, Report
from brinery.errors import DecodeError, LimitError, UntrustedError
from brinery.trust.names import Place, is_exact
from brinery.trust.nature import why_it_runs_code

__all__ = ["refusal"]

MOST_FINDINGS = 10


def refusal(report: Report, because: str = "") -> DecodeError:
    """The exception for a stream that has not passed.

    ``UntrustedError`` if it needs what is not allowed, with all of it; ``LimitError`` if it asks for too much;
    ``DecodeError`` if it is no whole pickle.
    """
    codes = {each.code for each in report.findings}
    if codes & BROKEN:
        return DecodeError(told(report.findings))
    if "limit" in codes:
        return LimitError(told([each for each in report.findings if each.code == "limit"]))
    missing = [Place(each.module, each.name) for each in report.globals if each.verdict == "unknown"]
    misused = [each for each in report.findings if each.code != "unknown-global"]
    parts = [asking_for(missing, because)] if missing else []
    if misused:
        parts.append("the bytes use what is vetted in a way that is not:\n" + told(misused))
    error = UntrustedError("\n".join(parts))
    error.globals = tuple(place.path for place in missing if is_exact(place.path))
    return error


BROKEN = {"broken-stream"}


def asking_for(missing: list[Place], because: str) -> str:
    """What to allow, ready to paste, and what it lets in."""
    lines = ["the bytes need what is neither vetted nor allowed" + (f" ({because}):" if because else ":")]
    dangerous = False
    for place in missing:
        why = why_it_runs_code(*place)
        dangerous |= why is not None
        lines.append(f"  {place.path}" + (f"    RUNS CODE: {why}" if why else ""))
    names = [place.path for place in missing if is_exact(place.path)]
    if len(names) < len(missing):
        lines.append("Not all of these are names that can be allowed.")
    elif dangerous:
        lines.append("They may be an attack. Only if you know who made them, and trust them with all that you have:")
    else:
        lines.append("If you know who made them, and trust them:")
    if len(names) == len(missing):
        lines.append(f"  trust={names!r}")
    return "\n".join(lines)


def told(findings: list[Finding] | tuple[Finding, ...]) -> str:
    lines = [f"  at byte {each.offset}: {each.message}" for each in findings[:MOST_FINDINGS]]
    if len(findings) > MOST_FINDINGS:
        lines.append(f"  and {len(findings) - MOST_FINDINGS} more")
    return "\n".join(lines)
