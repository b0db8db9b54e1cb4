"""Memoized functions: when a result is found again, and what comes back."""

from __future__ import annotations

import os
import pickle
import sqlite3
import time
import warnings
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import brinery
from brinery.caching import Memoized
from brinery.errors import EncodeError, ResultWarning
from tests.caching.running import calls_in, note, run


@pytest.fixture
def store(tmp_path: Path) -> Iterator[brinery.Store]:
    with brinery.Store(tmp_path / "results") as store:
        yield store


@pytest.fixture(params=[0, 1024], ids=["store", "memory"])
def memory(request: pytest.FixtureRequest) -> int:
    return request.param


def misses(memoized: Any) -> int:
    return memoized.stats().misses


# Which calls are one


def test_all_forms_of_a_call_are_one(store: brinery.Store, memory: int) -> None:
    @brinery.memoize(store=store, memory=memory)
    def f(a, b=2, /, c=3, *rest, d=4, **others):
        return a, b, c, rest, d, others

    assert f(1) == f(1, 2) == f(1, c=3) == f(1, 2, d=4, c=3) == (1, 2, 3, (), 4, {})
    assert misses(f) == 1
    assert f(1, x=1, y=2) == f(1, y=2, x=1)
    assert f(1, 2, 3, 4) != f(1, 2, 3, d=4)
    assert misses(f) == 3


def test_plain_calls_with_defaults_are_one(store: brinery.Store, memory: int) -> None:
    @brinery.memoize(store=store, memory=memory)
    def f(a, b=2):
        return a, b

    assert f(1) == f(1, 2) == f(a=1) == f(b=2, a=1)
    assert misses(f) == 1


def test_equal_values_of_other_types_are_other_calls(store: brinery.Store, memory: int) -> None:
    @brinery.memoize(store=store, memory=memory)
    def f(x):
        return repr(x)

    values = [1, 1.0, True, (1,), (1.0,), (True,), ((1,),), [1], 0.0, -0.0, 0, False, "1", b"1", None, float("nan")]
    for _ in range(2):
        for value in values:
            assert f(value) == repr(value)
    assert misses(f) == len(values)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3) | st.binary(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.tuples(inner, inner) | st.dictionaries(st.text(max_size=2), inner),
    max_leaves=6,
)


@given(st.lists(VALUES, max_size=3), st.dictionaries(st.sampled_from("abc"), VALUES))
def test_what_comes_back_is_what_the_plain_function_returns(args: list[Any], kwargs: dict[str, Any]) -> None:
    for function in SHARED:
        for _ in range(2):
            assert repr(function(*args, **kwargs)) == repr(called(*args, **kwargs))


def called(*args, **kwargs):
    return [args, kwargs]


SHARED: list[Any] = []


@pytest.fixture(scope="module", autouse=True)
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with brinery.Store(tmp_path_factory.mktemp("results")) as store:
        SHARED[:] = [brinery.memoize(called, store=store, memory=memory) for memory in (0, 8)]
        yield


EQUAL = """
import numpy as np, pandas as pd, brinery
@brinery.memoize
def f(obj, log):
    from tests.caching.running import note
    note(log)
    return 1
names = ["name %d" % number for number in range(50)]
OBJECTS = [set(names), {name: {name} for name in names}, frozenset(names), [{"a", "b"}, {"c": 1, "b": 2}],
           pd.DataFrame({"name": names, "number": np.arange(50.0)})]
"""


