"""`python -m bench.breadth [--only NAME]`: the matrix on brinery and its rivals; writes docs/breadth.md."""

from __future__ import annotations

import argparse
import collections
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from bench.breadth.cases import CASES
from bench.machine import description

ROOT = Path(__file__).parent.parent.parent
SIGNS = {"right": "yes", "refused": "refused", "late": "fails to load", "wrong": "**wrong**", "crashed": "**crash**", "hung": "**hangs**", "missing": "not installed"}  # fmt: skip
RIVALS = ("brinery", "pickle", "cloudpickle", "dill")

Found = dict[str, tuple[str, str]]


def outcomes(rival: str, names: list[str], progress: Progress) -> Found:
    """What became of each case, by its name, and why."""
    task = progress.add_task(rival, total=len(names))
    command = [sys.executable, "-m", "bench.breadth.child", rival, *names]
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


def page(results: dict[str, Found]) -> str:
    rivals = list(results)
    lines = ["| | " + " | ".join(rivals) + " |", "|---|" + "--:|" * len(rivals)]
    counts = {rival: collections.Counter(what for what, _ in found.values()) for rival, found in results.items()}
    total = len(next(iter(results.values())))
    lines.append(
        "| right | " + " | ".join(f"{counts[r]['right']} ({counts[r]['right'] / total:.0%})" for r in rivals) + " |"
    )
    for what, sign in list(SIGNS.items())[1:]:
        lines.append(f"| {sign} | " + " | ".join(str(counts[rival][what]) for rival in rivals) + " |")
    for group in dict.fromkeys(case.group for case in CASES):
        lines += [
            "",
            f"## {group.capitalize()}",
            "",
            "| | " + " | ".join(rivals) + " |",
            "|---|" + "---|" * len(rivals),
        ]
        for case in CASES:
            if case.group == group and case.name in next(iter(results.values())):
                lines.append(f"| {case.name} | " + " | ".join(SIGNS[results[r][case.name][0]] for r in rivals) + " |")
    failed = [(name, why) for name, (what, why) in results["brinery"].items() if what != "right"]
    lines += ["", "## What brinery does not carry", ""]
    lines += [f"- {name}: {why}" for name, why in failed] or ["Nothing of the above."]
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", help="a group, or cases with this in their names; nothing written")
    options = parser.parse_args()
    names = [case.name for case in CASES if not options.only or options.only == case.group or options.only in case.name]
    if not names:
        parser.error(f"no case has {options.only!r} in its name")
    for missing in sorted({case.missing() for case in CASES if case.name in names} - {""}):
        print(f"left out for want of a package: pip install {missing}", file=sys.stderr)
    with Progress(console=Console(stderr=True)) as progress, ThreadPoolExecutor(2) as pool:
        results = dict(zip(RIVALS, pool.map(lambda rival: outcomes(rival, names, progress), RIVALS), strict=True))
    text = page(results)
    print(text)
    if not options.only:
        head = (
            "# What travels\n\n"
            f"Taken with `make breadth` on {description('brinery', 'cloudpickle', 'dill', 'numpy', 'pandas')}.\n\n"
            "Each object is made and dumped in the `__main__` of one process, loaded and *used* in a fresh one\n"
            "(`bench/breadth/cases.py` has the code of both). *Refused*: an error when dumping. *Fails to load*: an error\n"
            "when loading. *Wrong*: it loads, and does not do what it did.\n\n"
        )
        (ROOT / "docs" / "breadth.md").write_text(head + text + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
