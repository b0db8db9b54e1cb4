"""What every place of a store has to do, and what a store on it does then.

For a backend of one's own::

    class TestMine(brinery.testing.StoreContract):
        @pytest.fixture
        def opened(self, tmp_path):
            return lambda: MyBackend(tmp_path)

Each call of what the fixture gives opens the same place, which is empty at the beginning of each test, once more.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

from brinery.errors import IntegrityError
from brinery.stores import ABSENT, Backend, Range, Store
from brinery.stores.keys import key_to_bytes

__all__ = ["BackendContract", "StoreContract"]

Opened = Callable[[], Backend]
ALL = Range(b"\x00", b"\xff\xff")
LARGE = bytes(range(256)) * 4000
MANY = 2500
WAIT = 60  # seconds that a thread is given


class Given(Exception):
    """An error of the test itself."""


def fails(call: Callable[[], object], error: type[BaseException]) -> BaseException:
    """The error of that type that the call raises."""
    try:
        call()
    except error as found:
        return found
    raise AssertionError(f"no {error.__name__} was raised")


@contextmanager
def given_up(backend: Backend) -> Iterator[None]:
    """A transaction that is left by an error."""
    try:
        with backend.transaction():
            yield
            raise Given
    except Given:
        pass


def together(count: int, work: Callable[[int], object]) -> None:
    """Do the work in so many threads at once; the first error of one is raised."""
    errors: list[BaseException] = []

    def run(number: int) -> None:
        try:
            work(number)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(number,), daemon=True) for number in range(count)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(WAIT)
        assert not each.is_alive(), "a thread hangs"
    if errors:
        raise errors[0]


class BackendContract:
    """What the methods of :class:`brinery.stores.Backend` promise. `opened` is a fixture of the subclass."""

    def test_what_was_put_is_there_for_whoever_opens_the_place(self, opened: Opened) -> None:
        """Keys and values are any bytes; of a key twice the last row counts."""
        rows = [(bytes([number, 0, 255 - number]), bytes(number)) for number in range(1, 250)]
        with closing(opened()) as one, closing(opened()) as other:
            assert one.put([(b"\x01", b"a"), *rows, (b"\x01", b"b")])
            assert other.get([b"\x01", b"\x02", rows[0][0]]) == {b"\x01": b"b", rows[0][0]: rows[0][1]}
            assert dict(other.scan(ALL)) == {b"\x01": b"b", **dict(rows)}
            assert one.id == other.id
            assert len(one.id) == 16
            assert one.problems() == []

    def test_rows_are_scanned_in_the_order_of_their_bytes(self, opened: Opened) -> None:
        """Forwards, backwards, up to a number, with values and without."""
        keys = [b"\x01", b"\x01\x00", b"\x01\x00\xff", b"\x01\xff", b"\x02", b"a", b"a\x00", b"b", b"\xfe"]
        with closing(opened()) as backend:
            backend.put([(key, key) for key in reversed(keys)])
            assert [key for key, _ in backend.scan(ALL)] == keys
            assert [key for key, _ in backend.scan(ALL, reverse=True)] == keys[::-1]
            within = Range(b"\x01\x00", b"a\x00")
            assert list(backend.scan(within)) == [(key, key) for key in keys[1:6]]
            assert list(backend.scan(within, values=False, limit=2)) == [(key, b"") for key in keys[1:3]]
            assert [key for key, _ in backend.scan(within, reverse=True, limit=2)] == [b"a", b"\x02"]
            assert list(backend.scan(within, limit=0)) == []
            assert backend.count(within) == 5
            assert backend.count(Range(b"c", b"d")) == 0

    def test_many_rows_and_large_ones(self, opened: Opened) -> None:
        """More than fit into one request."""
        rows = [(b"\x01%06d" % number, b"%d" % number) for number in range(MANY)]
        with closing(opened()) as backend:
            backend.put([*rows, (b"\x02", LARGE)])
            assert list(backend.scan(Range(b"\x01", b"\x02"))) == rows
            assert backend.get([key for key, _ in rows]) == dict(rows)
            assert backend.get([b"\x02"]) == {b"\x02": LARGE}
            backend.put([], [key for key, _ in rows])
            assert backend.count(ALL) == 1

    def test_rows_are_put_and_removed_together(self, opened: Opened) -> None:
        """And not at all if a key is where none may be."""
        with closing(opened()) as backend:
            backend.put([(b"a", b"1"), (b"b", b"2")])
            assert backend.put([(b"a", b"3"), (b"c", b"4")], [b"b", b"nothing"])
            assert dict(backend.scan(ALL)) == {b"a": b"3", b"c": b"4"}
            for rows in ([(b"d", b"5")], [(b"d", b"5"), (b"e", b"6")]):
                assert not backend.put(rows, unless=Range(b"c", b"d"))
                assert dict(backend.scan(ALL)) == {b"a": b"3", b"c": b"4"}
            assert backend.put([(b"d", b"5")], unless=Range(b"e", b"f"))
            assert backend.put([], [b"a"], unless=Range(b"e", b"f"))
            assert dict(backend.scan(ALL)) == {b"c": b"4", b"d": b"5"}

    def test_a_transaction_is_there_at_once_or_not_at_all(self, opened: Opened) -> None:
        """Its own reads see what it has written; others do not, before its end."""
        with closing(opened()) as one, closing(opened()) as other:
            one.put([(b"a", b"1"), (b"b", b"2")])
            with one.transaction():
                one.put([(b"a", b"3"), (b"c", b"4")], [b"b"])
                assert dict(one.scan(ALL)) == one.get([b"a", b"b", b"c"]) == {b"a": b"3", b"c": b"4"}
                assert one.count(ALL) == 2
                assert [key for key, _ in one.scan(ALL, reverse=True, limit=1)] == [b"c"]
                assert not one.put([(b"x", b"")], unless=Range(b"c", b"d"))
                assert other.get([b"a", b"b", b"c"]) == {b"a": b"1", b"b": b"2"}
            assert dict(other.scan(ALL)) == {b"a": b"3", b"c": b"4"}
            with given_up(one):
                one.put([(b"a", b"5")], [b"c"])
            assert dict(one.scan(ALL)) == dict(other.scan(ALL)) == {b"a": b"3", b"c": b"4"}

    def test_a_transaction_within_another_takes_back_its_own(self, opened: Opened) -> None:
        """And no more."""
        with closing(opened()) as backend:
            with backend.transaction():
                backend.put([(b"a", b"1")])
                with given_up(backend):
                    backend.put([(b"a", b"2"), (b"b", b"2")])
                assert dict(backend.scan(ALL)) == {b"a": b"1"}
                with backend.transaction():
                    backend.put([(b"c", b"3")])
            assert dict(backend.scan(ALL)) == {b"a": b"1", b"c": b"3"}

    def test_others_wait_with_their_writing(self, opened: Opened) -> None:
        """So that of what several add to the same number nothing is lost."""
        with closing(opened()) as first:
            first.put([(b"n", b"0")])

            def add(number: int) -> None:
                with closing(opened()) as backend:
                    for turn in range(10):
                        with backend.transaction():
                            found = int(backend.get([b"n"])[b"n"])
                            backend.put([(b"n", b"%d" % (found + 1))])
                        backend.put([(b"own %d %d" % (number, turn), b"")])

            together(4, add)
            assert first.get([b"n"]) == {b"n": b"40"}
            assert first.count(Range(b"own", b"own\xff")) == 40

    def test_threads_have_transactions_of_their_own(self, opened: Opened) -> None:
        """Although they use the same backend."""
        with closing(opened()) as backend:
            backend.put([(b"n", b"0")])

            def add(_: int) -> None:
                for _ in range(10):
                    with backend.transaction():
                        backend.put([(b"n", b"%d" % (int(backend.get([b"n"])[b"n"]) + 1))])

            together(4, add)
            assert backend.get([b"n"]) == {b"n": b"40"}

    def test_several_that_open_a_new_place_at_once_agree(self, opened: Opened) -> None:
        """On its id."""
        found: list[bytes] = []

        def open_it(number: int) -> None:
            with closing(opened()) as backend:
                backend.put([(b"%d" % number, b"")])
                found.append(backend.id)

        together(6, open_it)
        assert len(set(found)) == 1
        with closing(opened()) as backend:
            assert backend.count(ALL) == 6

    def test_the_version_tells_of_writing(self, opened: Opened) -> None:
        """By anybody, where there is one."""
        with closing(opened()) as one, closing(opened()) as other:
            before = one.version()
            other.put([(b"a", b"1")])
            after = one.version()
            assert before is None or before != after
            with other.transaction():
                other.put([(b"b", b"1"), (b"c", b"1")])
            assert after is None or one.version() != after

    def test_a_place_can_be_made_anew(self, opened: Opened) -> None:
        """With the rows that were saved of it."""
        with closing(opened()) as backend:
            backend.put([(b"a", b"1"), (b"b", b"2")])
            assert {(b"a", b"1"), (b"b", b"2")} <= set(backend.salvage())
            backend.rebuild([(b"c", b"3")])
            assert dict(backend.scan(ALL)) == {b"c": b"3"}
            backend.compact()
            assert backend.size() >= 0


class StoreContract(BackendContract):
    """What :class:`brinery.Store` does on a backend, whatever it is."""

    @contextmanager
    def store(self, opened: Opened, **options: Any) -> Iterator[Store]:
        """A store in the place."""
        with Store(opened(), **options) as found:
            yield found

    def test_a_store_is_a_dict_that_stays(self, opened: Opened) -> None:
        """Whatever is done to both."""
        chance = random.Random(7)
        model: dict[Any, Any] = {}
        keys = ["", "a", "ab", "é\0", 0, -1, 2**70, 1.5, None, True, b"", b"\xff", ("a", 1), ("a", "b"), frozenset("a")]
        with self.store(opened) as store:
            for turn in range(150):
                key = chance.choice(keys)
                if chance.random() < 0.7:
                    store[key] = model[key] = [turn, {"text": "x" * chance.choice([1, 10, 3000])}]
                else:
                    assert store.pop(key, None) == model.pop(key, None)
            assert len(store) == len(model)
            assert set(store) == set(model)
            assert store.get_many(keys) == {key: model[key] for key in keys if key in model}
        with self.store(opened) as store:
            assert dict(store.items()) == model
            assert list(store.values()) == [model[key] for key in store]
            store.clear()
            assert not list(store)

    def test_steps_that_are_one(self, opened: Opened) -> None:
        """Of which others see nothing, or all."""
        with self.store(opened) as store:
            assert store.add("a", 1)
            assert not store.add("a", 2)
            assert store.incr("a", 5) == 6
            assert store.incr("new") == 1
            assert not store.compare_and_set("a", 5, 7)
            assert store.compare_and_set("a", 6, [7])
            assert store.compare_and_set("b", ABSENT, 0)
            with store.edit("a") as value:
                value.append(8)
            assert store["a"] == [7, 8]
            assert store.setdefault("a") == [7, 8]
            assert isinstance(fails(lambda: store["nothing"], KeyError), KeyError)
            assert store.delete_many(["a", "nothing"]) == 1

            def add(_: int) -> None:
                for _ in range(10):
                    store.incr("n")

            together(3, add)
            assert store["n"] == 30

    def test_entries_expire(self, opened: Opened) -> None:
        """And are gone for every reader."""
        with self.store(opened) as store:
            store.set("a", 1, ttl=0.2, tags=["t"])
            store.set("b", 2, ttl=1000)
            assert 990 < (store.expires("b") or 0) <= 1000
            time.sleep(0.25)
            assert list(store) == ["b"]
            assert len(store) == 1
            assert "a" not in store
            assert store.get("a") is None
            assert store.tagged("t") == []
            store["c"] = 3
            assert set(store) == {"b", "c"}

    def test_keys_are_found_by_tags_prefixes_and_ranges(self, opened: Opened) -> None:
        """In their order."""
        with self.store(opened) as store:
            store.set_many({f"user:{number}": number for number in range(5)}, tags=["users"])
            store.update({("order", number): number for number in range(5)})
            assert list(store.prefix("user:")) == store.tagged("users") == [f"user:{number}" for number in range(5)]
            assert list(store.prefix(("order",), reverse=True)) == [("order", number) for number in (4, 3, 2, 1, 0)]
            assert list(store.range("user:1", "user:3")) == ["user:1", "user:2"]
            assert store.delete_tagged("users") == 5
            assert len(store) == 5

    def test_versions_and_limits(self, opened: Opened) -> None:
        """Are settings of the store itself."""
        with self.store(opened, keep=2) as store:
            for number in range(4):
                store["a"] = number
            assert [version.load() for version in store.versions("a")] == [2, 3]
            assert store.at(time.time())["a"] == 3
        with self.store(opened, keep=0, size_limit=8_000, policy="fifo") as store:
            for number in range(20):
                store[number] = "x" * 1000
            assert 19 in store
            assert 3 <= len(store) <= 8

    def test_large_objects_come_back(self, opened: Opened) -> None:
        """And nearly any object."""
        objects = {"bytes": LARGE, "text": "é" * 100_000, "function": fails, "lists": [list(range(20_000))]}
        with self.store(opened) as store:
            store.update(objects)
            store["bytes"] = LARGE[::-1]
            assert store["bytes"] == LARGE[::-1]
            assert {key: store[key] for key in ("text", "lists")} == {key: objects[key] for key in ("text", "lists")}
            assert store["function"](lambda: 1 / 0, ZeroDivisionError)
            assert store.verify().is_whole

    def test_damage_is_told_with_the_key_and_a_repair_keeps_the_rest(self, opened: Opened) -> None:
        """Never is another value read."""
        with closing(opened()) as backend, self.store(opened) as store:
            store.update(a=1, b=2, c=3)
            (value,) = backend.get([key_to_bytes("a")]).values()
            backend.put([(key_to_bytes("b"), value), (key_to_bytes("c"), value[:-40] + b"\0" + value[-39:])])
            for key in "bc":
                assert repr(key) in str(fails(lambda key=key: store[key], IntegrityError))  # type: ignore[misc]
            assert set(store.verify().wrong) == {"b", "c"}
            assert set(store.repair().lost) == {"b", "c"}
            assert dict(store) == {"a": 1}
            assert store.verify().is_whole

    def test_a_watch_sees_changes(self, opened: Opened) -> None:
        """Of anybody."""
        with self.store(opened) as store, self.store(opened) as other:
            seen = store.watch("a", interval=0.01, timeout=WAIT)
            assert next(seen) is ABSENT
            other["b"] = 1
            other["a"] = [1]
            assert next(seen) == [1]
            del other["a"]
            assert next(seen) is ABSENT
