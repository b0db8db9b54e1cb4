"""Why a call is a hit or a miss: what differs from the nearest one that is kept."""

from __future__ import annotations

import difflib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from brinery.caching.code import Part
from brinery.caching.results import Query, Results
from brinery.caching.rows import Key, KnownCode

__all__ = ["Change", "Explanation", "explanation"]

# Of so many calls the nearest is looked for; those with the latest names of keys are left out.
MOST = 10_000


@dataclass(frozen=True)
class Change:
    """One thing that is not what it was when the nearest result was kept.

    `before` and `now` are texts for people, None where there was, or is, no such thing; `diff` is a unified diff of
    them, empty where they are of one line.
    """

    kind: str
    name: str
    before: str | None
    now: str | None

    @property
    def diff(self) -> str:
        """What became of the text, line by line."""
        before, now = (self.before or "").splitlines(), (self.now or "").splitlines()
        if max(len(before), len(now)) <= 1:
            return ""
        return "\n".join(difflib.unified_diff(before, now, "kept", "now", lineterm=""))

    def __str__(self) -> str:
        """What it is, and what became of it."""
        head = f"{self.kind} {self.name}"
        if self.before is None:
            return f"{head}: is new\n{indented(self.now or '')}"
        if self.now is None:
            return f"{head}: is gone\n{indented(self.before)}"
        if self.before == self.now:
            return f"{head}: has changed, though not in what is shown of it"
        return f"{head}:\n{indented(self.diff)}" if self.diff else f"{head}: {self.before} -> {self.now}"


@dataclass(frozen=True)
class Explanation:
    """Whether a call is a hit, where its result is, and why.

    `changes` has what differs from the nearest call that is kept, if it is a miss and there is one.
    """

    call: str
    is_hit: bool
    where: Literal["memory", "store"] | None
    reason: str
    changes: tuple[Change, ...] = ()

    def __str__(self) -> str:
        """The call, the reason, and what has changed."""
        head = f"{self.call}: {'hit' if self.is_hit else 'miss'}: {self.reason}"
        return "\n".join([head, *(indented(str(change)) for change in self.changes)])


def explanation(results: Results, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Explanation:
    """What becomes of a call; nothing is computed."""
    query = results.query(args, kwargs)
    key = results.key(query)
    named = results.arguments(query, key)
    call = f"{results.name}({', '.join(f'{name}={text}' for name, (_, text) in named.items())})"
    found = results.from_memory(query) or results.from_store(query)
    if found is not None:
        where: Any = found.where
        age = max(0.0, time.time() - found.created)
        old = ", older than its ttl" if found.is_stale else ""
        place = "in memory" if found.where == "memory" else "in the store"
        return Explanation(call, True, where, f"kept {age:,.1f} s ago, {place}{old}")
    reason, changes = differences(results, query, key, named)
    return Explanation(call, False, None, reason, tuple(changes))


def differences(results: Results, query: Query, key: Key, named: dict[str, list[str]]) -> tuple[str, list[Change]]:
    """Why nothing is kept, and what differs from what is."""
    rows = results.rows()
    keys = rows.calls(results.name)[:MOST]
    if not keys:
        return "no result of the function is kept", []
    if key in keys:
        return "a result is kept, but it cannot be used", []
    abouts = rows.abouts(keys)
    nearest = max(keys, key=lambda each: nearness(each, key, abouts.get(each), named))
    known = rows.codes(results.name)
    changes: list[Change] = []
    reasons = []
    if nearest.code != key.code:
        reasons.append("the code has changed")
        changes += code_changes(known.get(nearest.code), query)
        if not changes:
            reasons.append("what it was is not known any more")
    if nearest.arguments != key.arguments:
        reasons.append("no result is kept for these arguments" if len(keys) > 1 else "the arguments are others")
        changes += argument_changes(abouts.get(nearest), named)
    return f"{', and '.join(reasons)}; the nearest of {len(keys):,} kept is {age_of(abouts.get(nearest))}", changes


def nearness(each: Key, key: Key, about: dict[str, Any] | None, named: dict[str, list[str]]) -> tuple[Any, ...]:
    """The more, the nearer: the same arguments, the same code, the most equal arguments, the latest."""
    known = about or {"arguments": {}, "created": 0.0}
    equal = sum(known["arguments"].get(name, [None])[0] == digest for name, (digest, _) in named.items())
    return each.arguments == key.arguments, each.code == key.code, equal, known["created"]


def age_of(about: dict[str, Any] | None) -> str:
    return "of unknown age" if about is None else f"{max(0.0, time.time() - about['created']):,.1f} s old"


def code_changes(before: KnownCode | None, query: Query) -> Iterator[Change]:
    if before is None or query.code is None:
        return
    old, new = by_name(before.parts), by_name(query.code.parts)
    for kind, name in sorted(old.keys() | new.keys()):
        one, other = old.get((kind, name)), new.get((kind, name))
        if one is None or other is None or one.digest != other.digest:
            yield Change(kind, name, None if one is None else one.text, None if other is None else other.text)


def by_name(parts: tuple[Part, ...]) -> dict[tuple[str, str], Part]:
    return {(part.kind, part.name): part for part in parts}


def argument_changes(about: dict[str, Any] | None, named: dict[str, list[str]]) -> Iterator[Change]:
    if about is None:
        return
    before = about["arguments"]
    for name in dict.fromkeys([*before, *named]):
        one, other = before.get(name), named.get(name)
        if one is None or other is None or one[0] != other[0]:
            yield Change("argument", name, None if one is None else one[1], None if other is None else other[1])


def indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())
