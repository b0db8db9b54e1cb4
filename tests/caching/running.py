"""Modules with memoized functions, and processes that call them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any


def calls_in(log: Path) -> int:
    """How often a function has run that notes it in a file."""
    return len(log.read_text().splitlines()) if log.exists() else 0


def note(log: Any) -> None:
    """Note one run; a single write, so that those of several processes do not mix."""
    with open(log, "a", encoding="utf-8") as file:
        file.write("x\n")


def environment(folder: Path, **more: str) -> dict[str, str]:
    """Variables for a process that keeps results there, and can import the modules there."""
    here = str(Path(__file__).parent.parent.parent)
    paths = os.pathsep.join([str(folder), here])
    return {**os.environ, "BRINERY_CACHE": str(folder / "results"), "PYTHONPATH": paths, **more}


def start(folder: Path, code: str, **more: str) -> subprocess.Popen[str]:
    """A process that runs code, in which warnings are errors."""
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", code],
        env=environment(folder, **more),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process: subprocess.Popen[str]) -> str:
    """What it printed."""
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    return out.strip()


def run(folder: Path, code: str, **more: str) -> str:
    """What a process prints that runs code."""
    return ended(start(folder, code, **more))
