"""Stores: mappings that survive processes, kills and damage."""

from __future__ import annotations

import os
import pickle
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import date
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

import brinery
from brinery.errors import EncodeError, IntegrityError, StoreError, UntrustedError
from brinery.stores import ABSENT
from brinery.stores.keys import key_to_bytes
from tests.files.test_dump_load import Own, same

LARGE = np.arange(100_000.0)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[brinery.Store]:
    with brinery.Store(tmp_path / "store") as store:
        yield store


KEYS = st.text(max_size=2) | st.integers(-2, 2) | st.tuples(st.text(max_size=1), st.integers(0, 2)) | st.dates()
OBJECTS = st.integers() | st.text() | st.lists(st.integers()) | st.dictionaries(st.text(), st.floats(allow_nan=False))


class LikeADict(RuleBasedStateMachine):
    """Whatever is done to a store and to a dict, they are equal."""

    def __init__(self) -> None:
        super().__init__()
        import tempfile

        self.folder = tempfile.TemporaryDirectory()
        self.store = brinery.Store(Path(self.folder.name, "store"))
        self.model: dict[Any, Any] = {}

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()

    @rule(key=KEYS, obj=OBJECTS)
    def set(self, key: Any, obj: Any) -> None:
        self.store[key] = self.model[key] = obj

    @rule(items=st.dictionaries(KEYS, OBJECTS, max_size=5))
    def update(self, items: dict[Any, Any]) -> None:
        self.store.update(items)
        self.model.update(items)

    @rule(key=KEYS)
    def pop(self, key: Any) -> None:
        assert self.store.pop(key, None) == self.model.pop(key, None)

    @rule(key=KEYS, obj=OBJECTS)
    def setdefault(self, key: Any, obj: Any) -> None:
        assert self.store.setdefault(key, obj) == self.model.setdefault(key, obj)

    @rule(keys=st.lists(KEYS, max_size=5))
    def get_many(self, keys: list[Any]) -> None:
        assert self.store.get_many(keys) == {key: self.model[key] for key in keys if key in self.model}

    @rule(items=st.dictionaries(KEYS, OBJECTS, max_size=3), keys=st.lists(KEYS, max_size=3))
    def abandoned_transaction(self, items: dict[Any, Any], keys: list[Any]) -> None:
        with suppress(ZeroDivisionError), self.store.transaction():
            self.store.update(items)
            self.store.delete_many(keys)
            raise ZeroDivisionError

    @rule()
    def open_again(self) -> None:
        self.store.close()
        self.store = brinery.Store(Path(self.folder.name, "store"))

    @invariant()
    def they_are_equal(self) -> None:
        assert dict(self.store.items()) == self.model
        assert sorted(map(repr, self.store)) == sorted(map(repr, self.model))
        assert list(self.store) == [key for _, key in sorted((key_to_bytes(key), key) for key in self.model)]
        assert len(self.store) == len(self.model)


TestLikeADict = LikeADict.TestCase
TestLikeADict.settings = settings(max_examples=12, stateful_step_count=30)