def test_equal_sets_dicts_and_tables_are_one_call_in_any_process(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(EQUAL)
    for seed in "01234":
        log = str(tmp_path / "log")
        run(tmp_path, f"import app; [app.f(each, {log!r}) for each in app.OBJECTS]", PYTHONHASHSEED=seed)
    assert calls_in(tmp_path / "log") == 5


def test_large_arrays_that_differ_in_one_element_are_two_calls(store: brinery.Store) -> None:
    @brinery.memoize(store=store)
    def f(array):
        return float(array.sum())

    array = np.zeros(1_000_000)
    changed = array.copy()
    changed[500_000] = 1
    assert (f(array), f(changed), f(array.copy())) == (0.0, 1.0, 0.0)
    assert misses(f) == 2


def test_parameters_can_be_ignored(store: brinery.Store, memory: int) -> None:
    @brinery.memoize(store=store, ignore=("verbose",), memory=memory)
    def f(x, verbose=False):
        return x

    assert f(1, verbose=True) == f(1) == f(1, object())
    assert misses(f) == 1
    with pytest.raises(ValueError, match="has no parameter loud"):
        brinery.memoize(lambda x: x, ignore=["loud"])


def test_settings_that_make_no_sense_are_refused() -> None:
    for settings in ({"ttl": -1}, {"stale": 1}, {"memory": -1}, {"on_error": "panic"}):
        with pytest.raises(ValueError, match=next(iter(settings))):
            brinery.memoize(**settings)
    with pytest.raises(TypeError, match="exceptions"):
        brinery.memoize(exceptions=[3])
    with pytest.raises(TypeError, match="takes a function"):
        brinery.memoize(int)


def test_wrong_arguments_raise_what_the_function_raises(store: brinery.Store) -> None:
    @brinery.memoize(store=store)
    def f(x):
        return x

    with pytest.raises(TypeError, match=r"f\(\) missing 1 required positional argument"):
        f()


# What comes back


def test_whoever_changes_a_result_changes_only_his_own(store: brinery.Store, memory: int) -> None:
    @brinery.memoize(store=store, memory=memory)
    def f():
        return {"numbers": [1, 2], "array": np.zeros(20_000)}

    for _ in range(3):
        found = f()
        assert (found["numbers"], found["array"].sum()) == ([1, 2], 0)
        found["numbers"].append(3)
        found["array"][:] = 1
        found["new"] = 1
    assert misses(f) == 1


def test_results_that_cannot_be_changed_are_shared(store: brinery.Store) -> None:
    @brinery.memoize(store=store)
    def f(x):
        return (x, ("a", 2.5), frozenset({3}))

    assert f(10**20) is f(10**20)


def test_memory_holds_the_latest(store: brinery.Store) -> None:
    @brinery.memoize(store=store, memory=2)
    def f(x):
        return x

    for x in (1, 2, 1, 3, 1, 2):
        f(x)
    stats = f.stats()
    assert (stats.misses, stats.memory_hits, stats.store_hits) == (3, 2, 1)


def test_large_results_stay_in_the_store(store: brinery.Store) -> None:
    @brinery.memoize(store=store)
    def f(x):
        return list(range(x))

    for _ in range(3):
        assert f(50_000) == list(range(50_000))
    assert f.stats()[1:4] == (0, 2, 1)


@dataclass
class Point:
    x: int
    y: int


def test_results_of_ones_own_classes_come_back(store: brinery.Store, memory: int) -> None:
    @brinery.memoize(store=store, memory=memory)
    def f(point):
        return Point(point.y, point.x)

    assert f(Point(1, 2)) == f(Point(1, 2)) == Point(2, 1)
    assert f(Point(1, 3)) == Point(3, 1)
    assert misses(f) == 2


def test_errors_are_results_if_it_is_said(store: brinery.Store, memory: int, tmp_path: Path) -> None:
    log = tmp_path / "log"

    @brinery.memoize(store=store, memory=memory, exceptions=(ValueError,))
    def f(x, kind):
        note(log)
        raise kind(x)

    seen = []
    for _ in range(3):
        with pytest.raises(ValueError, match="seven") as raised:
            f("seven", ValueError)
        seen.append(raised.value)
    assert calls_in(log) == 1
    assert len({id(each) for each in seen}) == 3
    for _ in range(2):
        with pytest.raises(KeyError):
            f("seven", KeyError)
    assert calls_in(log) == 3


# Time


def test_a_result_counts_for_its_time(store: brinery.Store, memory: int) -> None:
    @brinery.memoize(store=store, memory=memory, ttl=0.3)
    def f(x):
        return x

    before = time.monotonic()
    f(1)
    f(1)
    if time.monotonic() - before < 0.2:
        assert misses(f) == 1
    time.sleep(0.4)
    f(1)
    assert misses(f) >= 2


def test_a_stores_own_time_counts_in_memory_too(tmp_path: Path) -> None:
    with brinery.Store(tmp_path / "results", ttl=0.2) as store:

        @brinery.memoize(store=store)
        def f(x):
            return x

        f(1)
        time.sleep(0.3)
        f(1)
        assert misses(f) == 2


def test_an_old_result_serves_while_a_new_one_is_computed(store: brinery.Store, memory: int, tmp_path: Path) -> None:
    log = tmp_path / "log"

    @brinery.memoize(store=store, memory=memory, ttl=0.2, stale=1000)
    def f(x):
        note(log)
        return [calls_in(log)]

    assert f([1]) == [1]
    time.sleep(0.3)
    assert f([1]) == [1]
    end = time.monotonic() + 30
    while f([1]) == [1]:
        assert time.monotonic() < end
        time.sleep(0.01)
    assert f.stats().stale >= 1
    assert misses(f) == 1


# Code


def test_a_version_counts_instead_of_the_code(tmp_path: Path) -> None:
    code = "import app; print(app.f(1))"
    for number, version in enumerate(["a", "a", "b"]):
        (tmp_path / "app.py").write_text(
            f"import brinery\n@brinery.memoize(version={version!r})\ndef f(x):\n    return {number}\n"
        )
        assert run(tmp_path, code, PYTHONDONTWRITEBYTECODE="1") == str(2 if version == "b" else 0)


def test_edited_code_is_other_code(tmp_path: Path) -> None:
    code = "import app; print(app.f(1), app.f.stats().misses)"
    for number, expected in ((0, "1 1"), (5, "6 1"), (0, "1 0")):
        (tmp_path / "app.py").write_text(f"import brinery\n@brinery.memoize\ndef f(x):\n    return x + {number}\n")
        assert run(tmp_path, code, PYTHONDONTWRITEBYTECODE="1") == expected


# What goes wrong


def entries(folder: Path) -> closing[sqlite3.Connection]:
    return closing(sqlite3.connect(folder / "store.db", isolation_level=None))


def test_what_cannot_be_kept_is_computed_and_told_once(store: brinery.Store, memory: int) -> None:
    @brinery.memoize(store=store, memory=memory)
    def f(x):
        return (each for each in range(x))

    with pytest.warns(ResultWarning, match="cannot be kept") as told:
        assert list(f(3)) == list(f(3)) == [0, 1, 2]
    assert len(told) == 1
    assert told[0].filename == __file__
    assert (misses(f), f.stats().errors) == (2, 2)
    quiet = brinery.memoize(f.__wrapped__, store=store, on_error="ignore")
    assert list(quiet(3)) == [0, 1, 2]
    loud = brinery.memoize(f.__wrapped__, store=store, on_error="raise")
    with pytest.raises(EncodeError):
        loud(3)


def test_arguments_that_cannot_be_told_apart_are_told(store: brinery.Store) -> None:
    @brinery.memoize(store=store)
    def f(items):
        return list(items)

    with pytest.warns(ResultWarning, match="cannot be told apart"):
        assert f(each for each in range(3)) == [0, 1, 2]


def test_a_store_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    (tmp_path / "results").write_text("no folder")

    @brinery.memoize(store=tmp_path / "results")
    def f(x):
        return [x]

    with pytest.warns(ResultWarning, match="store cannot be used"):
        assert f(1) == [1]
    assert f(1) == [1]
    assert f.stats().memory_hits == 1


@pytest.mark.parametrize("place", [0, -20, -33], ids=["pickle", "MAC", "kind"])
def test_damaged_results_are_computed_and_replaced(tmp_path: Path, place: int) -> None:
    with brinery.Store(tmp_path) as store:

        @brinery.memoize(store=store, memory=0)
        def f(x):
            return {"x": x}

        f(1)
        with entries(tmp_path) as connection:
            for key, value in connection.execute("SELECT key, value FROM entries").fetchall():
                damaged = bytearray(value)
                damaged[place] ^= 0xFF
                connection.execute("UPDATE entries SET value = ? WHERE key = ?", (bytes(damaged), key))
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            assert f(1) == {"x": 1}
            assert f(1) == {"x": 1}
        assert [each.category for each in told] == [ResultWarning]
        assert f.stats()[1:4] == (0, 1, 2)


def test_something_else_under_the_key_is_replaced(store: brinery.Store) -> None:
    @brinery.memoize(store=store, memory=0)
    def f(x):
        return {"x": x}

    f(1)
    (key,) = store.prefix(("memoize",))
    store[key] = "something else"
    with pytest.warns(ResultWarning, match="no result"):
        assert f(1) == {"x": 1}
    assert f(1) == {"x": 1}
    assert misses(f) == 2


def test_what_somebody_else_wrote_is_computed_and_replaced(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(
        "import brinery\nclass Own:\n    pass\n@brinery.memoize\ndef f(x):\n    return Own()\n"
    )
    code = "import app, warnings; warnings.simplefilter('always'); app.f(1); app.f(1); print(app.f.stats().misses)"
    assert run(tmp_path, code, BRINERY_HOME=str(tmp_path / "somebody")) == "1"
    from tests.caching.running import start

    process = start(tmp_path, code)
    out, err = process.communicate()
    assert out.strip() == "1"
    assert err.count("UntrustedError") == 1
    assert run(tmp_path, "import app; app.f(1); print(app.f.stats().misses)") == "0"


# Methods


class Shape:
    def __init__(self, store: Any, side: int) -> None:
        self.side = side

    @brinery.memoize(on_error="raise")
    def area(self, times=1):
        return self.side * self.side * times

    @classmethod
    @brinery.memoize(on_error="raise")
    def named(cls, name):
        return [cls.__name__, name]

    @staticmethod
    @brinery.memoize(on_error="raise")
    def plain(x):
        return [x]

    @brinery.memoize
    @classmethod
    def other_order(cls, name):
        return [cls.__name__, name]


@pytest.fixture
def default_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Functions of this module have their results here, those of the tests before forgotten."""
    for each in (Shape.area, Shape.__dict__["named"].__func__, Shape.__dict__["plain"].__func__, doubled):
        monkeypatch.setattr(each, "_results", each.with_store(tmp_path / "results")._results)
        monkeypatch.setattr(each, "_tally", type(each._tally)())


@pytest.mark.usefixtures("default_store")
def test_methods_go_by_the_value_of_their_object() -> None:
    one, same, other = Shape(None, 2), Shape(None, 2), Shape(None, 3)
    assert (one.area(), same.area(1), other.area(times=2)) == (4, 4, 18)
    assert misses(Shape.area) == 2
    assert one.area.cached()
    assert not one.area.cached(5)
    assert one.area.explain().is_hit
    assert Shape.area(one) == 4
    one.side = 5
    assert one.area() == 25
    assert one.area == one.area != other.area
    assert pickle.loads(pickle.dumps(other.area))() == 9
    assert (one.area.warm([(7,), 8]), one.area.invalidate(7), one.area.invalidate(7)) == (2, True, False)


@pytest.mark.usefixtures("default_store")
def test_class_methods_and_static_methods() -> None:
    class Square(Shape):
        pass

    assert Shape.named("a") == Shape.named("a") == ["Shape", "a"]
    assert Shape.plain(1) == Shape(None, 1).plain(1) == [1]
    assert isinstance(Shape.plain, Memoized)
    assert isinstance(Shape.__dict__["other_order"], classmethod)


# Generators


def test_generators_are_kept_at_their_end(store: brinery.Store, memory: int, tmp_path: Path) -> None:
    log = tmp_path / "log"

    @brinery.memoize(store=store, memory=memory)
    def f(n):
        note(log)
        for number in range(n):
            yield [number]
        return "end"

    next(f(3)).append("changed")
    for _ in range(3):
        given = []
        for item in f(3):
            given.append(list(item))
            item.append("changed")
        assert given == [[0], [1], [2]]
    assert calls_in(log) == 2

    def returned() -> Iterator[Any]:
        yield (yield from f(3))

    assert list(returned()) == [[0], [1], [2], "end"]


def test_generators_that_are_sent_something_are_not_kept(store: brinery.Store) -> None:
    @brinery.memoize(store=store)
    def f():
        got = yield 1
        try:
            yield got
        except ValueError:
            yield "caught"

    generator = f()
    assert (next(generator), generator.send("a"), generator.throw(ValueError), list(generator)) == (
        1,
        "a",
        "caught",
        [],
    )
    assert list(f()) == [1, None]
    assert list(f()) == [1, None]
    assert f.stats()[1:4] == (1, 0, 2)


def test_generators_end_with_the_error_that_is_a_result(store: brinery.Store, memory: int) -> None:
    @brinery.memoize(store=store, memory=memory, exceptions=ZeroDivisionError)
    def f(n):
        for number in range(n, -1, -1):
            yield 6 // number

    for _ in range(3):
        generator = f(2)
        assert (next(generator), next(generator)) == (3, 6)
        with pytest.raises(ZeroDivisionError):
            next(generator)
    assert misses(f) == 1


# Upkeep


def test_results_are_removed(store: brinery.Store, memory: int) -> None:
    @brinery.memoize(store=store, memory=memory)
    def f(x):
        return x

    @brinery.memoize(store=store, memory=memory)
    def g(x):
        return x

    store["mine"] = 1
    assert [f(1), f([2]), g(3)] == [1, [2], 3]
    assert (f.invalidate(1), f.invalidate(1), f.invalidate([2])) == (True, False, True)
    assert not f.cached(1)
    f(1)
    f(2)
    assert f.clear() == 2
    assert not f.cached(1)
    assert g.cached(3)
    g.clear()
    assert dict(store) == {"mine": 1}


def test_results_are_computed_ahead(store: brinery.Store) -> None:
    @brinery.memoize(store=store)
    def f(x, y=0):
        return x + y

    f(1)
    seen: list[tuple[int, int]] = []
    assert f.warm([1, (2,), (3, 4)], progress=lambda done, total: seen.append((done, total))) == 2
    assert seen == [(1, 3), (2, 3), (3, 3)]
    assert f.warm(range(10), workers=3, progress=True) == 8
    assert f.warm(range(10)) == 0

    @brinery.memoize(store=store)
    def failing(x):
        return 1 // x

    with pytest.raises(ZeroDivisionError):
        failing.warm([1, 0], workers=2)


def test_repr_and_stats(store: brinery.Store) -> None:
    @brinery.memoize(store=store)
    def f(x):
        """Of f."""
        return x

    f(1)
    f(1)
    f(2)
    name = f"{__name__}.test_repr_and_stats.<locals>.f"
    assert repr(f) == f"<memoize {name}: 1 hits, 2 misses>"
    assert (f.__name__, f.__doc__, f.__wrapped__(5)) == ("f", "Of f.", 5)
    assert f.stats().seconds_computed >= f.stats().seconds_saved >= 0


# Elsewhere


@brinery.memoize(on_error="raise")
def doubled(x, log=None):
    if log is not None:
        note(log)
    return x * 2


def test_memoized_functions_are_pickled_by_name() -> None:
    assert pickle.loads(pickle.dumps(doubled)) is doubled
    assert brinery.loads(brinery.dumps(doubled)) is doubled


def test_local_ones_go_with_their_code(tmp_path: Path) -> None:
    @brinery.memoize(store=tmp_path / "results", ignore=("y",))
    def f(x, y):
        return x

    made = brinery.loads(brinery.dumps(f))
    assert (made(3, 4), made(3, 5), misses(made)) == (3, 3, 1)
    assert f.cached(3, 6)
    with pytest.raises((pickle.PicklingError, AttributeError)):
        pickle.dumps(f)


def test_a_pool_of_processes_shares_results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BRINERY_CACHE", str(tmp_path / "results"))
    log = str(tmp_path / "log")
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        assert list(pool.map(doubled, [1, 2, 1, 2, 1], [log] * 5)) == [2, 4, 2, 4, 2]
        assert calls_in(tmp_path / "log") == 2
        here = doubled.with_store(tmp_path / "results")
        assert here.cached(1, log)
        assert doubled.warm([(3, log), (1, log)], workers=pool) in {1, 2}
    assert calls_in(tmp_path / "log") == 3


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system does not fork")
def test_a_forked_child_goes_on(store: brinery.Store, tmp_path: Path) -> None:
    log = tmp_path / "log"

    @brinery.memoize(store=store, memory=0)
    def f(x):
        note(log)
        return [x]

    f(1)
    child = os.fork()
    if child == 0:
        os._exit(0 if f(1) == [1] and f(2) == [2] and f.stats().misses == 2 else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert f(2) == [2]
    assert calls_in(log) == 2


def test_the_default_store_is_made_at_the_first_call(tmp_path: Path) -> None:
    code = (
        "import os, brinery, app; print(os.path.exists(os.environ['BRINERY_CACHE']));"
        "app.f(1); print(os.path.exists(os.environ['BRINERY_CACHE']))"
    )
    (tmp_path / "app.py").write_text("import brinery\n@brinery.memoize\ndef f(x):\n    return x\n")
    assert run(tmp_path, code).split() == ["False", "True"]


def test_too_deep_is_said_as_of_any_function(store: brinery.Store) -> None:
    @brinery.memoize(store=store)
    def f(n):
        return f(n + 1)

    with pytest.raises(RecursionError):
        f(0)


class Awkward(Exception):
    def __init__(self, first: Any, second: Any) -> None:
        super().__init__(first)

    def __reduce__(self) -> Any:
        return Awkward, self.args


def test_an_error_that_cannot_be_made_again_is_computed_again(store: brinery.Store, memory: int) -> None:
    @brinery.memoize(store=store, memory=memory, exceptions=Awkward)
    def f(x):
        raise Awkward(x, x)

    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        for _ in range(3):
            with pytest.raises(Awkward):
                f(1)
    assert [each.category for each in told] == [ResultWarning]
