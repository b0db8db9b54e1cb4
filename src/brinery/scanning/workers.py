"""Many files on several processors: each process puts the policy together again, and judges files on its own."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from brinery.scanning.files import scanned_file
from brinery.scanning.report import FileReport
from brinery.trust import Trust

__all__ = ["scanned_files"]

CHUNK = 8  # files that a process is given at a time
FEW = 2 * CHUNK


def scanned_files(
    paths: Sequence[Path], trust: Trust, *, jobs: int, is_one: bool, unfolded: int | None, static: bool
) -> Iterator[FileReport | None]:
    """What :func:`scanned_file` says of each, in order.

    Raises:
        BrokenProcessPool: A process ended without a word, for want of memory, say.
    """
    if jobs == 1 or len(paths) < 2:
        yield from (scanned_file(each, trust, is_one=is_one, unfolded=unfolded, static=static) for each in paths)
        return
    # Not forked: other threads may hold locks, that of a progress bar among them.
    context = multiprocessing.get_context("spawn")
    made = (trust.allowed, trust.vetted, trust.limits)
    judge = partial(scanned_here, is_one=is_one, unfolded=unfolded, static=static)
    with ProcessPoolExecutor(min(jobs, len(paths)), context, begin, made) as pool:
        yield from pool.map(judge, paths, chunksize=CHUNK if len(paths) > FEW * jobs else 1)


class Here:
    """The policy of a process that scans."""

    trust: Trust


def begin(allowed: list[str], vetted: bool, limits: Mapping[str, int] | None) -> None:
    """Once in each process."""
    Here.trust = Trust(allowed, vetted=vetted, limits=limits)


def scanned_here(path: Path, *, is_one: bool, unfolded: int | None, static: bool) -> FileReport | None:
    return scanned_file(path, Here.trust, is_one=is_one, unfolded=unfolded, static=static)
