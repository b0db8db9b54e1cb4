"""Judging files without opening them: what they would do, by the checker that loading asks too."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeAlias

from brinery.scanning.files import files_in, scanned_bytes
from brinery.scanning.report import VERDICTS, Call, FileReport, Finding, PickleReport, ScanReport, Usage
from brinery.scanning.sarif import to_sarif
from brinery.scanning.workers import scanned_files
from brinery.trust import Trust, policy_for

__all__ = [
    "VERDICTS",
    "Call",
    "FileReport",
    "Finding",
    "PickleReport",
    "Progress",
    "ScanReport",
    "Usage",
    "scan",
    "to_sarif",
]


Progress: TypeAlias = Callable[[int, int, str], None]


def scan(
    target: str | os.PathLike[str] | bytes | bytearray | memoryview,
    *,
    trust: Trust | Iterable[Any] | None = None,
    unfolded: int | None = None,
    static: bool = False,
    jobs: int = 1,
    progress: Progress | None = None,
) -> ScanReport:
    """Judge every pickle in a file, a folder or bytes, without running anything that they name.

    ``clean``: :func:`brinery.loads` would build it under this policy. ``suspicious``: it needs what is not vetted, or
    uses what is vetted in another way. ``dangerous``: what it needs runs code, commands and the like.
    ``unreadable``: it could not be followed to its end, and may be anything. Archives, compressed files and the bytes
    in pickles are looked into as :func:`brinery.peek` does; types are told by content. In folders, files without
    pickles are passed over, and links to folders are not followed.

    Args:
        target: A file, a folder, or the bytes of a file.
        trust: What is allowed besides the vetted list, as for :func:`brinery.loads`.
        unfolded: Bytes that each file may unfold to, as for :func:`brinery.peek`.
        static: Whether to go by the opcodes alone. Otherwise a pickle that has passed, and names nothing but what is
            vetted, is built as loading it would, and thrown away: state that is forged shows only then.
        jobs: How many processes share the files of a folder. They begin by importing the caller's main module, as with
            :mod:`multiprocessing`: a script needs ``if __name__ == "__main__":`` around the call.
        progress: Called with the number of files done, of all, and the path of the next.

    Raises:
        OSError: There is no such file or folder.
        ValueError: `jobs` is less than one.
        BrokenProcessPool: One of several processes ended without a word, for want of memory, say.

    >>> report = scan(b"cos\\nsystem\\n(S'echo gotcha'\\ntR.")
    >>> report.verdict, report.needs
    ('dangerous', ['os.system'])
    >>> print(report.files[0].pickles[0].calls[0].text)
    os.system('echo gotcha')
    """
    if jobs < 1:
        raise ValueError(f"jobs must be at least 1, not {jobs}")
    policy = policy_for(trust)
    if isinstance(target, bytes | bytearray | memoryview):
        report = scanned_bytes(memoryview(target).cast("B"), policy, unfolded=unfolded, static=static)
        return ScanReport((report,) if report is not None else ())
    path = Path(target)
    path.stat()
    is_folder = path.is_dir()
    paths, reports = files_in(path) if is_folder else ([path], [])
    found = scanned_files(paths, policy, jobs=jobs, is_one=not is_folder, unfolded=unfolded, static=static)
    for done, each in enumerate(paths):
        if progress is not None:
            progress(done, len(paths), str(each))
        reports += filter(None, [next(found)])
    return ScanReport(tuple(reports))


for _each in (Call, FileReport, Finding, PickleReport, ScanReport, Usage):
    _each.__module__ = "brinery.scanning"
scan.__module__ = "brinery"
