"""What every place of stores has to offer, and each offers alike."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from secrets import token_bytes
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brinery.errors import StoreError
from brinery.stores.backend import Backend, Range
from brinery.stores.spaces import EXTRAS
from tests.stores.places import ALL, Place, ended, increment, line_of

HANGS = 30  # seconds after which something hangs
TIMES = 50  # that each adds to a number

KEYS = st.one_of(
    st.lists(st.sampled_from([0, 1, 16, 97, 254, 255]), min_size=1, max_size=3).map(bytes),
    # Names of objects have segments.
    st.builds(lambda size, end: b"k" * size + end, st.integers(78, 82), st.sampled_from([b"", b"\0", b"\xff"])),
)
VALUES = st.binary(max_size=20)
RANGES = st.one_of(st.just(ALL), st.builds(Range, KEYS, KEYS))


class Left(Exception):
    """Leaves a transaction."""


@pytest.fixture
def backend(place: Place) -> Iterator[Backend]:
    found = place.open()
    yield found
    found.close()


@st.composite
def puts(draw: st.DrawFn) -> tuple[Any, ...]:
    rows = draw(st.lists(st.tuples(KEYS, VALUES), max_size=4))
    gone = draw(st.lists(KEYS, max_size=2).map(lambda keys: [key for key in keys if key not in dict(rows)]))
    return "put", rows, gone, draw(st.none() | RANGES | st.just(EXTRAS))


LOOKS = st.tuples(
    st.just("look"), RANGES, st.lists(KEYS, max_size=4), st.booleans(), st.booleans(), st.none() | st.integers(0, 4)
)
STEPS = st.lists(
    st.recursive(
        puts() | LOOKS,
        lambda steps: st.tuples(st.just("transaction"), st.lists(steps, max_size=4), st.booleans()),
        max_leaves=8,
    ),
    max_size=8,
)


def play(backend: Backend, model: dict[bytes, bytes], steps: list[Any]) -> None:
    """Take the steps in the backend and in a dict, and compare what they say."""
    for kind, *parts in steps:
        if kind == "put":
            rows, gone, unless = parts
            is_done = unless is None or not any(unless.start <= key < unless.end for key in model)
            assert backend.put(rows, gone, unless=unless) is is_done
            if is_done:
                model.update(rows)
                for key in gone:
                    model.pop(key, None)
        elif kind == "look":
            look(backend, model, tuple(parts))
        else:
            inner, is_left = parts
            before = dict(model)
            try:
                with backend.transaction():
                    play(backend, model, inner)
                    if is_left:
                        raise Left
            except Left:
                model.clear()
                model.update(before)


def look(
    backend: Backend,
    model: dict[bytes, bytes],
    parts: tuple[Range, list[bytes], bool, bool, int | None],
) -> None:
    within, keys, reverse, values, limit = parts
    assert backend.get(keys) == {key: model[key] for key in keys if key in model}
    found = sorted((key for key in model if within.start <= key < within.end), reverse=reverse)
    rows = [(key, model[key] if values else b"") for key in found]
    assert list(backend.scan(within, reverse=reverse, values=values, limit=limit)) == rows[:limit]
    assert backend.count(within) == len(rows)


def test_does_what_a_dict_does(backend: Backend) -> None:
    @settings(max_examples=40)
    @given(STEPS)
    def check(steps: list[Any]) -> None:
        if dict(backend.scan(ALL)):
            with backend.transaction():
                backend.put([], [key for key, _ in backend.scan(ALL, values=False)])
        model: dict[bytes, bytes] = {}
        play(backend, model, steps)
        assert list(backend.scan(ALL)) == sorted(model.items())

    check()


def test_another_finds_what_was_written(place: Place, backend: Backend) -> None:
    backend.put([(b"\0", b""), (b"\xff", b"\xff" * 100_000)])
    other = place.open()
    assert list(other.scan(ALL)) == [(b"\0", b""), (b"\xff", b"\xff" * 100_000)]
    assert other.id == backend.id
    assert len(other.id) == 16
    other.close()


def test_stores_of_other_names_are_others(place: Place, backend: Backend) -> None:
    backend.put([(b"a", b"1")])
    other = Place(place.kind, f"{place.address}2").open()
    assert other.count(ALL) == 0
    assert other.id != backend.id
    other.close()


def test_many_rows_at_once(place: Place, backend: Backend) -> None:
    size = 300 if place.kind == "objects" else 30_000
    rows = {b"%06d" % number: b"%d" % number * 5 for number in range(size)}
    assert backend.put(list(rows.items()), unless=EXTRAS)
    assert backend.count(ALL) == size
    assert list(backend.scan(ALL)) == sorted(rows.items())
    assert list(backend.scan(ALL, reverse=True)) == sorted(rows.items(), reverse=True)
    assert backend.get(list(rows)) == rows
    backend.put([(b"last", b"1")], list(rows))
    assert list(backend.scan(ALL)) == [(b"last", b"1")]


def test_the_first_rows_come_before_others_are_gone(backend: Backend) -> None:
    backend.put([(b"%04d" % number, b"v") for number in range(200)])
    found = backend.scan(ALL)
    first = list(islice(found, 3))
    backend.put([], [b"%04d" % number for number in range(200)])
    assert first == [(b"0000", b"v"), (b"0001", b"v"), (b"0002", b"v")]
    rest = list(found)
    assert rest == sorted(rest)


@pytest.mark.parametrize("size", [79, 80, 81, 160])
def test_ranges_begin_where_names_of_objects_are_divided(backend: Backend, size: int) -> None:
    keys = [b"k" * each for each in (1, size - 1, size, size + 1)] + [b"l"]
    backend.put([(key, b"") for key in keys])
    for start in keys:
        assert [key for key, _ in backend.scan(Range(start, b"m"))] == [key for key in keys if key >= start]


def test_all_rows_are_salvaged(backend: Backend) -> None:
    rows = {b"%d" % number: b"v" * number for number in range(700)}
    backend.put(list(rows.items()))
    assert dict(backend.salvage()) == rows


def test_of_a_key_twice_the_last_row_counts(backend: Backend) -> None:
    backend.put([(b"a", b"1"), (b"b", b"1"), (b"a", b"2")])
    assert dict(backend.scan(ALL)) == {b"a": b"2", b"b": b"1"}


def test_nobody_else_sees_an_open_transaction(place: Place, backend: Backend) -> None:
    backend.put([(b"kept", b"old"), (b"removed", b"old")])
    before = [(b"kept", b"old"), (b"removed", b"old")]
    other = place.open()
    with ThreadPoolExecutor(1) as thread:
        with backend.transaction():
            backend.put([(b"kept", b"new"), (b"more", b"new")], [b"removed"])
            for found in (other.scan(ALL), thread.submit(lambda: list(backend.scan(ALL))).result()):
                assert list(found) == before
            assert thread.submit(backend.get, [b"kept", b"more"]).result() == {b"kept": b"old"}
            assert other.count(ALL) == 2
            assert list(backend.scan(ALL)) == [(b"kept", b"new"), (b"more", b"new")]
        assert list(other.scan(ALL)) == [(b"kept", b"new"), (b"more", b"new")]
    other.close()


def test_a_transaction_left_by_an_error_leaves_nothing(backend: Backend) -> None:
    def leave() -> None:
        with backend.transaction():
            backend.put([(b"a", b"1")])
            raise Left

    with pytest.raises(Left):
        leave()
    assert backend.count(ALL) == 0


def test_the_version_tells_of_writes(place: Place, backend: Backend) -> None:
    other = place.open()
    versions = [backend.version()]
    for write in (
        lambda: other.put([(b"a", b"1")]),
        lambda: other.put([(b"a", b"1"), (b"b", b"1")], unless=EXTRAS),
        lambda: backend.put([], [b"a"]),
        lambda: increment(other, 1),
    ):
        write()
        versions.append(backend.version())
    if place.kind == "objects":
        assert versions == [None] * 5
    else:
        assert len(set(versions)) == 5
    other.close()


def test_threads_and_processes_lose_nothing(place: Place, backend: Backend) -> None:
    processes = [place.start("increment_there", TIMES) for _ in range(2)]
    with ThreadPoolExecutor(2) as threads:
        for done in [threads.submit(increment, backend, TIMES) for _ in range(2)]:
            done.result()
    for process in processes:
        ended(process)
    assert backend.get([b"number"]) == {b"number": b"%d" % (4 * TIMES)}


def test_single_rows_are_not_lost_beside_transactions(place: Place, backend: Backend) -> None:
    def write(name: bytes) -> None:
        for number in range(TIMES):
            row = name + b"%d" % number
            assert backend.put([(row, b"1")], unless=EXTRAS)
            assert backend.get([row]) == {row: b"1"}

    process = place.start("increment_there", TIMES)
    with ThreadPoolExecutor(2) as threads:
        for done in [threads.submit(write, name) for name in (b"\x01a", b"\x01b")]:
            done.result()
    ended(process)
    assert backend.count(Range(b"\x01", b"\x02")) == 2 * TIMES
    assert backend.get([b"number"]) == {b"number": b"%d" % TIMES}


def test_what_is_written_under_a_condition_is_seen_by_it(backend: Backend) -> None:
    """Of many who write unless somebody has, one does."""
    with ThreadPoolExecutor(8) as threads:
        for start in range(5):
            within = Range(b"%d" % start, b"%d" % (start + 1))
            rows = [[(b"%d-%d" % (start, number), b""), (b"x%d" % number, b"")] for number in range(8)]
            done = list(threads.map(lambda some: backend.put(some, unless=within), rows))
            assert done.count(True) == 1
            assert backend.count(within) == 1


def test_after_a_kill_in_a_transaction_others_go_on(place: Place) -> None:
    process = place.start("wait_in_transaction")
    assert line_of(process) == "within"
    process.kill()
    process.communicate()
    start = time.monotonic()
    backend = place.open_impatiently()
    assert backend.put([(b"other", b"1")])
    with backend.transaction():
        backend.put([(b"another", b"1")])
    assert time.monotonic() - start < HANGS
    assert dict(backend.scan(ALL)) == {b"other": b"1", b"another": b"1"}
    backend.close()


@pytest.mark.parametrize("rounds", [1, 4, 9])
def test_a_kill_leaves_nothing_half(place: Place, rounds: int) -> None:
    process = place.start("write_rounds", 40)
    while int(line_of(process)) < rounds:
        pass
    time.sleep(0.003 * rounds)  # not always at the beginning of a round
    process.kill()
    said = process.communicate()[0].split()
    backend = place.open_impatiently()
    backend.put([(b"other", b"1")])
    found = {value for key, value in backend.scan(ALL) if key.startswith(b"row")}
    assert len(found) == 1
    assert int(found.pop()) >= max([rounds, *map(int, said)])
    assert backend.count(Range(b"row", b"rox")) == 40
    backend.close()


def test_who_was_stopped_for_too_long_writes_nothing(place: Place) -> None:
    if place.kind not in ("redis", "objects"):
        pytest.skip("it has no leases")
    process = place.start("wait_in_transaction")
    assert line_of(process) == "within"
    process.send_signal(signal.SIGSTOP)
    backend = place.open_impatiently()
    backend.put([(b"shared", b"other")])
    process.send_signal(signal.SIGCONT)
    assert "refused: " in ended(process)
    assert dict(backend.scan(ALL)) == {b"shared": b"other"}
    backend.close()


def test_many_open_it_first(place: Place) -> None:
    processes = [place.start("tell_id") for _ in range(8)]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    assert len({ended(process) for process in processes}) == 1


def test_after_a_fork(place: Place) -> None:
    said = ended(place.start("fork_and_use"))
    backend = place.open()
    rows = {b"before": b"1", b"thread": b"1", b"number": b"1"}
    if place.kind == "objects":
        assert "spawn" in said
    else:
        assert said == "used\n"
        rows |= {b"child": b"1", b"child2": b"2"}
    assert dict(backend.scan(ALL)) == rows
    backend.close()


def test_is_made_anew(place: Place, backend: Backend) -> None:
    backend.put([(b"a", b"1"), (b"b", b"1")])
    before = backend.id
    for rows in ([(b"b", b"2"), (b"c", b"2")], []):
        backend.rebuild(iter(rows))
        other = place.open()
        assert list(other.scan(ALL)) == rows
        assert other.id == before
        assert other.problems() == []
        other.put([(b"a", b"1"), (b"b", b"1")])
        other.close()


def test_tells_its_size_and_compacts(backend: Backend) -> None:
    backend.put([(b"a", token_bytes(100_000)), (b"b", b"1")])
    assert backend.size() > 50_000
    backend.put([], [b"a"])
    backend.compact()
    assert list(backend.scan(ALL)) == [(b"b", b"1")]
    assert backend.problems() == []


def test_once_closed_it_says_so(backend: Backend) -> None:
    backend.put([(b"a", b"1")])
    backend.close()
    with pytest.raises(StoreError, match="is closed"):
        backend.get([b"a"])


def test_threads_that_only_read_do_not_wait(backend: Backend) -> None:
    backend.put([(b"a", b"1")])
    within, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with backend.transaction():
            backend.put([(b"a", b"2")])
            within.set()
            leave.wait(HANGS)

    with ThreadPoolExecutor(1) as thread:
        holding = thread.submit(hold)
        within.wait()
        assert backend.get([b"a"]) == {b"a": b"1"}
        leave.set()
        holding.result()
    assert backend.get([b"a"]) == {b"a": b"2"}
