"""What stores keep beside their entries: history, limits, expiry, tags."""

from __future__ import annotations

import math
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

import brinery
from brinery.stores.spaces import ABOUT, EVERYTHING, EXTRAS
from brinery.stores.spaces import Settings as StoreSettings

LARGE = np.arange(20_000.0)


def all_rows(store: brinery.Store) -> dict[bytes, bytes]:
    return dict(store._backend.scan(EVERYTHING))


def files_of(store: brinery.Store) -> int:
    assert store.folder is not None
    return len(list(store.folder.glob("files/*/*.pkl")))


def test_versions_are_kept_up_to_a_number_and_their_files_go_with_them(tmp_path: Path) -> None:
    with brinery.Store(tmp_path, keep=3) as store:
        for number in range(5):
            store["a"] = LARGE + number
        del store["b" if "b" in store else "a"]
        assert [version.is_removal for version in store.versions("a")] == [False, False, True]
        assert [version.load()[0] for version in store.versions("a")[:2]] == [3, 4]
        assert files_of(store) == 2
        with pytest.raises(KeyError, match="removed at"):
            store.versions("a")[-1].load()
    with brinery.Store(tmp_path) as again:  # the setting stays with the store
        again["a"] = 1
        assert len(again.versions("a")) == 3
        assert files_of(again) == 1


def test_a_store_can_be_seen_as_it_was(tmp_path: Path) -> None:
    with brinery.Store(tmp_path, keep=10) as store:
        times = []
        for number in range(3):
            store[("k", 0)] = number
            store[f"only {number}"] = number
            times.append(datetime.now(UTC))
            time.sleep(0.002)
        del store[("k", 0)]
        assert [store.at(each)[("k", 0)] for each in times] == [0, 1, 2]
        assert set(store.at(times[1])) == {("k", 0), "only 0", "only 1"}
        assert len(store.at(times[1].timestamp())) == 3
        assert ("k", 0) not in store.at(time.time())
        assert not dict(store.at(times[0] - timedelta(days=1)))


def test_what_was_there_before_the_history_began_is_in_it(tmp_path: Path) -> None:
    with brinery.Store(tmp_path) as store:
        store["a"] = "before"
    with brinery.Store(tmp_path, keep=2) as store:
        store["a"] = "after"
        assert [version.load() for version in store.versions("a")] == ["before", "after"]


def test_a_key_that_begins_as_another_has_a_history_of_its_own(tmp_path: Path) -> None:
    with brinery.Store(tmp_path, keep=2) as store:
        store[b"a\0x"] = LARGE
        for number in range(3):
            store.set(b"a", number, ttl=0.1)
        assert [version.load() for version in store.versions(b"a")] == [1, 2]
        assert set(store.at(time.time())) == {b"a", b"a\0x"}
        time.sleep(0.15)
        store["other"] = 1  # what has expired goes
        assert store[b"a\0x"][1] == store.versions(b"a\0x")[0].load()[1] == 1


def test_a_history_that_is_kept_no_longer_goes_with_its_files(tmp_path: Path) -> None:
    with brinery.Store(tmp_path, keep=5) as store:
        for number in range(4):
            store["a"] = LARGE + number
        store["removed"] = LARGE
        del store["removed"]
    with brinery.Store(tmp_path, keep=2) as store:
        assert [version.load()[0] for version in store.versions("a")] == [2, 3]
        assert files_of(store) == 3
    with brinery.Store(tmp_path, keep=0) as store:
        assert store.versions("a") == store.versions("removed") == []
        assert files_of(store) == 1
        assert store["a"][0] == 3
        store["a"] = "between"
        assert files_of(store) == 0
    with brinery.Store(tmp_path, keep=2) as store:
        store["a"] = "after"
        assert [version.load() for version in store.versions("a")] == ["between", "after"]