def test_what_comes_back_is_what_was_kept_in_another_process_too(store: brinery.Store, tmp_path: Path) -> None:
    store.update({"own": Own(), "function": lambda x: x + 1, "large": LARGE, date(2026, 11, 25): [1]})
    code = (
        "import sys, datetime, brinery; store = brinery.Store(sys.argv[1]); "
        "print(store['own'].value, store['function'](1), float(store['large'].sum()), store[datetime.date(2026, 11, 25)])"
    )
    done = subprocess.run([sys.executable, "-c", code, tmp_path / "store"], capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["5", "2", str(LARGE.sum()), "[1]"], done.stderr


def test_arrays_are_mapped_and_changing_them_changes_nothing(store: brinery.Store) -> None:
    store["a"] = {"weights": LARGE}
    found = store["a"]["weights"]
    found[:] = 0
    assert same(store["a"]["weights"], LARGE)
    assert len(list(store._all_files())) == 1


def test_files_of_what_is_replaced_or_removed_go(store: brinery.Store) -> None:
    store["a"] = LARGE
    before = store["a"]
    store["a"] = LARGE + 1
    assert len(list(store._all_files())) == 1
    with suppress(ZeroDivisionError), store.transaction():
        store["a"] = LARGE + 2
        del store["a"]
        raise ZeroDivisionError
    assert same(store["a"], LARGE + 1)
    assert same(before, LARGE)
    store.clear()
    with pytest.raises(EncodeError):
        store.set_many([("a", LARGE), ("b", threading.current_thread().__class__.__init__.__globals__["_active"])])
    assert "a" not in store


def test_a_transaction_within_another_takes_back_its_own(store: brinery.Store) -> None:
    store.update(a=1, large=LARGE)
    with store.transaction():
        store["b"] = 2
        with suppress(ZeroDivisionError), store.transaction():
            store.update(a=3, b=4, large=LARGE + 1)
            raise ZeroDivisionError
        store["c"] = 5
    assert (store["a"], store["b"], store["c"]) == (1, 2, 5)
    assert same(store["large"], LARGE)


def test_a_signal_after_the_commit_removes_no_file_of_what_is_kept(
    store: brinery.Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = store.transaction

    @contextmanager
    def interrupted() -> Iterator[None]:
        with original():
            yield
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(store, "transaction", interrupted)
        with pytest.raises(KeyboardInterrupt):
            store["a"] = LARGE
    assert same(store["a"], LARGE)


def interrupted(number: int, work: Callable[[], object]) -> bool:
    """Have the line of that number that is run in these modules raise KeyboardInterrupt; whether there was one."""
    left = number

    def line(frame: FrameType, event: str, _: object) -> Any:
        nonlocal left
        left -= event == "line"
        if event == "line" and left == 0:
            raise KeyboardInterrupt
        return line

    def call(frame: FrameType, event: str, _: object) -> Any:
        return line if frame.f_code.co_filename.endswith(("stores/sqlite.py", "stores/store.py")) else None

    before = sys.gettrace()
    sys.settrace(call)
    try:
        work()
    except KeyboardInterrupt:
        sys.settrace(before)
    finally:
        sys.settrace(before)
    return left <= 0


def test_a_signal_anywhere_leaves_no_transaction_open(store: brinery.Store, tmp_path: Path) -> None:
    def work() -> None:
        with store.transaction():
            store.incr("a")
            with suppress(ZeroDivisionError), store.transaction():
                store["b"] = 1
                raise ZeroDivisionError
            store.incr("c")

    store.update(a=0, c=0)
    number = 1
    with brinery.Store(tmp_path / "store") as other:
        while interrupted(number, work):
            other["number"] = number  # which would wait for an open transaction
            store["later"] = number
            assert other["later"] == number
            assert other["a"] == other["c"]
            assert "b" not in other
            number += 1
    assert number > 100
    assert store["a"] >= 1


def test_edit_writes_back_and_an_error_does_not(store: brinery.Store) -> None:
    store["list"] = [1]
    with store.edit("list") as found:
        found.append(2)
    with suppress(ZeroDivisionError), store.edit("list") as found:
        found.append(3)
        raise ZeroDivisionError
    assert store["list"] == [1, 2]
    with store.edit("new", default={}) as found:
        found["a"] = 1
    assert store["new"] == {"a": 1}
    with pytest.raises(KeyError), store.edit("nothing"):
        pass


def test_add_incr_and_compare_and_set(store: brinery.Store) -> None:
    assert store.add("a", 1)
    assert not store.add("a", 2)
    assert (store.incr("n"), store.incr("n", 5), store.incr("m", default=10)) == (1, 6, 11)
    assert not store.compare_and_set("a", 7, 8)
    assert store.compare_and_set("a", 1, LARGE)
    assert store.compare_and_set("a", LARGE, 3)
    assert not store.compare_and_set("a", ABSENT, 4)
    assert store.compare_and_set("b", ABSENT, 4)
    assert (store["a"], store["b"]) == (3, 4)


def test_what_has_expired_is_not_there_and_goes_with_the_next_write(tmp_path: Path) -> None:
    store = brinery.Store(tmp_path / "store", ttl=1000)
    store.set("short", LARGE, ttl=0.05)
    store["long"] = 1
    assert 900 < (store.expires("long") or 0) <= 1000
    time.sleep(0.1)
    assert (store.get("short"), "short" in store, len(store), list(store)) == (None, False, 1, ["long"])
    assert store.add("short", 2)
    assert store["short"] == 2
    assert not list(store._all_files())


def test_tags_find_what_has_them(store: brinery.Store) -> None:
    store.set_many({"a": 1, "b": 2}, tags=["x"])
    store.set("c", 3, tags=["x", "y"])
    store["b"] = 4
    assert (store.tagged("x"), store.tagged("y"), store.tagged("z")) == (["a", "c"], ["c"], [])
    assert store.delete_tagged("x") == 2
    assert dict(store) == {"b": 4}


def test_update_tells_keys_apart_by_type(store: brinery.Store, tmp_path: Path) -> None:
    store.update([(1, "int"), (True, "bool"), (1.0, "float"), ("a", 1)], a=2)
    with brinery.Store(tmp_path / "other") as other:
        other.update(store)
        assert list(other.items()) == list(store.items())
        assert sorted(map(str, other.values())) == ["2", "bool", "float", "int"]


def test_keys_are_iterated_in_order_by_prefix_and_range(store: brinery.Store) -> None:
    store.update(
        {f"user:{number}": number for number in range(5)} | {"users": 0, ("a", 1): 1, ("a", 2): 2, 7: 7, -7: 7}
    )
    assert list(store.prefix("user:")) == [f"user:{number}" for number in range(5)]
    assert list(store.prefix(("a",), reverse=True)) == [("a", 2), ("a", 1)]
    assert list(store.range("user:1", "user:3")) == ["user:1", "user:2"]
    assert list(store.range(-10, 10)) == [-7, 7]
    assert list(store.range("user:4")) == ["user:4", "users", ("a", 1), ("a", 2)]


def test_keys_that_are_pickles_may_go_while_they_are_iterated(store: brinery.Store) -> None:
    keys = [date(2024, 1, day) for day in range(1, 10)]
    store.set_many([(key, key.day) for key in keys], tags=["t"])
    left = iter(store)
    assert next(left) in keys
    store.clear()
    assert list(left) == []
    assert store.tagged("t") == []


def test_stores_are_pickled_by_their_path(store: brinery.Store) -> None:
    store["a"] = 1
    assert brinery.loads(brinery.dumps(store))["a"] == 1
    assert pickle.loads(pickle.dumps(store))["a"] == 1


def test_a_relative_path_stays_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)
    with brinery.Store("shop") as store:
        store["a"] = LARGE
        monkeypatch.chdir("elsewhere")
        found: list[Any] = []
        thread = threading.Thread(target=lambda: found.append(store["a"]))
        thread.start()
        thread.join()
        with pickle.loads(pickle.dumps(store)) as again:
            found += [again["a"], store["a"]]
        store["b"] = LARGE
        assert len(found) == 3
        assert all(same(each, LARGE) for each in found)
    assert not list(Path().iterdir())


def test_a_closed_store_says_so(store: brinery.Store) -> None:
    store.close()
    assert "closed" in repr(store)
    with pytest.raises(StoreError, match="closed"):
        store["a"]


CLOSED_IN_USE = """
import sys, threading, brinery
for number in range(20):
    store = brinery.Store(f"{sys.argv[1]}/{number}")
    store.update({key: key for key in range(200)})
    has_begun = threading.Barrier(4)

    def use():
        has_begun.wait()
        try:
            while True:
                store["x"] = len(list(store.items()))
                store.get_many(range(50))
        except brinery.errors.StoreError as error:
            assert "is closed" in str(error), error

    threads = [threading.Thread(target=use) for _ in range(3)]
    for thread in threads:
        thread.start()
    has_begun.wait()
    store["y"] = list(store)
    store.close()
    for thread in threads:
        thread.join()
"""


def test_a_store_can_be_closed_while_threads_use_it(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-W", "error", "-c", CLOSED_IN_USE, tmp_path], check=True, timeout=120)


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="files in use are not listed here")
def test_threads_that_have_ended_leave_no_connection(store: brinery.Store) -> None:
    store["a"] = 1
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(20):
        thread = threading.Thread(target=store.get, args=["a"])
        thread.start()
        thread.join()
    assert len(os.listdir("/proc/self/fd")) < before + 20


def test_what_is_no_store_says_so(tmp_path: Path) -> None:
    (tmp_path / "store.db").write_bytes(b"something else" * 1000)
    with pytest.raises(StoreError, match="no store"):
        brinery.Store(tmp_path)


WRITE = """
import sys, brinery
store, name = brinery.Store(sys.argv[1]), sys.argv[2]
for number in range(int(sys.argv[3])):
    store[name, number] = {"number": number}
    store.incr("count")
"""


def test_several_processes_that_open_a_store_at_once_lose_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WRITE, tmp_path / "store"]
    writers = [
        subprocess.Popen([*command, name, "100"], stderr=subprocess.PIPE, text=True) for name in "abcd"
    ]  # fmt: skip
    assert [writer.communicate()[1] for writer in writers] == [""] * 4
    store = brinery.Store(tmp_path / "store")
    assert store["count"] == 400
    assert len(store) == 401
    assert all(store[name, number] == {"number": number} for name in "abcd" for number in range(100))


