"""A pickle held against a policy, by the checker that :func:`brinery.loads` asks too."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from brinery.codec import GlobalUse, Report
from brinery.errors import IntegrityError
from brinery.peeking import Pickle
from brinery.scanning.calls import calls_of
from brinery.scanning.needs import judgement_of, names_needed
from brinery.scanning.report import Finding, PickleReport, Severity, Usage, Verdict
from brinery.trust import Trust, why_it_runs_code

__all__ = ["judged"]

SEVERITIES: dict[str, Severity] = {"low": "low", "medium": "medium", "high": "high"}
UNREAD = frozenset({"broken-stream", "limit"})


def judged(pickle: Pickle, trust: Trust, *, nested: bool, static: bool = False) -> PickleReport:
    """What a pickle would do under a policy. Linear in its size.

    Nothing is run, imported or made, but for this: unless `static`, one that has passed, of nothing but what is vetted,
    is built as loading it would, guards included, and thrown away: what they refuse shows in no opcode.
    """
    report = judgement_of(pickle, trust)
    usages = tuple(usage_of(use, trust, pickle) for use in report.globals)
    if report.end is None:
        usages += tuple(unread_usages(pickle, trust, {usage.name for usage in usages}))
    findings = tuple(findings_of(report, usages, pickle))
    calls, more_calls = calls_of(pickle, [usage for usage in usages if is_bad(usage)])
    verdict = verdict_of(report, usages)
    if nested and findings and all(each.code == "persistent-id" for each in findings):
        verdict = "clean"  # torch's storages are such: whoever loads them has to say what the ids stand for
    if report.passes and not static and not pickle.gaps and is_vetted(usages):
        forged = tuple(tried(pickle, trust))
        findings += forged
        verdict = "clean" if not forged else "suspicious" if forged[0].code == "forged-state" else "unreadable"
    return PickleReport(
        pickle.place,
        pickle.start,
        pickle.size,
        verdict,
        report.passes and verdict == "clean",
        names_needed(pickle, trust, report),
        usages,
        calls,
        findings,
        nested,
        more_calls,
    )


def tried(pickle: Pickle, trust: Trust) -> Iterator[Finding]:
    """What guards say of the state in a pickle that has passed."""
    try:
        trust.load(pickle.data[pickle.start : pickle.end])
    except IntegrityError as error:
        yield Finding("high", "forged-state", str(error), pickle.place, pickle.start)
    except Exception as error:  # whatever the libraries raise, loading would too
        yield Finding("medium", "not-built", f"it cannot be built here: {error}", pickle.place, pickle.start)


def verdict_of(report: Report, usages: tuple[Usage, ...]) -> Verdict:
    if report.passes:
        return "clean"
    if any(usage.verdict == "unknown" and usage.runs_code for usage in usages):
        return "dangerous"
    if any(finding.code not in UNREAD for finding in report.findings) or any(is_bad(usage) for usage in usages):
        return "suspicious"
    return "unreadable"


def is_vetted(usages: tuple[Usage, ...]) -> bool:
    """Whether there is something to build that nobody but the list has a say about."""
    return bool(usages) and all(usage.verdict == "vetted" for usage in usages)


def is_bad(usage: Usage) -> bool:
    return usage.verdict in {"unknown", "misused"}


def unread_usages(pickle: Pickle, trust: Trust, known: set[str]) -> Iterator[Usage]:
    """What a broken pickle names where checking has not come to: a frame that is cut off is the end for a decoder.

    The names alone are judged, in a pickle of nothing else.
    """
    offsets = {(module, name): offset for module, name, offset in pickle.trace.globals}
    named = b"".join(text_opcode(module) + text_opcode(name) + b"\x930" for module, name in offsets)
    for use in trust.judge(b"\x80\x04" + named + b"N.").globals:
        usage = usage_of(use, trust, pickle)
        if usage.verdict == "unknown" and usage.name not in known:
            yield dataclasses.replace(usage, uses=(), offset=offsets.get((use.module, use.name), pickle.start))


def text_opcode(text: str) -> bytes:
    """BINUNICODE."""
    data = text.encode("utf-8", "surrogatepass")
    return b"X" + len(data).to_bytes(4, "little") + data


def usage_of(use: GlobalUse, trust: Trust, pickle: Pickle) -> Usage:
    verdict = "allowed" if use.verdict == "vetted" and trust.allows(use.module, use.name) else use.verdict
    reason = why_it_runs_code(use.module, use.name)
    return Usage(f"{use.module}.{use.name}", verdict, use.uses, at(pickle, use.offset), reason)


def findings_of(report: Report, usages: tuple[Usage, ...], pickle: Pickle) -> Iterator[Finding]:
    natures = {usage.name: usage.runs_code for usage in usages}
    found = {f"{use.module}.{use.name}" for use in report.globals}
    for usage in usages:
        if usage.name not in found:
            told = f"; it {usage.runs_code}" if usage.runs_code else ""
            message = f"names {usage.name}, which nobody has vouched for, behind where it is broken{told}"
            yield Finding("high", "unknown-global", message, pickle.place, usage.offset)
    for each in report.findings:
        message = each.message
        use = each.global_use
        if each.code == "unknown-global" and use is not None and (why := natures[f"{use.module}.{use.name}"]):
            message += f"; it {why}"
        yield Finding(SEVERITIES[each.severity], each.code, message, pickle.place, at(pickle, each.offset))


def at(pickle: Pickle, offset: int) -> int:
    """The offset in the data of one in what was judged."""
    return pickle.place_of(offset) if pickle.gaps else offset