def test_what_had_expired_by_then_is_not_seen(tmp_path: Path) -> None:
    with brinery.Store(tmp_path, keep=10) as store:
        store.set("a", 1, ttl=0.1)
        before = time.time()
        time.sleep(0.15)
        assert dict(store.at(before)) == {"a": 1}
        assert dict(store.at(time.time())) == {} == dict(store)


def test_what_has_not_changed_since_the_history_began_is_seen(tmp_path: Path) -> None:
    with brinery.Store(tmp_path) as store:
        store.update(a=1, b=2, c=3)
    with brinery.Store(tmp_path, keep=10) as store:
        store["b"] = 4
        store["d"] = 5
        begun = time.time()
        time.sleep(0.002)
        store["a"] = 6
        assert dict(store.at(begun)) == {"a": 1, "b": 4, "c": 3, "d": 5}
        assert store.at(begun)["c"] == 3


@pytest.mark.parametrize(("policy", "gone"), [("fifo", {"0"}), ("lru", {"1"}), ("lfu", {"1"}), ("ttl", {"3"})])
def test_policies_say_what_goes_first(tmp_path: Path, policy: Any, gone: set[str]) -> None:
    text = "x" * 1000
    with brinery.Store(tmp_path, size_limit=5 * 1200, policy=policy) as store:
        for number in range(5):
            store.set(str(number), text, ttl=1000 - (100 if number == 3 else 0))
        assert store["0"] == store["0"] == text
        for number in (2, 3, 4):
            assert store[str(number)] == text
        store.set("5", text, ttl=1000)
        assert {str(number) for number in range(6)} - set(store) == gone


def test_the_limit_holds_at_all_times_and_counts_files(tmp_path: Path) -> None:
    with brinery.Store(tmp_path, size_limit=4 * LARGE.nbytes) as store:
        for number in range(10):
            store[number] = LARGE + number
            assert files_of(store) <= 3
        assert list(store) == [7, 8, 9]
        store.set_many({f"small {number}": number for number in range(100)})
        assert 9 in store


def test_a_limit_counts_what_was_there_before(tmp_path: Path) -> None:
    with brinery.Store(tmp_path) as store:
        store.update({str(number): "x" * 1000 for number in range(10)})
    with brinery.Store(tmp_path, size_limit=5_000, policy="fifo") as store:
        store["new"] = "x" * 1000
        assert len(store) == 4
        assert "new" in store


def test_the_least_recently_used_is_the_one_whose_last_use_is_oldest(tmp_path: Path) -> None:
    with brinery.Store(tmp_path, size_limit=3_500) as store:
        store.update(dict.fromkeys("abc", "x" * 1000))
        for key in "cba":
            assert key in store.get_many([key])
        store["d"] = "x" * 1000
        assert list(store) == ["a", "b", "d"]


def test_what_was_used_often_long_ago_goes_at_last(tmp_path: Path) -> None:
    with brinery.Store(tmp_path, size_limit=3_500, policy="lfu") as store:
        store["old"] = "x" * 1000
        for _ in range(5):
            assert store["old"]
        for number in range(30):
            store[str(number)] = "x" * 1000
        assert "old" not in store


def test_settings_that_make_no_sense_are_refused(tmp_path: Path) -> None:
    for wrong in ({"keep": -1}, {"size_limit": 0}, {"policy": "oldest"}):
        with pytest.raises(ValueError, match="must be"):
            brinery.Store(tmp_path, **wrong)