def test_threads_share_a_store(store: brinery.Store) -> None:
    failed: list[BaseException] = []

    def work(name: str) -> None:
        try:
            for number in range(50):
                store[name, number] = number
                store.incr("count")
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=[name]) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert store["count"] == 200
    assert len(store) == 201


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system does not fork")
def test_a_forked_child_has_connections_of_its_own(store: brinery.Store) -> None:
    store["a"] = 1
    child = os.fork()
    if child == 0:
        os._exit(0 if store["a"] == 1 and store.incr("a") == 2 else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert store.incr("a") == 3


KILLED = """
import sys, brinery, numpy
store = brinery.Store(sys.argv[1])
number = int(sys.argv[2])
while True:
    number += 1
    with store.transaction():
        store["small"] = number
        store["large"] = numpy.full(20_000, number)
    sys.stdout.write(f"{number}\\n")
    sys.stdout.flush()
"""


def test_a_kill_takes_nothing_back_and_leaves_nothing_torn(tmp_path: Path) -> None:
    number = 0
    for round in range(8):
        command = [sys.executable, "-c", KILLED, str(tmp_path / "store"), str(number)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout is not None
            lines = [writer.stdout.readline()]
            time.sleep(0.01 * round)
            writer.send_signal(signal.SIGKILL)
            lines += writer.stdout.readlines()
        acknowledged = max(int(line) for line in lines if line.endswith("\n"))
        with brinery.Store(tmp_path / "store") as store:
            number = store["small"]
            assert number in {acknowledged, acknowledged + 1}
            assert same(store["large"], np.full(20_000, number))
            assert store.verify().is_whole


def values(folder: Path) -> closing[sqlite3.Connection]:
    return closing(sqlite3.connect(folder / "store.db", isolation_level=None))


def test_a_damaged_value_names_its_key_and_the_others_are_there(tmp_path: Path) -> None:
    with brinery.Store(tmp_path) as store:
        store.update({"a": ["text"], "b": 2, "large": LARGE})
        (file,) = store._all_files()
    with values(tmp_path) as connection:
        (value,) = connection.execute("SELECT value FROM entries WHERE key = ?", (key_to_bytes("a"),)).fetchone()
        for place in range(len(value)):
            damaged = bytearray(value)
            damaged[place] ^= 1
            connection.execute("UPDATE entries SET value = ? WHERE key = ?", (bytes(damaged), key_to_bytes("a")))
            with brinery.Store(tmp_path) as store:
                try:
                    assert store["a"] == ["text"]  # of a key that is not known, and whole
                except IntegrityError as error:
                    assert str(error).startswith("'a': ")  # noqa: PT017 - one of two outcomes
                assert store["b"] == 2
        connection.execute("UPDATE entries SET value = ? WHERE key = ?", (b"x" + value[1:], key_to_bytes("a")))
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    with brinery.Store(tmp_path) as store:
        found = store.verify()
        assert set(found.wrong) == {"a", "large"}
        assert found.good == 1


@pytest.mark.parametrize("read", ["get", "get_many", "items", "__contains__", "expires"])
def test_damage_does_not_pass_for_expiry(store: brinery.Store, read: str) -> None:
    store["a"] = "hello"
    data = key_to_bytes("a")
    damaged = bytearray(store._backend.get([data])[data])
    damaged[-33] ^= 0x20  # as if the end of the pickle were a time
    store._backend.put([(data, bytes(damaged))])
    with pytest.raises(IntegrityError, match="'a'"):
        list(store.items()) if read == "items" else getattr(store, read)(["a"] if read == "get_many" else "a")


def test_files_may_go_while_all_are_looked_at(store: brinery.Store) -> None:
    has_ended = threading.Event()

    def write() -> None:
        number = 0
        while not has_ended.is_set():
            store[number % 10] = LARGE
            number += 1

    thread = threading.Thread(target=write)
    thread.start()
    try:
        for _ in range(200):
            assert store.size() > 0
            assert store.verify().is_whole
    finally:
        has_ended.set()
        thread.join()


@pytest.mark.parametrize("other", [np.arange(2), [np.arange(3)], {"a": np.arange(3)}])
def test_compare_and_set_of_arrays_in_anything(store: brinery.Store, other: Any) -> None:
    store["a"] = np.arange(3)
    assert not store.compare_and_set("a", other, 1)
    store["a"] = other
    assert store.compare_and_set("a", other, 1)


def test_what_is_for_ever_has_no_default_of_the_store(tmp_path: Path) -> None:
    with brinery.Store(tmp_path, ttl=100) as store:
        store.set("a", 1, ttl=float("inf"))
        store["b"] = 2
        assert store.expires("a") is None
        assert store.expires("b") is not None


def test_what_is_edited_keeps_its_tags_and_its_time(store: brinery.Store) -> None:
    store.set_many({"list": [1], "number": 1}, ttl=100, tags=["t"])
    time.sleep(0.01)
    with store.edit("list") as value:
        value.append(2)
    assert store.incr("number") == 2
    assert store.incr("new") == 1
    assert store.tagged("t") == ["list", "number"]
    for key in ("list", "number"):
        left = store.expires(key)
        assert left is not None
        assert left < 100
    assert store.expires("new") is None


def test_a_value_cannot_be_passed_off_as_another_keys_or_stores(tmp_path: Path) -> None:
    for folder in ("one", "other"):
        with brinery.Store(tmp_path / folder) as store:
            store.update({"a": 1, "b": 2, "large": LARGE, "larger": LARGE + 1})
    with values(tmp_path / "one") as one, values(tmp_path / "other") as other:
        for key, source in (("a", "b"), ("large", "larger")):
            (value,) = one.execute("SELECT value FROM entries WHERE key = ?", (key_to_bytes(source),)).fetchone()
            for connection in (one, other):
                connection.execute("UPDATE entries SET value = ? WHERE key = ?", (value, key_to_bytes(key)))
        (value,) = one.execute("SELECT value FROM entries WHERE key = ?", (key_to_bytes("b"),)).fetchone()
        other.execute("UPDATE entries SET value = ? WHERE key = ?", (value, key_to_bytes("b")))
    for folder, keys in (("one", ["a", "large"]), ("other", ["a", "b", "large"])):
        with brinery.Store(tmp_path / folder) as store:
            for key in keys:
                with pytest.raises(IntegrityError, match=f"'{key}'"):
                    store[key]


def test_a_file_cannot_be_passed_off_as_another_ones(tmp_path: Path) -> None:
    with brinery.Store(tmp_path) as store:
        store.update({"a": LARGE, "b": LARGE + 1})
        one, other = store._all_files()
        one.write_bytes(other.read_bytes())
        assert len(store.verify().wrong) == 1
        one.unlink()
        other.unlink()
        with pytest.raises(IntegrityError, match="not there"):
            store["a"]


def test_a_file_in_the_place_of_another_is_refused_whoever_signed_it(tmp_path: Path) -> None:
    with brinery.Store(tmp_path) as store:
        store["a"] = LARGE
        (file,) = store._all_files()
        for sign in (True, False):
            brinery.dump(LARGE + 1, file, sign=sign)
            with pytest.raises(IntegrityError, match="'a'"):
                store["a"]


def test_what_others_have_written_loads_by_the_vetted_list(tmp_path: Path) -> None:
    code = (
        "import sys, brinery, numpy; from tests.files.test_dump_load import Own; "
        "brinery.Store(sys.argv[1]).update(own=Own(), plain=[1], large=numpy.ones(100_000), larger=[Own(), numpy.ones(100_000)])"
    )
    environment = {**os.environ, "BRINERY_HOME": str(tmp_path / "somebody")}
    subprocess.run([sys.executable, "-c", code, tmp_path / "store"], check=True, env=environment, cwd=Path.cwd())
    store = brinery.Store(tmp_path / "store")
    assert store["plain"] == [1]
    assert same(store["large"], np.ones(100_000))
    for key in ("own", "larger"):
        with pytest.raises(UntrustedError, match=key):
            store[key]
    trusting = brinery.Store(tmp_path / "store", trust=[Own])
    assert trusting["own"].value == 5
    with values(tmp_path / "store") as connection:
        (value,) = connection.execute("SELECT value FROM entries WHERE key = ?", (key_to_bytes("plain"),)).fetchone()
        connection.execute(
            "UPDATE entries SET value = ? WHERE key = ?", (value.replace(b"K\x01", b"K\x02"), key_to_bytes("plain"))
        )
    with pytest.raises(IntegrityError, match="plain"):
        store["plain"]


def test_gc_within_a_transaction_is_refused_as_it_may_be_given_up(store: brinery.Store) -> None:
    store["a"] = LARGE
    assert store.folder is not None
    for path in store.folder.glob("files/*/*.pkl"):
        os.utime(path, (1, 1))

    def replace_and_collect() -> None:
        with store.transaction():
            store["a"] = 1
            store.gc()

    with pytest.raises(StoreError, match="within a transaction"):
        replace_and_collect()
    assert same(store["a"], LARGE)
    with pytest.raises(StoreError, match="within a transaction"):
        replace_and_gc(store)
    assert same(store["a"], LARGE)


def replace_and_gc(store: brinery.Store) -> None:
    with store.transaction():
        store["a"] = 1
        store.gc()


def test_gc_gives_room_back(store: brinery.Store) -> None:
    store.update({number: os.urandom(10_000) for number in range(200)})
    store["kept"] = LARGE
    orphan = store._values.path_of("ab" * 16)
    orphan.parent.mkdir(exist_ok=True)
    orphan.write_bytes(b"x" * 1000)
    os.utime(orphan, (0, 0))
    store.delete_many(range(200))
    assert store.gc() > 1_900_000
    assert not orphan.exists()
    assert same(store["kept"], LARGE)


FORKED = """
import os, sys, threading, warnings
import brinery
warnings.simplefilter("ignore")
store = brinery.Store(sys.argv[1])
store["a"] = 0
def write():
    for number in range(1000):
        store["a"] = number
        store["a"]
threads = [threading.Thread(target=write) for _ in range(2)]
for each in threads:
    each.start()
for _ in range(20):
    child = os.fork()
    if child == 0:
        store["child"] = store["a"]
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
for each in threads:
    each.join()
with store.transaction():
    store["b"] = 1
    child = os.fork()
    if child == 0:
        try:
            store["c"]
        except brinery.StoreError as error:
            os._exit("forked within a transaction" not in str(error))
        os._exit(2)
    assert os.waitpid(child, 0)[1] == 0
print(store["b"], "c" in store)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system does not fork")
def test_a_fork_cuts_no_other_thread_in_two(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FORKED, tmp_path], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "1 False\n"


@pytest.mark.skipif(os.name == "nt", reason="there are no such modes")
def test_files_of_large_values_may_be_read_by_whoever_may_read_the_database(store: brinery.Store) -> None:
    store["large"] = LARGE
    assert store.folder is not None
    (file,) = store.folder.glob("files/*/*.pkl")
    assert file.stat().st_mode == (store.folder / "store.db").stat().st_mode


def test_a_file_that_was_changed_is_refused_whatever_its_times_say(store: brinery.Store) -> None:
    store["large"] = LARGE
    assert store.folder is not None
    (file,) = store.folder.glob("files/*/*.pkl")
    before = file.stat()
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    time.sleep(0.02)
    with file.open("r+b") as opened:
        opened.write(data)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    with pytest.raises(IntegrityError, match="'large'"):
        store["large"]


def test_a_copy_of_a_store_is_verified_and_read(store: brinery.Store, tmp_path: Path) -> None:
    import shutil

    store["large"] = LARGE
    store.close()
    shutil.copytree(tmp_path / "store", tmp_path / "copy")
    with brinery.Store(tmp_path / "copy") as copy:
        assert same(copy["large"], LARGE)
        assert same(copy["large"], LARGE)
