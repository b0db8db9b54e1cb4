"""A matrix of cases by rivals: what became of each, and the page that shows it."""

from __future__ import annotations

import collections
import importlib.metadata
import json
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

ROOT = Path(__file__).parent.parent.parent
SIGNS = {"right": "yes", "refused": "refused", "late": "fails to load", "wrong": "**wrong**", "crashed": "**crash**", "hung": "**hangs**", "missing": "not installed"}  # fmt: skip
RIVALS = ("brinery", "pickle", "cloudpickle", "dill")
LEGEND = """\
*Refused*: an error when dumping. *Fails to load*: an error when loading. *Wrong*: it loads, and does not do what it did.
"""

Found = dict[str, tuple[str, str]]


@dataclass(frozen=True)
class Case:
    """Each is a piece of a script that makes `made`, and an expression that uses it where it was loaded.

    `use` runs in a fresh process in which only `made` is known, and has to be true. `before` is what that process has
    to do before it loads, as an application would: settings, say.
    """

    group: str
    name: str
    make: str
    use: str
    package: str = ""  # the distribution that has to be installed, as pip takes it
    before: str = ""

    def missing(self) -> str:
        """The package, if it is not installed; empty if nothing is missing."""
        name = self.package.partition("==")[0]
        return self.package if name and not any(importlib.metadata.distributions(name=name)) else ""


def case(group: str, name: str, make: str, use: str, *, package: str = "", before: str = "") -> Case:
    make, use, before = (textwrap.dedent(text).strip() for text in (make, use, before))
    return Case(group, name, make, use, package, before)


def outcomes(module: str, rival: str, names: list[str], progress: Progress) -> Found:
    """What became of each case of the module, by its name, and why."""
    task = progress.add_task(rival, total=len(names))
    command = [sys.executable, "-m", "bench.breadth.child", module, rival, *names]
    found: Found = {}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as child:
        assert child.stdout is not None
        for line in child.stdout:
            _, name, what, why = json.loads(line)
            found[name] = (what, why)
            progress.advance(task)
    if child.returncode != 0:
        raise RuntimeError(f"the cases of {rival} ended with {child.returncode}")
    return found


def results(module: str, names: list[str]) -> dict[str, Found]:
    """What became of each case with each rival."""
    with Progress(console=Console(stderr=True)) as progress, ThreadPoolExecutor(2) as pool:
        found = pool.map(lambda rival: outcomes(module, rival, names, progress), RIVALS)
        return dict(zip(RIVALS, found, strict=True))


def page(cases: list[Case], results: dict[str, Found]) -> str:
    """The counts, the cases by group, and what brinery does not carry; as Markdown."""
    rivals = list(results)
    here = [case for case in cases if case.name in results[rivals[0]]]
    lines = counts(results)
    for group in dict.fromkeys(case.group for case in here):
        lines += [
            "",
            f"## {group.capitalize()}",
            "",
            "| | " + " | ".join(rivals) + " |",
            "|---|" + "---|" * len(rivals),
        ]
        for case in here:
            if case.group == group:
                lines.append(f"| {case.name} | " + " | ".join(SIGNS[results[r][case.name][0]] for r in rivals) + " |")
    failed = [(name, why) for name, (what, why) in results["brinery"].items() if what != "right"]
    lines += ["", "## What brinery does not carry", ""]
    lines += [f"- {name}: {why}" for name, why in failed] or ["Nothing of the above."]
    return "\n".join(lines)


def counts(results: dict[str, Found]) -> list[str]:
    rivals = list(results)
    found = {rival: collections.Counter(what for what, _ in each.values()) for rival, each in results.items()}
    total = len(results[rivals[0]])
    right = [f"{found[rival]['right']} ({found[rival]['right'] / total:.0%})" for rival in rivals]
    lines = [
        "| | " + " | ".join(rivals) + " |",
        "|---|" + "--:|" * len(rivals),
        "| right | " + " | ".join(right) + " |",
    ]
    for what, sign in list(SIGNS.items())[1:]:
        lines.append(f"| {sign} | " + " | ".join(str(found[rival][what]) for rival in rivals) + " |")
    return lines
