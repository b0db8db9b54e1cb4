"""Has a rival judge a file in a child process of its own, under limits."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from types import ModuleType
from typing import Literal

from tests.attacks.case import Marker
from tests.attacks.sandbox import forked, limit

Judgement = Literal["flagged", "clean", "no verdict", "refused", "opened", "ran", "died"]
SECONDS = 10
MEMORY = 4 << 30


@dataclass(frozen=True)
class File:
    """A file to be judged; the marker, which an honest file has none of, tells whether its payload ran."""

    path: str
    marker: Marker | None


def judged(rival: ModuleType, file: File) -> Judgement:
    """What the rival makes of the file."""
    if file.marker:
        file.marker.reset()
    told, status = forked(lambda writing: answer(rival, file, writing), SECONDS)
    if file.marker and file.marker.was_hit():
        return "ran"
    if not told or os.WIFSIGNALED(status):
        return "died"
    return json.loads(told)  # type: ignore[no-any-return]


def answer(rival: ModuleType, file: File, writing: int) -> None:
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in range(3):
        os.dup2(nowhere, descriptor)
    limit(MEMORY, SECONDS)
    judge = getattr(rival, "judge_honest", rival.judge) if not file.marker else rival.judge
    try:
        flagged = judge(file.path)
    except BaseException:  # SystemExit too: it is what some attacks raise
        found: Judgement = "refused" if rival.kind == "loader" else "no verdict"
    else:
        found = "opened" if rival.kind == "loader" else "flagged" if flagged else "clean"
    os.write(writing, json.dumps(found).encode())
