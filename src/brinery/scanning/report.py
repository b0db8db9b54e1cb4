"""What a scan finds: verdicts, findings, and what it would take to load a file."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterator
from typing import Any, Literal

__all__ = ["VERDICTS", "Call", "FileReport", "Finding", "PickleReport", "ScanReport", "Usage", "worst"]

Verdict = Literal["clean", "unreadable", "suspicious", "dangerous"]
# From the best to the worst.
VERDICTS: tuple[Verdict, ...] = ("clean", "unreadable", "suspicious", "dangerous")
Severity = Literal["low", "medium", "high"]


def worst(verdicts: Iterator[Verdict]) -> Verdict:
    """The worst of some verdicts; clean if there are none.

    >>> worst(iter(["clean", "suspicious", "unreadable"]))
    'suspicious'
    """
    return max(verdicts, key=VERDICTS.index, default="clean")


@dataclasses.dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, or to be known."""

    severity: Severity
    code: str  # for programs: "unknown-global", "forbidden-argument", "broken-stream", "nested-pickle" ...
    message: str
    place: str = ""  # inside the file: a member of an archive, a pickle in bytes
    offset: int | None = None  # in the data at that place


@dataclasses.dataclass(frozen=True, slots=True)
class Usage:
    """A global that a pickle names."""

    name: str  # dotted
    verdict: str  # "vetted", "allowed", "unknown", or "misused": vetted, and used in another way
    uses: tuple[str, ...]  # "call", "new", "build", "value"
    offset: int
    runs_code: str | None = None  # how, where that is what it is for


@dataclasses.dataclass(frozen=True, slots=True)
class Call:
    """A call of what is not vetted, with its arguments as far as they can be known."""

    text: str
    offset: int


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class PickleReport:
    """One pickle: by itself, in an archive, or in the bytes of another one."""

    place: str
    offset: int
    size: int  # bytes
    verdict: Verdict
    loads: bool  # the policy lets it be loaded
    needs: tuple[str, ...]  # allowed besides, these let it load; none where it does anyway, and where no names would
    globals: tuple[Usage, ...]
    calls: tuple[Call, ...]  # of what is not vetted or misused; what runs code first
    findings: tuple[Finding, ...]
    nested: bool = False  # in the bytes of another one: loading that one does not load this
    more_calls: bool = False  # than are in `calls`

    @property
    def advice(self) -> str:
        """What it takes to load it."""
        if self.loads:
            return "loads under this policy"
        if not self.needs:
            return "no names that could be allowed would let it load"
        return f"trust={list(self.needs)!r}"

    def __repr__(self) -> str:
        """Where it is, its verdict, and what it takes to load it."""
        place = f" {self.place!r}" if self.place else ""
        return f"<PickleReport{place} {self.verdict}: {len(self.findings)} findings; {self.advice}>"


IN_BYTES = "@"  # in the places of what is in the bytes of a pickle
# Findings about a file that keep nothing from loading.
HARMLESS = frozenset({"sealed", "nested-pickle"})


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class FileReport:
    """One file, or some bytes."""

    path: str  # "" for bytes
    size: int  # bytes
    verdict: Verdict
    origin: str  # who sealed or signed it: "you", the name of a trusted key, "someone unknown"; "" for nobody
    pickles: tuple[PickleReport, ...]
    findings: tuple[Finding, ...]  # of the file as a whole, and of what is no pickle

    def __repr__(self) -> str:
        """Its path, verdict, and how much there is in it."""
        return (
            f"<FileReport {self.path!r} {self.verdict}: {len(self.pickles)} pickles, {len(self.all_findings)} findings>"
        )

    @property
    def all_findings(self) -> list[Finding]:
        """Those of the file, and of each pickle in it."""
        return [*self.findings, *(each for pickle in self.pickles for each in pickle.findings)]

    @property
    def loads(self) -> bool:
        """Whether every pickle in it that is not in the bytes of another one loads, and the file fits together."""
        fits = all(each.code in HARMLESS or IN_BYTES in each.place for each in self.findings)
        return fits and bool(self.pickles) and all(each.loads for each in self.pickles if not each.nested)


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class ScanReport:
    """All that was looked at."""

    files: tuple[FileReport, ...]

    @property
    def verdict(self) -> Verdict:
        """The worst of all files."""
        return worst(each.verdict for each in self.files)

    @property
    def findings(self) -> list[Finding]:
        """Of all files."""
        return [finding for each in self.files for finding in each.all_findings]

    @property
    def loads(self) -> bool:
        """Whether there are pickles, and all of them load under the policy."""
        return bool(self.files) and all(each.loads for each in self.files)

    @property
    def needs(self) -> list[str]:
        """What would have to be allowed besides for all of it that names can let load, in order."""
        pickles = (pickle for each in self.files for pickle in each.pickles if not pickle.nested)
        return list(dict.fromkeys(name for each in pickles for name in each.needs))

    def counts(self) -> dict[str, int]:
        """How many files there are of each verdict."""
        counted = Counter(each.verdict for each in self.files)
        return {verdict: counted[verdict] for verdict in VERDICTS}

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain data, for JSON."""
        files = [
            dataclasses.asdict(each)
            | {"loads": each.loads, "pickles": [dataclasses.asdict(p) | {"advice": p.advice} for p in each.pickles]}
            for each in self.files
        ]
        return {"verdict": self.verdict, "counts": self.counts(), "needs": self.needs, "files": files}

    def __repr__(self) -> str:
        """The verdict, and how much it is about."""
        told = ", ".join(f"{count} {verdict}" for verdict, count in self.counts().items() if count)
        return f"<ScanReport {self.verdict}: {len(self.files)} files ({told}), {len(self.findings)} findings>"
