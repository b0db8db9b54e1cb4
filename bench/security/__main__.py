"""`python -m bench.security [--honest DIR]`: scanners and loaders on attacks and honest files; writes docs/security-rivals.md."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType

from tests.attacks.case import Attack, Marker
from tests.attacks.corpus import CORPUS
from tests.attacks.proof import proven
from tests.attacks.sandbox import outcomes

from bench.machine import description
from bench.security.honest import honest
from bench.security.judging import SECONDS, File, judged
from bench.security.rivals import rivals

ROOT = Path(__file__).parents[2]
SUFFIXES = {"numpy": ".npy", "joblib": ".joblib", "torch": ".pt", "pandas": ".pkl.gz", "zip": ".zip"}
HEAD = """# Scanners and restricted loaders, compared

Taken with `make security-rivals` on {machine}.

*Attacks* are those of `tests/attacks` ([list](attacks.md)) that ran their payload here when the stdlib, or the reader
of their file format, opened them: {running}. *Other attacks* crash, exhaust, or forge state that is not sound: {others}.
*Honest files* are {honest}: standard types on protocols 0, 2, 4 and 5, arrays, tables, fitted estimators of
scikit-learn, torch files (`bench/security/honest.py`). Each file is judged in a process of its own with {seconds} s
and 4 GB.

## Scanners

*No verdict*: the scanner failed, or says that it could not scan the file. *Died*: it crashed, or ran out of time or
memory.

{scanners}

## Loaders

A loader may refuse or open; an attack that is opened did not run its payload, but was not told apart either. skops
has a format of its own, so that it refuses all pickles, and torch reads protocol 2: their honest files are the same
objects, written by them.

{loaders}
"""


def written(attack: Attack, folder: str) -> File:
    """The attack as a file, with the extension that its victims know."""
    marker = Marker(f"{folder}/{attack.name}").prepare()
    data = attack.build(marker)
    suffix = SUFFIXES.get(attack.reader, ".pkl")
    path = f"{folder}/{attack.name}{'.npz' if suffix == '.npy' and data.startswith(b'PK') else suffix}"
    Path(path).write_bytes(data)
    return File(path, marker)


def honest_files(folder: str, given: str | None) -> list[File]:
    if not given:
        given = f"{folder}/honest"
        os.mkdir(given)
        for title, data in honest():
            Path(given, title).write_bytes(data)
    return [File(str(path), None) for path in sorted(Path(given).iterdir()) if path.is_file()]


def share(counts: Counter[str], *judgements: str) -> str:
    return f"{100 * sum(counts[each] for each in judgements) / max(1, counts.total()):.1f} %"


def counted(rival: ModuleType, files: Iterable[File]) -> Counter[str]:
    return Counter(judged(rival, file) for file in files)


def row(rival: ModuleType, groups: list[list[File]]) -> str:
    running, others, good = (counted(rival, files) for files in groups)
    if rival.kind == "scanner":
        cells = [share(running, "flagged"), share(running, "clean"), share(running, "no verdict", "died"),
                 share(others, "flagged"), share(others, "died"), share(good, "flagged"), share(good, "no verdict", "died")]  # fmt: skip
    else:
        cells = [share(running, "ran"), share(running, "opened"), share(running, "refused"),
                 share(others, "opened"), share(others, "died"), share(good, "opened")]  # fmt: skip
    print(rival.name, *cells, dict(running), dict(others), dict(good), sep=" | ", flush=True)
    return f"| {rival.name} | " + " | ".join(cells) + " |"


SCANNERS = [
    "| | attacks flagged | called clean | no verdict | other attacks flagged | died of them | honest files flagged | no verdict |",
    "|---|---|---|---|---|---|---|---|",
]
LOADERS = [
    "| | attacks that ran | opened | refused | other attacks opened | died of them | honest files opened |",
    "|---|---|---|---|---|---|---|",
]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--honest", help="a folder of honest files, instead of those that are made here")
    parser.add_argument("--only", help="one rival's module; nothing written")
    options = parser.parse_args()
    compared = [rival for rival in rivals() if not options.only or rival.__name__.endswith(f".{options.only}")]
    attacks = [attack for attack in CORPUS if not attack.missing() and sys.version_info < attack.until]
    found = {outcome.name: outcome for outcome in outcomes("stdlib", attacks)}
    folder = tempfile.mkdtemp(prefix="rivals")
    try:
        harmful = [attack for attack in attacks if proven(attack, found[attack.name]) and attack.effect != "refused"]
        running = [written(attack, folder) for attack in harmful if attack.effect == "runs"]
        others = [written(attack, folder) for attack in harmful if attack.effect != "runs"]
        good = honest_files(folder, options.honest)
        rows = {rival: row(rival, [running, others, good]) for rival in compared}
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    packages = sorted({package for rival in compared for package in rival.packages})
    text = HEAD.format(
        machine=description(*packages, "numpy", "pandas", "scipy", "scikit-learn"),
        running=len(running), others=len(others), honest=len(good), seconds=SECONDS,
        scanners="\n".join([*SCANNERS, *(rows[each] for each in compared if each.kind == "scanner")]),
        loaders="\n".join([*LOADERS, *(rows[each] for each in compared if each.kind == "loader")]),
    )  # fmt: skip
    if not options.only:
        (ROOT / "docs" / "security-rivals.md").write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
