"""Single flight: one computes and the others wait, whatever becomes of the one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import brinery
from brinery.caching.flight import Flights
from brinery.caching.leases import Leases
from brinery.caching.locks import RecordLocks
from tests.caching.running import calls_in, ended, environment, note, run, start

HANG = 30  # seconds: nothing here takes so long unless somebody waits for ever

GATES = {
    "locks": "from brinery.caching.locks import RecordLocks; gate = RecordLocks(pathlib.Path(sys.argv[1], 'flights.lock'))",
    "leases": "from brinery.caching.leases import Leases; gate = Leases(sys.argv[1], brinery.Store(sys.argv[1]))",
}


@pytest.fixture(params=GATES)
def gate(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def flights(gate: str, tmp_path: Path) -> Iterator[Flights]:
    with brinery.Store(tmp_path) as store:
        place = str(tmp_path)
        yield Flights(place, RecordLocks(tmp_path / "flights.lock") if gate == "locks" else Leases(place, store))


def process(gate: str, folder: Path, code: str) -> subprocess.Popen[str]:
    """A process with the flights of a folder."""
    head = f"import sys, time, pathlib, brinery; from brinery.caching.flight import Flights; {GATES[gate]}\n"
    head += "flights = Flights(sys.argv[1], gate)\n"
    command = [sys.executable, "-W", "error", "-c", head + code, str(folder)]
    return subprocess.Popen(
        command,
        env=environment(folder),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


HOLD = """
with flights.alone(("f", "1")):
    print("in", flush=True)
    sys.stdin.readline()
"""


def in_threads(*calls: Callable[[], Any]) -> list[Any]:
    """What calls return that run at the same time."""
    found: list[Any] = [None] * len(calls)

    def work(place: int, call: Callable[[], Any]) -> None:
        found[place] = call()

    threads = [threading.Thread(target=work, args=each, daemon=True) for each in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(HANG)
        assert not thread.is_alive()
    return found


# The flights themselves


def test_one_process_at_a_time_is_in(gate: str, tmp_path: Path) -> None:
    code = """
log = pathlib.Path(sys.argv[1], "log")
for round in range(10):
    with flights.alone("key") as flight:
        assert flight.is_alone
        with log.open("a") as file:
            file.write("in\\n"); file.flush(); time.sleep(0.005); file.write("out\\n")
"""
    for each in [process(gate, tmp_path, code) for _ in range(4)]:
        ended(each)
    assert (tmp_path / "log").read_text() == "in\nout\n" * 40


def test_one_thread_at_a_time_is_in(flights: Flights) -> None:
    inside = []

    def work() -> bool:
        for _ in range(10):
            with flights.alone("key") as flight:
                assert flight.is_alone
                inside.append(1)
                assert len(inside) == 1
                time.sleep(0.001)
                inside.pop()
        return True

    assert in_threads(*[work] * 4) == [True] * 4


def test_others_keys_do_not_wait(flights: Flights) -> None:
    with flights.alone("one") as one:
        assert in_threads(lambda: flights.alone("other").__enter__().waited) == [False]
    assert one.waited is False


def test_who_is_in_comes_in_again(flights: Flights) -> None:
    with flights.alone("key") as outer, flights.alone("other"), flights.alone("key") as inner:
        assert (outer.is_alone, inner.is_alone) == (True, False)
    with flights.alone("key") as again:
        assert again.is_alone


def test_a_killed_owner_is_replaced(gate: str, flights: Flights, tmp_path: Path) -> None:
    owner = process(gate, tmp_path, HOLD)
    assert owner.stdout is not None
    assert owner.stdout.readline() == "in\n"
    entered = threading.Event()

    def wait() -> bool:
        with flights.alone(("f", "1")) as flight:
            entered.set()
            return flight.waited and flight.is_alone

    threading.Timer(0.3, lambda: (entered.is_set() or note(tmp_path / "waited"), owner.kill())).start()
    start = time.monotonic()
    assert in_threads(wait) == [True]
    assert time.monotonic() - start < 10
    assert calls_in(tmp_path / "waited") == 1
    owner.communicate()


def test_an_owner_that_takes_long_is_waited_for(gate: str, flights: Flights, tmp_path: Path) -> None:
    owner = process(gate, tmp_path, HOLD)
    assert owner.stdout is not None
    assert owner.stdin is not None
    assert owner.stdout.readline() == "in\n"
    done: list[float] = []

    def end() -> None:
        done.append(time.monotonic())
        owner.stdin.write("\n")
        owner.stdin.flush()

    threading.Timer(2.5, end).start()  # longer than a lease lasts
    with flights.alone(("f", "1")) as flight:
        assert flight.is_alone
        assert done
    ended(owner)


CROSSING = """
with flights.alone({!r}):
    print("in", flush=True)
    sys.stdin.readline()
    with flights.alone({!r}) as inner:
        print(inner.is_alone, flush=True)
"""


def test_processes_that_wait_for_each_other_go_on(gate: str, tmp_path: Path) -> None:
    both = [process(gate, tmp_path, CROSSING.format(*keys)) for keys in (("a", "b"), ("b", "a"))]
    for each in both:
        assert each.stdout is not None
        assert each.stdout.readline() == "in\n"
    for each in both:
        assert each.stdin is not None
        each.stdin.write("\n")
        each.stdin.flush()
    assert "False" in [ended(each) for each in both]


def test_threads_that_wait_for_each_other_go_on(flights: Flights) -> None:
    barrier = threading.Barrier(3)

    def work(first: str, then: str) -> bool:
        with flights.alone(first):
            barrier.wait(HANG)
            with flights.alone(then) as inner:
                return inner.is_alone

    alone = in_threads(lambda: work("a", "b"), lambda: work("b", "c"), lambda: work("c", "a"))
    assert False in alone


def test_ctrl_c_ends_the_waiting(gate: str, flights: Flights, tmp_path: Path) -> None:
    code = """
