"""What is said of hits and misses."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import brinery
from brinery.caching import Change
from tests.caching.running import run


@pytest.fixture
def store(tmp_path: Path) -> Iterator[brinery.Store]:
    with brinery.Store(tmp_path / "results") as store:
        yield store


def test_hits_say_where_they_are(store: brinery.Store) -> None:
    @brinery.memoize(store=store)
    def f(x):
        return x

    f(1)
    found = f.explain(1)
    assert (found.is_hit, found.where, found.changes) == (True, "memory", ())
    again = brinery.memoize(f.__wrapped__, store=store)
    assert again.explain(x=1).where == "store"
    assert "f(x=1): hit: kept" in str(again.explain(1))
    assert f.stats().calls == 1


def test_other_arguments_are_named(store: brinery.Store) -> None:
    @brinery.memoize(store=store)
    def f(x, y=0, **others):
        return x

    assert "no result" in f.explain(1).reason
    f([1], 5)
    f([1, 2], 7)
    found = f.explain([1, 2], 8)
    assert (found.is_hit, found.where) == (False, None)
    assert found.changes == (Change("argument", "y", "7", "8"),)
    assert "argument y: 7 -> 8" in str(found)
    assert "no result is kept for these arguments" in found.reason
    f.invalidate([1, 2], 7)
    assert {each.name for each in f.explain([1, 2], 7, z=1).changes} == {"x", "y", "others"}


def test_long_arguments_are_cut(store: brinery.Store) -> None:
    class Own:
        def __repr__(self) -> str:
            raise ZeroDivisionError

    @brinery.memoize(store=store)
    def f(x):
        return 1

    f("x" * 1000)
    (change,) = f.explain(list(range(100_000))).changes
    assert change.before is not None
    assert change.now is not None
    assert max(len(change.before), len(change.now)) <= 200
    assert "Own" in f.explain(Own()).call


APP = """
import brinery
def helper(x):
    a = 1
    return x + {number}
@brinery.memoize
def f(x):
    return helper(x)
"""


def test_changes_of_the_code_are_shown(tmp_path: Path) -> None:
    def said(number: int, code: str) -> str:
        (tmp_path / "app.py").write_text(APP.format(number=number))
        return run(tmp_path, code, PYTHONDONTWRITEBYTECODE="1")

    assert said(1, "import app; print(app.f(1))") == "2"
    told = said(2, "import app; print(app.f.explain(1))")
    assert "the code has changed" in told
    assert "-    return x + 1" in told
    assert "+    return x + 2" in told
    assert "function app.helper" in told
    both = said(2, "import app; print(app.f.explain(5))")
    assert "argument x: 1 -> 5" in both
    assert "function app.helper" in both
    assert "hit" in said(1, "import app; print(app.f.explain(1))")


def test_another_version_is_named(store: brinery.Store) -> None:
    def f(x):
        return x

    brinery.memoize(f, store=store, version=1)(3)
    (change,) = brinery.memoize(f, store=store, version=2).explain(3).changes
    assert (change.kind, change.before, change.now) == ("version", "1", "2")


def test_changes_are_told_line_by_line() -> None:
    assert str(Change("global", "app.RATE", "1", "2")) == "global app.RATE: 1 -> 2"
    assert str(Change("global", "app.RATE", None, "2")) == "global app.RATE: is new\n  2"
    assert str(Change("global", "app.RATE", "1", None)) == "global app.RATE: is gone\n  1"
    assert "-b\n  +c" in str(Change("function", "app.f", "a\nb", "a\nc"))
