"""`python -m tests.attacks.proof [--only NAME]`: opens the corpus as its victims do, and writes docs/attacks.md.

That an attack works is shown, not assumed: each stream is opened by the stdlib (or by the reader of its file format)
in a child process under limits.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter

from bench.machine import description

from tests.attacks.case import Attack
from tests.attacks.corpus import CORPUS
from tests.attacks.sandbox import ROOT, Outcome, outcomes

PAGE = ROOT / "docs" / "attacks.md"
CRASHES = {"SIGSEGV", "SIGABRT", "SIGBUS", "SIGFPE", "SIGILL", "SIGKILL", "SIGALRM"}
HEAD = """# The attack corpus

`tests/attacks` holds {count} hostile streams, one a technique, each with where it was published. Written by
`python -m tests.attacks.proof` on {machine}.

Every stream was opened by the stdlib, or by the reader that its format is for, in a child process with 200 MB of
address space beyond its own and 2 s of processor time. Its payload is harmless: it creates or removes a file, or sets
a flag. *Proven* means that the harm was seen to happen here; other rows say what happened instead.

{table}
"""


def proven(attack: Attack, outcome: Outcome) -> bool:
    """Whether the harm was seen that the corpus claims."""
    exhausted = "MemoryError" in outcome.errors or outcome.detail == "SIGXCPU" or outcome.end == "stuck"
    crashed = outcome.end == "killed" and outcome.detail in CRASHES
    return {
        "runs": outcome.hit,
        "crashes": crashed,
        "exhausts": exhausted or crashed,
        "forges": outcome.hit or crashed or exhausted,
        "refused": outcome.end == "raised",
    }[attack.effect]


def told(attack: Attack, outcome: Outcome) -> str:
    """For the last column of the page."""
    if proven(attack, outcome):
        return "proven"
    if outcome.end == "missing":
        return f"not tried: no {outcome.detail}"
    if sys.version_info >= attack.until:
        return f"gone since {attack.until[0]}.{attack.until[1]}"
    return f"not here: {outcome.end} {outcome.detail}".replace("|", "/").replace("\n", " ")[:110].strip()


def page(rows: list[tuple[Attack, Outcome]]) -> str:
    totals: Counter[tuple[str, bool]] = Counter((attack.effect, proven(attack, outcome)) for attack, outcome in rows)
    lines = ["| effect | streams | proven here |", "|---|---|---|"]
    for effect in ("runs", "crashes", "exhausts", "forges", "refused"):
        yes, no = totals[effect, True], totals[effect, False]
        lines.append(f"| {effect} | {yes + no} | {yes} |")
    family = ""
    for attack, outcome in rows:
        if attack.family != family:
            family = attack.family
            lines += ["", f"## {family.capitalize()}", "", "| name | technique | effect | here |", "|---|---|---|---|"]
        lines.append(
            f"| [{attack.name}]({attack.source}) | {attack.technique} | {attack.effect} | {told(attack, outcome)} |"
        )
    machine = description(
        "numpy", "pandas", "scipy", "scikit-learn", "joblib", "torch", "pyarrow", "cloudpickle", "dill"
    )
    return HEAD.format(count=len(rows), machine=machine, table="\n".join(lines))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", help="a family, or attacks with this in their names; nothing written")
    only = parser.parse_args().only
    attacks = [attack for attack in CORPUS if not only or only == attack.family or only in attack.name]
    found = {outcome.name: outcome for outcome in outcomes("stdlib", attacks)}
    rows = [(attack, found[attack.name]) for attack in attacks]
    for attack, outcome in rows:
        if not proven(attack, outcome):
            print(f"{attack.name} ({attack.effect}): {told(attack, outcome)}", file=sys.stderr)
    print(f"{sum(proven(*row) for row in rows)} of {len(rows)} proven")
    if not only:
        PAGE.write_text(page(rows), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
