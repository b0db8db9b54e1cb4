"""Reading everything that a store has, and telling what of it is not what was written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from brinery.errors import DecodeError
from brinery.stores.backend import Backend
from brinery.stores.keys import shown_key
from brinery.stores.spaces import ENTRIES, VERSIONS, key_of_version
from brinery.stores.values import Values

__all__ = ["Verification", "verified"]


class Verification(NamedTuple):
    """What :meth:`Store.verify` found: how many values are right, what is wrong by key, and with the place itself."""

    good: int
    wrong: dict[Any, str]
    problems: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        """Whether nothing is wrong."""
        return not self.wrong and not self.problems


def verified(backend: Backend, values: Values, progress: Callable[[int, int], object] | None) -> Verification:
    """Look at all values, those that keys had before too; `progress` is told how many are done, and of how many."""
    problems = backend.problems()
    good, wrong, total = 0, {}, backend.count(ENTRIES)
    for key, value in backend.scan(ENTRIES):
        problem = problem_of(backend, values, key, key, value)
        if problem is None:
            good += 1
        else:
            wrong[shown_key(key)] = problem
        if progress is not None:
            progress(good + len(wrong), total)
    for row, value in backend.scan(VERSIONS):
        key = key_of_version(row)
        # Of a removal there is nothing; and what the key has now was looked at.
        if value and backend.get((key,)).get(key) != value:
            problem = problem_of(backend, values, row, key, value)
            if problem is not None:
                problems.append(f"{shown_key(key)!r}, a version that it had before: {problem}")
    return Verification(good, wrong, tuple(problems))


def problem_of(backend: Backend, values: Values, row: bytes, key: bytes, value: bytes) -> str | None:
    """What is wrong with the value of a key; nothing if its row has another one by now, and the file has gone."""
    try:
        values.verify(key, value)
    except FileNotFoundError as error:
        return str(error) if backend.get((row,)).get(row) == value else None
    except (DecodeError, OSError) as error:
        return str(error)
    return None
