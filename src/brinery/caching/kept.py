"""What a store has of which functions, and which of it is of code that has been replaced."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, NamedTuple

from brinery.caching.rows import Key, KnownCode, Rows

__all__ = ["Kept", "all_kept", "outdated", "remove_outdated"]


class Kept(NamedTuple):
    """What is kept of one function: how many results of how many codes, the last of them, and the seconds of all.

    `last` is when the last was kept, in seconds since the epoch, and `size` how many bytes it takes, where it is known.
    """

    name: str
    results: int
    codes: int
    last: float | None
    size: int | None
    seconds: float


def all_kept(rows: Rows) -> list[Kept]:
    """What is kept, by function, in the order of their names."""
    keys = rows.calls()
    abouts = rows.abouts(keys)
    by_name: dict[str, list[Key]] = defaultdict(list)
    for key in keys:
        by_name[key.name].append(key)
    return [kept(name, each, [abouts[key] for key in each if key in abouts]) for name, each in by_name.items()]


def kept(name: str, keys: list[Key], abouts: list[dict[str, Any]]) -> Kept:
    last = max(abouts, key=lambda about: about["created"], default=None)
    return Kept(
        name,
        len(keys),
        len({key.code for key in keys}),
        None if last is None else last["created"],
        None if last is None else last["size"],
        sum(about["seconds"] for about in abouts),
    )


def outdated(rows: Rows, name: str) -> set[str]:
    """The code of a function that has been replaced by other code.

    Results of one function are of several codes at a time where the classes of its arguments differ; what has been
    replaced is the older code with the same classes, and all with older code of the function itself.
    """
    keys = rows.calls(name)
    latest: dict[str, float] = defaultdict(float)
    for key, about in rows.abouts(keys).items():
        latest[key.code] = max(latest[key.code], about["created"])
    known = rows.codes(name)
    used = sorted({key.code for key in keys}, key=lambda code: latest[code], reverse=True)
    newest: dict[Any, str] = {}
    base = known[used[0]].base if used and used[0] in known else None
    for code in used:
        newest.setdefault(classes_of(known.get(code)), code)
    current = {code for code in newest.values() if code in known and known[code].base == base}
    return set(used[1:]) - current


def classes_of(known: KnownCode | None) -> tuple[str, ...]:
    return () if known is None else tuple(part.name for part in known.parts if part.kind == "class")


def remove_outdated(rows: Rows, name: str) -> int:
    """Remove the results of code that has been replaced; how many there were."""
    gone = outdated(rows, name)
    count = rows.remove(key for key in rows.calls(name) if key.code in gone)
    rows.remove_codes(name, gone)
    return count
