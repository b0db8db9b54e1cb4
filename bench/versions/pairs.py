"""What becomes of each case that one version of Python writes and each of them reads."""

from __future__ import annotations

import re
import tempfile
from typing import NamedTuple

from bench.breadth.child import used, written
from bench.breadth.matrix import Case
from bench.versions.cases import SINCE, WITHOUT_SOURCE

# The folder of a case, in what an error says of its file.
IN_FOLDER = re.compile(rf"'{re.escape(tempfile.gettempdir())}/[^/]+/")


class Result(NamedTuple):
    """What became of a case, and why."""

    rival: str
    writer: str
    reader: str
    case: str
    what: str
    why: str


def number(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def can_write(case: Case, version: str) -> bool:
    """Whether the version has the syntax of the case."""
    return number(version) >= SINCE.get(case.name, (3, 11))


def results(case: Case, rival: str, writer: str, pythons: dict[str, str]) -> list[Result]:
    """Writes the case once, and uses it on each version of Python, by the paths of their interpreters."""
    with tempfile.TemporaryDirectory() as folder:
        failed = written(case, rival, folder, pythons[writer])
        return [
            Result(
                rival,
                writer,
                reader,
                case.name,
                *judged(case, writer, reader, failed or used(case, rival, folder, python)),
            )
            for reader, python in pythons.items()
        ]


def judged(case: Case, writer: str, reader: str, found: tuple[str, str]) -> tuple[str, str]:
    """'told' is what was right to refuse: an error that says that the reader has no such syntax, or no source."""
    what, why = found[0], IN_FOLDER.sub("'", found[1])
    if what == "late" and "DecodeError" in why and writer != reader:
        without_source = case.name in WITHOUT_SOURCE and "without its source" in why
        if without_source or not can_write(case, reader):
            return "told", why
    return what, why
