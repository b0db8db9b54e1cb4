"""Watching keys, changes that are lost, and the face for asyncio."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

import brinery
from brinery.stores import ABSENT


def test_a_watch_sees_what_another_process_writes(tmp_path: Path) -> None:
    with brinery.Store(tmp_path) as store:
        seen = store.watch("a", interval=0.01, timeout=30)
        assert next(seen) is ABSENT
        writer = f"import brinery; s = brinery.Store({str(tmp_path)!r}); s['b'] = 0; s['a'] = [1]"
        subprocess.run([sys.executable, "-c", writer], check=True)
        assert next(seen) == [1]
        threading.Timer(0.05, store.__delitem__, ["a"]).start()
        assert next(seen) is ABSENT


def test_what_watches_may_be_another_thread_each_time(tmp_path: Path) -> None:
    with brinery.Store(tmp_path) as writer:
        writer["a"] = 1
    with brinery.Store(tmp_path) as writer, brinery.Store(tmp_path) as store, ThreadPoolExecutor(1) as thread:
        has_changed = store.changes("a")
        assert has_changed()
        assert not has_changed()
        writer["a"] = 2
        assert thread.submit(has_changed).result()
        assert not has_changed()


def test_a_watch_ends_after_its_timeout_and_sees_expiry(tmp_path: Path) -> None:
    with brinery.Store(tmp_path) as store:
        store.set("a", 1, ttl=0.2)
        assert list(store.watch("a", interval=0.01, timeout=1.0)) == [1, ABSENT]


def test_a_change_that_is_not_written_back_is_told(tmp_path: Path) -> None:
    with brinery.Store(tmp_path, debug=True) as store:
        store["a"] = [1]
        store["a"].append(2)
        with pytest.warns(brinery.LostChangeWarning, match=r"'a': .*test_watch.*changed, and not written back"):
            store.get("nothing"), store["a"]
        kept = store["a"]
        kept.append(3)
        store["a"] = kept
        del kept
        with store.edit("a") as value:
            value.append(4)
        del value
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert store["a"] == [1, 3, 4]


def test_closing_looks_at_what_somebody_still_has(tmp_path: Path) -> None:
    store = brinery.Store(tmp_path, debug=True)
    store["a"] = {}
    kept = store["a"]
    kept["b"] = 1
    with pytest.warns(brinery.LostChangeWarning):
        store.close()


def test_what_was_popped_may_be_changed(tmp_path: Path) -> None:
    with brinery.Store(tmp_path, debug=True) as store:
        store.update(a=[1], b=[2])
        popped = [store.pop("a"), store.popitem()[1]]
        for value in popped:
            value.append(3)
        del value, popped
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert store.get("nothing") is None


def test_threads_look_at_what_was_given_out(tmp_path: Path) -> None:
    interval = sys.getswitchinterval()
    with brinery.Store(tmp_path, debug=True) as store, ThreadPoolExecutor(6) as threads:
        store.update({number: [number] for number in range(20)})
        sys.setswitchinterval(1e-6)
        try:
            lengths = threads.map(lambda _: sum(len(store[number % 20]) for number in range(2000)), range(6))
            assert list(lengths) == [2000] * 6
        finally:
            sys.setswitchinterval(interval)


def test_coroutines_do_what_the_methods_do(tmp_path: Path) -> None:
    async def main() -> None:
        async with brinery.AsyncStore(tmp_path, keep=2) as store:
            await store.set("a", 1, tags=["t"])
            await store.set_many({"b": 2, "c": 3})
            assert await store.get_many("abx") == {"a": 1, "b": 2}
            assert [key async for key in store] == ["a", "b", "c"]
            assert [item async for item in store.items()] == [("a", 1), ("b", 2), ("c", 3)]
            assert [key async for key in store.range("b", reverse=True)] == ["c", "b"]
            assert [key async for key in store.prefix("a")] == await store.tagged("t") == ["a"]
            assert await store.add("a", 0) is False
            assert await store.incr("a", 5) == 6
            assert await store.compare_and_set("a", 6, 7)
            assert await store.pop("a") == 7
            assert await store.setdefault("a", []) == []
            assert await store.contains("b")
            await store.delete("b")
            assert await store.count() == 2
            assert len(await store.versions("a")) == 2
            assert await store.get_at(time.time(), "c") == 3
            assert await store.size() > 0
            assert await store.delete_many("ac") == 2
            await store.clear()
            assert "0 keys" in repr(store)

    asyncio.run(main())


async def set_and_fail(store: brinery.AsyncStore) -> None:
    async with store.edit("n"), store.transaction():
        await store.set("n", -1)
        raise ZeroDivisionError


def test_what_a_task_edits_keeps_its_tags(tmp_path: Path) -> None:
    async def main() -> list[str]:
        async with brinery.AsyncStore(tmp_path) as store:
            await store.set("a", [1], tags=["t"])
            async with store.edit("a") as value:
                value.append(2)
            with pytest.raises(KeyError):
                async with store.edit("b"):
                    pass
            assert await store.get("a") == [1, 2]
            return await store.tagged("t")

    assert asyncio.run(main()) == ["a"]


def test_tasks_wait_for_each_others_transactions(tmp_path: Path) -> None:
    async def main() -> int:
        async with brinery.AsyncStore(tmp_path) as store:
            await store.set("n", 0)

            async def add() -> None:
                for _ in range(10):
                    async with store.transaction():
                        found = await store.get("n")
                        await asyncio.sleep(0)
                        await store.set("n", found + 1)

            await asyncio.gather(*(add() for _ in range(5)))
            with pytest.raises(ZeroDivisionError):
                await set_and_fail(store)
            return await store.get("n")

    assert asyncio.run(main()) == 50


def test_a_task_that_is_cancelled_in_a_transaction_leaves_nothing(tmp_path: Path) -> None:
    async def main() -> None:
        async with brinery.AsyncStore(tmp_path) as store:
            is_in = asyncio.Event()

            async def stay() -> None:
                async with store.transaction():
                    await store.set("a", 1)
                    is_in.set()
                    await asyncio.sleep(60)

            task = asyncio.create_task(stay())
            await is_in.wait()
            assert await store.get("a") is None
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await store.set("b", 2)
            assert [key async for key in store] == ["b"]

    asyncio.run(main())


def test_a_task_that_is_cancelled_while_it_waits_holds_up_nobody(tmp_path: Path) -> None:
    async def main() -> list[str]:
        async with brinery.AsyncStore(tmp_path) as store:
            is_in, leave, order = threading.Event(), threading.Event(), []

            def hold() -> None:
                with store.store.transaction():
                    is_in.set()
                    leave.wait(5)
                    order.append("left")

            async def wait() -> None:
                async with store.transaction():
                    await store.set("never", 1)

            holder = threading.Thread(target=hold)
            holder.start()
            is_in.wait()
            waiter = asyncio.create_task(wait())
            await asyncio.sleep(0.1)
            waiter.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiter
            order.append("cancelled")
            leave.set()
            await store.set("a", 1)
            holder.join()
            assert [key async for key in store] == ["a"]
            return order

    assert asyncio.run(main()) == ["cancelled", "left"]


def test_tasks_within_a_transaction_take_back_only_their_own(tmp_path: Path) -> None:
    async def main() -> list[str]:
        async with brinery.AsyncStore(tmp_path) as store:
            begun, within, failed = asyncio.Event(), asyncio.Event(), asyncio.Event()

            async def wait_for(event: asyncio.Event) -> None:
                with suppress(TimeoutError):
                    await asyncio.wait_for(event.wait(), 0.1)

            async def succeed() -> None:
                async with store.transaction():
                    begun.set()
                    await wait_for(within)
                    await store.set("good", 1)
                    await wait_for(failed)

            async def fail() -> None:
                await begun.wait()
                try:
                    async with store.transaction():
                        within.set()
                        await store.set("bad", 1)
                        await asyncio.sleep(0.02)
                        raise ZeroDivisionError
                finally:
                    failed.set()

            async with store.transaction():
                await asyncio.gather(succeed(), fail(), store.set("plain", 1), return_exceptions=True)
            return [key async for key in store]

    assert asyncio.run(main()) == ["good", "plain"]


def test_a_task_outlives_the_transaction_it_was_started_in(tmp_path: Path) -> None:
    async def main() -> None:
        async with brinery.AsyncStore(tmp_path) as store:
            has_ended = asyncio.Event()

            async def later() -> int:
                await has_ended.wait()
                async with store.transaction():
                    return int(await store.incr("a"))

            async with store.transaction():
                async with store.transaction():
                    task = asyncio.create_task(later())
                await store.set("a", 1)
            has_ended.set()
            assert await task == await store.get("a") == 2

    asyncio.run(main())


def test_watching_does_not_hold_up_the_loop(tmp_path: Path) -> None:
    async def main() -> list[object]:
        async with brinery.AsyncStore(tmp_path) as store:

            async def write() -> None:
                for number in range(3):
                    await asyncio.sleep(0.05)
                    await store.set("a", number)

            writing = asyncio.create_task(write())
            seen = [each async for each in store.watch("a", interval=0.005, timeout=2)]
            await writing
            return seen

    assert asyncio.run(main()) == [ABSENT, 0, 1, 2]
