"""Logs: what was appended is there, in order, for readers of any kind, whatever happens to the writer."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from bench.kill.logs import LogTally, killed_logs
from hypothesis import given
from hypothesis import strategies as st

import brinery
from brinery.errors import DecodeError, EncodeError, IntegrityError, UntrustedError
from tests.strategies import difference, graphs


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "log"


@given(st.lists(st.lists(graphs(), max_size=3), max_size=4))
def test_what_was_appended_comes_back_in_order(tmp_path_factory: Any, batches: list[list[Any]]) -> None:
    path = tmp_path_factory.mktemp("log") / "log"
    expected: list[Any] = []
    for batch in batches:
        with brinery.open_log(path) as log:
            assert log.extend(batch) == len(expected)
            expected += batch
            assert len(log) == len(expected)
    found = list(brinery.open_log(path)) if batches else []
    assert len(found) == len(expected)
    # What records shared with each other, each has for itself.
    assert all(difference(*pair) is None for pair in zip(expected, found, strict=True))


def test_by_number_and_slice(path: Path) -> None:
    with brinery.open_log(path) as log:
        assert [log.append(number * 10) for number in range(5)] == [0, 1, 2, 3, 4]
        assert (log[0], log[4], log[-1], log[-5], log[1:4], log[::-2]) == (0, 40, 40, 0, [10, 20, 30], [40, 20, 0])
        for index in (5, -6):
            with pytest.raises(IndexError, match="has 5 records"):
                log[index]


def read_by_the_stdlib(path: Path) -> list[Any]:
    found = []
    with path.open("rb") as file:
        while True:
            try:
                found.append(pickle.load(file))
            except EOFError:
                return found


def test_the_stdlib_reads_it_record_by_record(path: Path) -> None:
    objects = [{"step": 1}, "text", b"b" * 100_000, list(range(1000))]
    with brinery.open_log(path) as log:
        log.extend(objects)
    assert read_by_the_stdlib(path) == objects


def test_readers_see_what_is_appended_while_they_read(path: Path) -> None:
    with brinery.open_log(path) as log, brinery.open_log(path, "r") as reading:
        assert list(reading) == []
        log.append(1)
        seen = iter(reading)
        assert next(seen) == 1
        log.extend([2, 3])
        assert list(seen) == [2, 3]
        assert len(reading) == 3


def test_following_waits_for_what_comes(path: Path) -> None:
    with brinery.open_log(path) as log, brinery.open_log(path, "r") as reading:
        log.append(0)
        writer = threading.Timer(0.1, lambda: log.extend([1, 2]))
        writer.start()
        following = reading.follow(interval=0.01)
        assert [next(following) for _ in range(3)] == [0, 1, 2]
        writer.join()
        assert list(reading.follow(2, timeout=0.05, interval=0.01)) == [2]


def test_one_writer_at_a_time(path: Path) -> None:
    with brinery.open_log(path), pytest.raises(BlockingIOError, match="another process"):
        brinery.open_log(path)
    with brinery.open_log(path) as log:
        log.append(1)


def test_threads_append_whole_records(path: Path) -> None:
    with brinery.open_log(path) as log:
        threads = [threading.Thread(target=lambda: [log.append("x" * 1000) for _ in range(50)]) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert list(log) == ["x" * 1000] * 200


def test_a_fork_does_not_append_to_its_parents_log(path: Path) -> None:
    with brinery.open_log(path) as log:
        child = os.fork()
        if child == 0:
            try:
                log.append(1)
            except ValueError:
                os._exit(7)
            os._exit(0)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
        assert len(log) == 0


@pytest.mark.parametrize("cut", [1, 10, 36, 37, 40])
def test_the_rest_of_a_killed_writers_record_goes_and_the_log_goes_on(path: Path, cut: int) -> None:
    with brinery.open_log(path) as log:
        log.append("whole")
        end = path.stat().st_size
        log.append("cut short")
    os.truncate(path, end + cut)
    assert list(brinery.open_log(path, "r")) == ["whole"]
    with brinery.open_log(path) as log:
        assert log.append("next") == 1
    assert list(brinery.open_log(path, "r")) == ["whole", "next"]


@pytest.mark.parametrize("size", [0, 1, 12, 36])
def test_a_writer_that_was_killed_as_it_began_leaves_an_empty_log(path: Path, size: int) -> None:
    brinery.open_log(path).close()
    os.truncate(path, size)
    with brinery.open_log(path) as log:
        log.append(1)
        assert list(log) == [1]


def test_one_bit_flipped_anywhere_is_found_and_the_other_records_are_read(path: Path) -> None:
    with brinery.open_log(path) as log:
        log.append("first")
        start = path.stat().st_size
        log.append("second")
        end = path.stat().st_size
        log.append("third")
    data = path.read_bytes()
    for place in range(start, end):
        changed = bytearray(data)
        changed[place] ^= 1 << place % 8
        path.write_bytes(changed)
        with brinery.open_log(path, "r") as log:
            assert log[0] == "first"
            if len(log) == 3:  # its length is what it was
                assert log[2] == "third"
                with pytest.raises(IntegrityError, match="record 1"):
                    log[1]
        if len_of(path) < 3:
            with pytest.raises(IntegrityError, match=r"record [12] is damaged.*others follow"):
                brinery.open_log(path)


def len_of(path: Path) -> int:
    with brinery.open_log(path, "r") as log:
        return len(log)


def test_records_stay_where_they_were_written(path: Path) -> None:
    with brinery.open_log(path) as log:
        first = path.stat().st_size
        log.append("a1")
        second = path.stat().st_size
        log.append("b2")
    data = path.read_bytes()
    path.write_bytes(data[:first] + data[second:] + data[first:second])
    with brinery.open_log(path, "r") as log, pytest.raises(IntegrityError):
        log[0]


class Own:
    pass


def test_another_users_records_are_opened_by_the_vetted_list(path: Path, tmp_path: Path) -> None:
    program = f"import brinery\nwith brinery.open_log({str(path)!r}) as log: log.extend([[1], lambda x: x])"
    subprocess.run(
        [sys.executable, "-c", program], check=True, env={**os.environ, "BRINERY_HOME": str(tmp_path / "other")}
    )
    with brinery.open_log(path, "r") as log:
        assert log[0] == [1]
        with pytest.raises(UntrustedError, match="another user's log"):
            log[1]
    with pytest.raises(IntegrityError, match="not yours"):
        brinery.open_log(path)


def test_what_cannot_be_pickled_is_not_appended(path: Path) -> None:
    with brinery.open_log(path) as log:
        with pytest.raises(EncodeError):
            log.extend([1, (each for each in ())])
        assert len(log) == 0
        log.append(Own())
        assert type(log[0]) is Own


def test_other_files_are_no_logs(path: Path) -> None:
    path.write_bytes(pickle.dumps([1] * 100))
    for mode in ("a", "r"):
        with pytest.raises(DecodeError, match="is no log"):
            brinery.open_log(path, mode)
    assert pickle.loads(path.read_bytes()) == [1] * 100


def test_a_log_that_is_closed_or_only_read_says_so(path: Path) -> None:
    log = brinery.open_log(path)
    log.append(1)
    assert repr(log) == f"<Log {str(path)!r}, 1 records>"
    log.sync()
    log.close()
    log.close()
    with pytest.raises(ValueError, match="closed"):
        log.append(2)
    with brinery.open_log(path, "r") as reading, pytest.raises(ValueError, match="for reading"):
        reading.append(2)


def test_a_kill_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    assert killed_logs(tmp_path, kills=6, seed=1) == LogTally(kills=6)