class Upkept(RuleBasedStateMachine):
    """Whatever is done, nothing is kept beside the entries that belongs to none, and nothing is missing."""

    def __init__(self) -> None:
        super().__init__()
        import tempfile

        self.folder = tempfile.TemporaryDirectory()
        self.store = brinery.Store(self.folder.name)
        self.tags: dict[str, tuple[str, ...]] = {}

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()

    keys = st.sampled_from("abcdé\0")

    @rule(
        key=keys,
        large=st.booleans(),
        tags=st.lists(st.sampled_from(["t", "u\0", "ü"]), unique=True),
        expires=st.booleans(),
    )
    def set(self, key: str, large: bool, tags: list[str], expires: bool) -> None:
        self.store.set(key, LARGE if large else 1, tags=tags, ttl=1000 if expires else None)
        self.tags[key] = tuple(tags)

    @rule(key=keys)
    def remove(self, key: str) -> None:
        assert self.store.delete_many([key]) == (key in self.tags)
        self.tags.pop(key, None)

    @rule(key=keys)
    def given_up(self, key: str) -> None:
        with pytest.raises(ZeroDivisionError):
            self.set_and_fail(key)

    def set_and_fail(self, key: str) -> None:
        with self.store.transaction():
            self.store.set(key, LARGE, tags=["t"])
            raise ZeroDivisionError

    @rule(keep=st.integers(0, 2))
    def settings(self, keep: int) -> None:
        self.store.close()
        self.store = brinery.Store(self.folder.name, keep=keep)

    @invariant()
    def is_right(self) -> None:
        assert set(self.store) == self.tags.keys()
        for tag in ("t", "u\0", "ü"):
            assert set(self.store.tagged(tag)) == {key for key, tags in self.tags.items() if tag in tags}
        assert {key: self.store.tags(key) for key in self.tags} == self.tags
        assert self.store._upkeep.files_in_use() == {
            each.parent.name + each.stem for each in Path(self.folder.name).glob("files/*/*.pkl")
        }


TestUpkept = Upkept.TestCase
TestUpkept.settings = settings(max_examples=15, stateful_step_count=15)


def test_a_store_that_needs_nothing_beside_its_entries_has_nothing(tmp_path: Path) -> None:
    with brinery.Store(tmp_path) as store:
        store.update(a=1, b=[2])
        assert not list(store._backend.scan(EXTRAS))
        store.set("a", LARGE, tags=["t"], ttl=100)
        store["a"] = 1
        assert not list(store._backend.scan(EXTRAS))
        assert StoreSettings() == store._upkeep.settings()
        assert all(row[:1] != ABOUT for row in all_rows(store))


def test_a_limit_that_is_lowered_holds_at_once_and_one_that_is_infinite_not_at_all(tmp_path: Path) -> None:
    with brinery.Store(tmp_path, size_limit=100_000) as store:
        store.update({str(number): "x" * 1000 for number in range(20)})
    with brinery.Store(tmp_path, size_limit=5_000) as store:
        assert len(store) == 4
    with brinery.Store(tmp_path, size_limit=math.inf) as store:
        store.update({str(number): "x" * 1000 for number in range(20)})
        assert len(store) == 20


def test_verify_reads_versions_too(tmp_path: Path) -> None:
    with brinery.Store(tmp_path, keep=2) as store:
        store["a"] = LARGE
        store["a"] = LARGE + 1
        first = store.versions("a")[0]
        path = next(path for path in tmp_path.glob("files/*/*.pkl") if (brinery.load(path) == LARGE).all())
        path.write_bytes(path.read_bytes()[:-100] + bytes(100))
        (problem,) = store.verify().problems
        assert "'a', a version that it had before" in problem
        with pytest.raises(brinery.IntegrityError):
            first.load()
        path.unlink()
        assert path.name in str(store.verify().problems)


def test_a_text_is_no_list_of_tags(tmp_path: Path) -> None:
    with brinery.Store(tmp_path) as store:
        with pytest.raises(TypeError, match=r"such as \['red'\]"):
            store.set("a", 1, tags="red")
        assert "a" not in store


def test_an_export_that_fails_leaves_no_file(tmp_path: Path) -> None:
    with brinery.Store(tmp_path / "store") as store:
        store.update(a=1, b=LARGE)
        for path in (tmp_path / "store").glob("files/*/*.pkl"):
            path.write_bytes(b"")
        with pytest.raises(brinery.IntegrityError, match="'b'"):
            brinery.stores.export_store(store, tmp_path / "all.log")
    assert not (tmp_path / "all.log").exists()
