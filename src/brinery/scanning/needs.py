"""What would have to be allowed for a pickle to load, as the checker says under that very policy."""

from __future__ import annotations

from collections.abc import Container

from brinery.codec import GlobalUse, Report
from brinery.peeking import Pickle
from brinery.trust import Trust, is_exact

__all__ = ["judgement_of", "names_needed"]

# What nobody has vouched for; what is vetted and used otherwise; what is vetted for making less than is made of it.
VERDICTS = ("unknown", "misused", "vetted")
# Each verdict, and what these reach in turn.
MOST_ROUNDS = 6


def judgement_of(pickle: Pickle, trust: Trust) -> Report:
    """What the checker says of a pickle under a policy."""
    return trust.judge(pickle.opcode_bytes()) if pickle.gaps else trust.judge(pickle.data, offset=pickle.start)


def names_needed(pickle: Pickle, trust: Trust, report: Report) -> tuple[str, ...]:
    """The names that, allowed besides, let a pickle load; none where it loads anyway, or where no names would.

    Names are added until the checker lets it pass, so that what is said here is what loading does. A few times as long
    as judging it once.

    Args:
        pickle: The pickle.
        trust: The policy.
        report: What the checker says of it under this policy.
    """
    names: dict[str, None] = {}
    for _ in range(MOST_ROUNDS):
        if report.passes:
            return tuple(names)
        found = next((new for verdict in VERDICTS if (new := paths_of(report, verdict, besides=names))), {})
        if report.end is None or not found or not all(map(is_exact, found)):
            return ()
        names |= found
        report = judgement_of(pickle, trust.allowing(names))
    return ()


def paths_of(report: Report, verdict: str, *, besides: Container[str]) -> dict[str, None]:
    """The names of a verdict, without those that are allowed already."""
    paths = (path_of(use) for use in report.globals if use.verdict == verdict)
    return {path: None for path in paths if path not in besides}


def path_of(use: GlobalUse) -> str:
    return f"{use.module}.{use.name}"
