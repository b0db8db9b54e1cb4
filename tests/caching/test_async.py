"""Asynchronous functions and generators."""

from __future__ import annotations

import asyncio
import inspect
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import brinery
from brinery.errors import ResultWarning
from tests.caching.running import calls_in, ended, note, start


@pytest.fixture
def store(tmp_path: Path) -> Iterator[brinery.Store]:
    with brinery.Store(tmp_path / "results") as store:
        yield store


@pytest.fixture(params=[0, 1024], ids=["store", "memory"])
def memory(request: pytest.FixtureRequest) -> int:
    return request.param


def test_results_are_kept(store: brinery.Store, memory: int) -> None:
    @brinery.memoize(store=store, memory=memory)
    async def f(x, y=2):
        await asyncio.sleep(0)
        return {"sum": x + y}

    async def main() -> None:
        for _ in range(2):
            found = await f(1)
            assert found == await f(x=1, y=2) == {"sum": 3}
            found["sum"] = 0

    asyncio.run(main())
    asyncio.run(main())
    assert f.stats().misses == 1
    if sys.version_info >= (3, 12):
        assert inspect.iscoroutinefunction(f)


def test_hits_in_memory_do_not_leave_the_loop(store: brinery.Store) -> None:
    @brinery.memoize(store=store)
    async def f(x):
        return [x]

    asyncio.run(f(1))
    with pytest.raises(StopIteration) as end:
        f(1).send(None)  # no loop is needed
    assert end.value.value == [1]


def test_of_many_tasks_one_computes(store: brinery.Store, memory: int, tmp_path: Path) -> None:
    log = tmp_path / "log"

    @brinery.memoize(store=store, memory=memory)
    async def f(x):
        note(log)
        await asyncio.sleep(0.1)
        return [x]

    async def main() -> list[Any]:
        return await asyncio.gather(*(f(number % 2) for number in range(40)))

    assert asyncio.run(main()) == [[0], [1]] * 20
    assert calls_in(log) == 2
    assert f.stats().waits == 38