print("ready", flush=True)
try:
    with flights.alone("key"):
        print("in")
except KeyboardInterrupt:
    print("interrupted")
"""
    with flights.alone("key"):
        waiter = process(gate, tmp_path, code)
        assert waiter.stdout is not None
        assert waiter.stdout.readline() == "ready\n"
        time.sleep(0.2)
        waiter.send_signal(signal.SIGINT)
        assert ended(waiter) == "interrupted"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system does not fork")
def test_a_forked_child_waits_for_its_parents_other_threads_only(flights: Flights) -> None:
    release, entered = threading.Event(), threading.Event()

    def hold() -> None:
        with flights.alone("theirs"):
            entered.set()
            release.wait(HANG)

    thread = threading.Thread(target=hold)
    thread.start()
    assert entered.wait(HANG)
    with flights.alone("mine"):
        child = os.fork()
        if child == 0:
            status = 1
            try:
                with flights.alone("mine") as again, flights.alone("new") as new:
                    status = 0 if (again.is_alone, new.is_alone) == (False, True) else 2
                    with flights.alone("theirs") as theirs:
                        status += 0 if theirs.waited and theirs.is_alone else 4
            finally:
                os._exit(status)
        time.sleep(0.2)
        assert os.waitpid(child, os.WNOHANG) == (0, 0)
        release.set()
        assert os.waitpid(child, 0)[1] == 0
    thread.join()


# Memoized functions

APP = """
import time, brinery
from tests.caching.running import note
@brinery.memoize(memory={memory}, ignore=('seconds',))
def f(x, log, seconds=0.3):
    note(log)
    time.sleep(seconds)
    return [x]
@brinery.memoize
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)
"""


@pytest.mark.parametrize("memory", [0, 1024])
def test_of_many_processes_one_computes(tmp_path: Path, memory: int) -> None:
    (tmp_path / "app.py").write_text(APP.format(memory=memory))
    code = f"import app; print(app.f(1, {str(tmp_path / 'log')!r}))"
    assert [ended(each) for each in [start(tmp_path, code) for _ in range(8)]] == ["[1]"] * 8
    assert calls_in(tmp_path / "log") == 1


def test_of_many_threads_one_computes(tmp_path: Path) -> None:
    log = tmp_path / "log"

    @brinery.memoize(store=tmp_path / "results")
    def f(x):
        note(log)
        time.sleep(0.2)
        return [x]

    assert in_threads(*[lambda: f(1)] * 8) == [[1]] * 8
    assert calls_in(log) == 1
    assert f.stats().waits == 7
    together = brinery.memoize(f.__wrapped__, store=tmp_path / "others", single_flight=False)
    assert in_threads(*[lambda: together(1)] * 3) == [[1]] * 3
    assert calls_in(log) == 4


def test_several_threads_of_several_processes_compute_each_once(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(APP.format(memory=8))
    code = f"""
import app
from concurrent.futures import ThreadPoolExecutor
with ThreadPoolExecutor(4) as pool:
    print(sum(sum(each) for each in pool.map(lambda x: app.f(x, {str(tmp_path / "log")!r}, 0.01), [3, 1, 0, 2] * 5)))
"""
    assert [ended(each) for each in [start(tmp_path, code) for _ in range(4)]] == ["30"] * 4
    assert calls_in(tmp_path / "log") == 4


def test_the_next_takes_over_from_one_that_was_killed(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(APP.format(memory=8))
    log = tmp_path / "log"
    owner = start(tmp_path, f"import app; app.f(1, {str(log)!r}, 1000)")
    end = time.monotonic() + HANG
    while not calls_in(log):
        assert time.monotonic() < end
        time.sleep(0.01)
    # The same call, as the seconds do not matter.
    waiter = start(tmp_path, f"import app; print(app.f(1, {str(log)!r}, 0))")
    time.sleep(1)
    assert (waiter.poll(), calls_in(log)) == (None, 1)
    owner.send_signal(signal.SIGKILL)
    began = time.monotonic()
    assert ended(waiter) == "[1]"
    assert time.monotonic() - began < 10
    assert calls_in(log) == 2
    owner.communicate()


def test_functions_call_themselves(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(APP.format(memory=8))
    assert run(tmp_path, "import app; print(app.fib(200), app.fib.stats().misses)") == f"{fib(200)} 201"


def fib(n: int) -> int:
    one, other = 0, 1
    for _ in range(n):
        one, other = other, one + other
    return one


def test_a_call_within_the_same_call_is_computed(tmp_path: Path) -> None:
    depth = threading.local()

    @brinery.memoize(store=tmp_path / "results", version=1)
    def f(x):
        if getattr(depth, "is_inside", False):
            return "inner"
        depth.is_inside = True
        return "outer of " + f(x)

    assert f(1) == "outer of inner"
    assert f(1) == "outer of inner"


def test_an_error_lets_the_next_one_try(tmp_path: Path) -> None:
    log = tmp_path / "log"

    @brinery.memoize(store=tmp_path / "results")
    def f(x):
        note(log)
        time.sleep(0.02)
        if calls_in(log) < 3:
            raise ValueError(x)
        return x

    def tried() -> Any:
        try:
            return f(1)
        except ValueError:
            return "failed"

    assert sorted(map(str, in_threads(*[tried] * 5))) == ["1", "1", "1", "failed", "failed"]
    assert calls_in(log) == 3
