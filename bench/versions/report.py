"""The page of the matrix of versions."""

from __future__ import annotations

import collections
import subprocess
from collections.abc import Iterable

from bench.versions.cases import ALL
from bench.versions.pairs import Result

COLUMNS = {"right": "right", "told": "refused, as it has to be", "refused": "fails to dump", "late": "fails to load", "wrong": "**wrong**", "crashed": "**crash**", "hung": "**hangs**"}  # fmt: skip
HOW = """\
A function is sent as marshalled code and as the text that it was compiled from
([why](design/0004-code-travels-twice.md)). On the version that wrote it the code is used, on every other the text is
compiled; marshalled code of another version is not even looked at. Before a text is sent it is compiled, and sent only
if that gives the same code: a file may have changed since it was imported. It is looked for in the file as it was
read before and as it is now, in the cache of lines (notebooks, doctest, the prompt of Python 3.13), by the loader of
the module (zip files), and on the command line (`python -c`). A function that was loaded keeps the text it came
with: it travels on from where its file is not.

## What is not possible

- A function that was made of a text which nobody kept (`exec` of a string, the prompt of Python 3.11 and 3.12) stays
  on its version. `DecodeError` on another one names the function, the file and the reason.
- Syntax that the reader does not have (type parameters and quotes within f-strings on 3.11) is a `DecodeError` that
  names the function, the line and the version that wrote it.
- A function does what its text does where it is loaded: a docstring has its indentation on 3.12 and not on 3.13.
- Marshalled code is trusted as the rest of a pickle is. Damaged bytes of it, on the version that wrote them, may crash
  the interpreter, as they do in a `.pyc` file: keep a digest or a signature of what lies about.
"""


def counted(found: Iterable[Result]) -> list[str]:
    counts = collections.Counter(each.what for each in found)
    total = sum(counts.values())
    right = f"{counts['right']} of {total} ({counts['right'] / total:.0%})"
    return [right, *(str(counts[what]) for what in list(COLUMNS)[1:])]


def table(found: list[Result]) -> list[str]:
    lines = [
        "| | written on | used on | " + " | ".join(COLUMNS.values()) + " |",
        "|---|---|---|" + "--:|" * len(COLUMNS),
    ]
    for rival in dict.fromkeys(each.rival for each in found):
        of_rival = [each for each in found if each.rival == rival]
        others = [each for each in of_rival if each.writer != each.reader]
        lines.append(f"| **{rival}** | | **another version** | " + " | ".join(counted(others)) + " |")
        for writer, reader in sorted({(each.writer, each.reader) for each in of_rival}):
            pair = [each for each in of_rival if (each.writer, each.reader) == (writer, reader)]
            lines.append(f"| {rival} | {writer} | {reader} | " + " | ".join(counted(pair)) + " |")
    return lines


def groups(found: list[Result]) -> list[str]:
    """Between different versions, by group."""
    group_of = {case.name: case.group for case in ALL}
    rivals = list(dict.fromkeys(each.rival for each in found))
    lines = ["| right on another version | " + " | ".join(rivals) + " |", "|---|" + "--:|" * len(rivals)]
    for group in dict.fromkeys(group_of[each.case] for each in found):
        of_group = [each for each in found if group_of[each.case] == group and each.writer != each.reader]
        cells = [counted(each for each in of_group if each.rival == rival)[0] for rival in rivals]
        lines.append(f"| {group} | " + " | ".join(cells) + " |")
    return lines


def failures(found: list[Result], what: tuple[str, ...]) -> list[str]:
    """Each case with its reason once, and the pairs it holds for."""
    pairs: dict[tuple[str, str, str], list[str]] = {}
    for each in sorted(found):
        if each.rival == "brinery" and each.what in what:
            pairs.setdefault((each.case, COLUMNS[each.what], each.why), []).append(f"{each.writer} to {each.reader}")
    return [f"- {case} ({', '.join(where)}): {kind}: `{why}`" for (case, kind, why), where in pairs.items()]


def page(found: list[Result], machine: str, pythons: dict[str, str]) -> str:
    exact = [
        subprocess.run([python, "-c", "import platform; print(platform.python_version())"], capture_output=True, text=True, check=True).stdout.strip()
        for python in pythons.values()
    ]  # fmt: skip
    lines = [
        "# From one version of Python to another",
        "",
        f"Taken with `make versions` on {machine}; the versions: CPython {', '.join(exact)}.",
        "",
        "Each object is made and dumped in the `__main__` of one process, and loaded and *used* in one of another version",
        "(`bench/versions/cases.py`, and the functions and classes of `bench/breadth/cases.py`). *Refused, as it has to be*:",
        "there is no source, or it is in a syntax that the other version does not have, and the error says so.",
        "",
        *table(found),
        "",
        *groups(found),
        "",
        "## How it works",
        "",
        HOW,
        "## What brinery refuses, as it has to",
        "",
        *(failures(found, ("told",)) or ["Nothing."]),
        "",
        "## What brinery does not carry",
        "",
        *(failures(found, ("refused", "late", "wrong", "crashed", "hung")) or ["Nothing of the above."]),
    ]
    return "\n".join(lines) + "\n"