def test_of_many_processes_one_computes(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("""
import asyncio, brinery
from tests.caching.running import note
@brinery.memoize
async def f(x, log):
    note(log)
    await asyncio.sleep(0.3)
    return [x]
async def main(log):
    return await asyncio.gather(*(f(number % 3, log) for number in range(30)))
""")
    code = f"import app, asyncio; print(asyncio.run(app.main({str(tmp_path / 'log')!r})) == [[0], [1], [2]] * 10)"
    assert [ended(each) for each in [start(tmp_path, code) for _ in range(4)]] == ["True"] * 4
    assert calls_in(tmp_path / "log") == 3


def test_another_takes_over_from_one_that_is_cancelled(store: brinery.Store, tmp_path: Path) -> None:
    log = tmp_path / "log"

    @brinery.memoize(store=store, ignore="seconds")
    async def f(x, seconds):
        note(log)
        await asyncio.sleep(seconds)
        return [x]

    async def main() -> None:
        owner = asyncio.create_task(f(1, 1000))
        while not calls_in(log):
            await asyncio.sleep(0.01)
        waiters = [asyncio.create_task(f(1, 0)) for _ in range(3)]
        await asyncio.sleep(0.05)
        assert calls_in(log) == 1
        owner.cancel()
        with pytest.raises(asyncio.CancelledError):
            await owner
        assert await asyncio.wait_for(asyncio.gather(*waiters), 30) == [[1]] * 3

    asyncio.run(main())
    assert calls_in(log) == 2


def test_one_that_is_cancelled_while_it_waits_leaves_nothing_locked(store: brinery.Store) -> None:
    @brinery.memoize(store=store)
    async def f(x):
        return [x]

    asyncio.run(f(0))
    flights = f._results.flights()
    query = f._results.query((1,), {})

    async def main() -> None:
        flight = flights.alone(f._results.key(query))
        flight.take(frozenset())
        waiter = asyncio.create_task(f(1))
        await asyncio.sleep(0.1)
        waiter.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiter
        flight.give()
        assert await asyncio.wait_for(f(1), 30) == [1]

    asyncio.run(main())


def test_calls_within_calls(store: brinery.Store) -> None:
    @brinery.memoize(store=store)
    async def fib(n):
        return n if n < 2 else sum(await asyncio.gather(fib(n - 1), fib(n - 2)))

    assert asyncio.run(fib(20)) == 6765
    assert fib.stats().misses == 21


def test_tasks_that_wait_for_each_other_go_on(store: brinery.Store) -> None:
    inside: set[str] = set()

    @brinery.memoize(store=store, version=1)
    async def f(x, other):
        inside.add(x)
        while len(inside) < 2:
            await asyncio.sleep(0.01)
        if (x, other) in seen:
            return x
        seen.add((x, other))
        return x + await f(other, x)

    seen: set[Any] = set()

    async def main() -> list[str]:
        return await asyncio.wait_for(asyncio.gather(f("a", "b"), f("b", "a")), 30)

    assert {each[0] for each in asyncio.run(main())} == {"a", "b"}


def test_errors_are_results_if_it_is_said(store: brinery.Store, memory: int, tmp_path: Path) -> None:
    log = tmp_path / "log"

    @brinery.memoize(store=store, memory=memory, exceptions=ValueError)
    async def f(x):
        note(log)
        raise ValueError(x)

    for _ in range(3):
        with pytest.raises(ValueError, match="seven"):
            asyncio.run(f("seven"))
    assert calls_in(log) == 1


def test_what_cannot_be_kept_is_computed_and_told(store: brinery.Store) -> None:
    @brinery.memoize(store=store)
    async def f(x):
        return (each for each in range(x))

    with pytest.warns(ResultWarning, match="cannot be kept"):
        assert list(asyncio.run(f(3))) == [0, 1, 2]


def test_an_old_result_serves_while_a_new_one_is_computed(store: brinery.Store, tmp_path: Path) -> None:
    log = tmp_path / "log"

    @brinery.memoize(store=store, ttl=0.2, stale=1000)
    async def f(x):
        note(log)
        return [calls_in(log)]

    async def main() -> None:
        assert await f([1]) == [1]
        await asyncio.sleep(0.3)
        assert await f([1]) == [1]
        end = time.monotonic() + 30
        while await f([1]) == [1]:
            assert time.monotonic() < end
            await asyncio.sleep(0.01)

    asyncio.run(main())


def test_results_are_computed_ahead(store: brinery.Store) -> None:
    @brinery.memoize(store=store)
    async def f(x):
        return [x]

    seen: list[tuple[int, int]] = []
    asyncio.run(f(1))
    assert asyncio.run(f.warm([1, 2, 3], progress=lambda *each: seen.append(each))) == 2
    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_methods(tmp_path: Path) -> None:
    class Shape:
        def __init__(self, side):
            self.side = side

        @brinery.memoize(store=tmp_path / "results")
        async def area(self):
            return self.side * self.side

    assert asyncio.run(Shape(2).area()) == asyncio.run(Shape(2).area()) == 4
    assert asyncio.run(Shape(3).area()) == 9
    assert Shape.area.stats().misses == 2


# Generators


async def all_of(items: Any) -> list[Any]:
    return [item async for item in items]


def test_generators_are_kept_at_their_end(store: brinery.Store, memory: int, tmp_path: Path) -> None:
    log = tmp_path / "log"

    @brinery.memoize(store=store, memory=memory)
    async def f(n):
        note(log)
        for number in range(n):
            await asyncio.sleep(0)
            yield [number]

    async def main() -> None:
        generator = f(3)
        assert await generator.__anext__() == [0]
        await generator.aclose()
        for _ in range(3):
            found = await all_of(f(3))
            assert found == [[0], [1], [2]]
            found[0].append("changed")

    asyncio.run(main())
    assert calls_in(log) == 2
    assert f.stats()[3] == 2


def test_generators_that_are_sent_something_are_not_kept(store: brinery.Store) -> None:
    @brinery.memoize(store=store)
    async def f():
        got = yield 1
        yield got

    async def main() -> None:
        generator = f()
        assert (await generator.__anext__(), await generator.asend("a"), await all_of(generator)) == (1, "a", [])
        assert await all_of(f()) == await all_of(f()) == [1, None]

    asyncio.run(main())
    assert f.stats()[1:4] == (1, 0, 2)


def test_old_items_serve_while_new_ones_are_computed(store: brinery.Store, tmp_path: Path) -> None:
    log = tmp_path / "log"

    @brinery.memoize(store=store, ttl=0.2, stale=1000)
    async def f():
        note(log)
        yield calls_in(log)

    async def main() -> None:
        assert await all_of(f()) == [1]
        await asyncio.sleep(0.3)
        end = time.monotonic() + 30
        while await all_of(f()) == [1]:
            assert time.monotonic() < end
            await asyncio.sleep(0.01)

    asyncio.run(main())
