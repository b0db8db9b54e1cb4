"""`python -m bench.versions [--only NAME]`: each version of Python writes, each reads; writes docs/versions.md."""

from __future__ import annotations

import argparse
import sys
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from bench.machine import description
from bench.versions.cases import ALL
from bench.versions.interpreters import VERSIONS, environment, prepare
from bench.versions.pairs import Result, can_write, results
from bench.versions.report import page

ROOT = Path(__file__).parent.parent.parent
RIVALS = ("brinery", "cloudpickle")


def everything(rivals: list[str], pythons: dict[str, str], only: str, progress: Progress) -> list[Result]:
    jobs = [
        (case, rival, writer)
        for rival in rivals
        for writer in pythons
        for case in ALL
        if only in case.name and can_write(case, writer)
    ]
    task = progress.add_task("writing and reading", total=len(jobs))
    found: list[Result] = []
    with ThreadPoolExecutor(2) as pool:
        for each in as_completed([pool.submit(results, *job, pythons) for job in jobs]):
            found += each.result()
            progress.advance(task)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="cases with this in their names; nothing written")
    parser.add_argument("--rival", action="append", choices=RIVALS, help="just this one; nothing written")
    parser.add_argument("--no-build", action="store_true", help="use the environments as they are")
    options = parser.parse_args()
    console = Console(stderr=True)
    pythons = {}
    for version in VERSIONS:
        if not options.no_build:
            console.print(f"making ready Python {version}")
        python = environment(version) if options.no_build else prepare(version)
        if python is None:
            console.print(f"there is no Python {version}: it is left out")
        else:
            pythons[version] = python
    if len(pythons) < 2:
        parser.error(
            "it takes two versions of Python at least: put python3.12 and python3.13 on the path, or use pyenv"
        )
    with Progress(console=console) as progress:
        found = everything(options.rival or list(RIVALS), pythons, options.only, progress)
    text = page(found, description("brinery", "cloudpickle"), pythons)
    print(text)
    if not options.only and not options.rival:
        (ROOT / "docs" / "versions.md").write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
