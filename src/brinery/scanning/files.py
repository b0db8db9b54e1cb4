"""Files and folders: every pickle in them, and what is wrong with the file around it."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

from brinery.errors import IntegrityError
from brinery.peeking import Pickle, Problem, content_of, parts_of
from brinery.scanning.judging import judged
from brinery.scanning.report import HARMLESS, IN_BYTES, FileReport, Finding, PickleReport, Severity, Verdict, worst
from brinery.trust import Trust, opened

__all__ = ["files_in", "scanned_bytes", "scanned_file"]

# What does not fit together, other than what could not be read.
ODD = frozenset({"trailing-bytes", "polyglot", "duplicate-name", "overlap", "mismatch"})


def files_in(folder: Path) -> tuple[list[Path], list[FileReport]]:
    """The files beneath a folder, by name, and a report for each folder in it that cannot be listed.

    Links to folders are not followed.
    """
    unlisted: list[OSError] = []
    paths: list[Path] = []
    for root, folders, names in os.walk(folder, onerror=unlisted.append):
        folders.sort()
        paths += [path for name in sorted(names) if (path := Path(root, name)).is_file()]
    return paths, [unread(Path(os.fsdecode(error.filename)), error) for error in unlisted]


def unread(path: Path, error: OSError) -> FileReport:
    """The report for what cannot be read: it may be anything."""
    finding = Finding("medium", "unreadable-file", f"it cannot be opened: {error.strerror}")
    return FileReport(str(path), 0, "unreadable", "", (), (finding,))


def scanned_file(
    path: Path, trust: Trust, *, is_one: bool, unfolded: int | None = None, static: bool = False
) -> FileReport | None:
    """A file; None where there is no pickle in it and it was not said to be one (`is_one`)."""
    try:
        data = content_of(path)
    except OSError as error:
        return unread(path, error)
    return scanned_bytes(data, trust, path=str(path), is_one=is_one, unfolded=unfolded, static=static)


def scanned_bytes(
    data: memoryview,
    trust: Trust,
    *,
    path: str = "",
    is_one: bool = True,
    unfolded: int | None = None,
    static: bool = False,
) -> FileReport | None:
    """The same for the content of a file."""
    pickles: list[PickleReport] = []
    findings: list[Finding] = []
    for part in parts_of(data, unfolded=unfolded, is_one=is_one):
        if isinstance(part, Pickle):
            pickles.append(judged(part, trust, nested=IN_BYTES in part.place, static=static))
        elif isinstance(part, Problem):
            findings.append(finding_of(part))
    if not pickles and not findings and not is_one:
        return None
    origin, loads_in_full, broken = origin_of(data)
    findings += broken
    findings += [nested_finding(each) for each in pickles if each.nested and each.verdict != "clean"]
    if loads_in_full:
        findings.append(Finding("low", "sealed", f"sealed or signed by {origin}: it loads in full, whatever it names"))
        pickles = [trusted(each) for each in pickles]
    verdict = worst(iter([*(each.verdict for each in pickles), *(verdict_of(each) for each in findings)]))
    return FileReport(path, len(data), verdict, origin, tuple(pickles), tuple(findings))


def trusted(pickle: PickleReport) -> PickleReport:
    """A pickle in a file whose seal lets it load in full.

    A seal does not make whole what is broken. Nor does it vouch for pickles in bytes, which may be from anywhere.
    """
    codes = {each.code for each in pickle.findings}
    if pickle.nested or "broken-stream" in codes:
        return pickle
    if "limit" in codes:  # which loading in full does not have; what is behind it is not known
        return dataclasses.replace(pickle, loads=True, needs=())
    return dataclasses.replace(pickle, loads=True, verdict="clean", findings=(), needs=())


def finding_of(problem: Problem) -> Finding:
    severity: Severity = "high" if problem.code in ODD else "medium"
    return Finding(severity, problem.code, problem.message, problem.place, problem.offset)


def nested_finding(pickle: PickleReport) -> Finding:
    message = f"a pickle in the bytes of another one, {pickle.verdict} in itself: nothing here loads it"
    return Finding("high" if pickle.verdict == "dangerous" else "medium", "nested-pickle", message, pickle.place)


def verdict_of(finding: Finding) -> Verdict:
    """What a finding about the file makes of it; pickles have verdicts of their own."""
    if finding.code in HARMLESS:
        return "clean"
    return "suspicious" if finding.code in ODD or finding.code == "broken-seal" else "unreadable"


def origin_of(data: memoryview) -> tuple[str, bool, list[Finding]]:
    """Who sealed or signed it, whether their word counts, and what is wrong with the seal."""
    try:
        made = opened(data)
    except IntegrityError as error:
        return "", False, [Finding("high", "broken-seal", str(error))]
    if made.origin is not None:
        return ("you" if made.origin.kind == "own" else made.origin.name or "a trusted key"), True, []
    return ("someone unknown" if len(made.payload) != len(data) else ""), False, []
