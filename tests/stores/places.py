"""Places of stores in tests, and what other processes do there."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

from brinery.errors import StoreError
from brinery.stores.addresses import split_name
from brinery.stores.backend import Backend, Range
from brinery.stores.opening import backend_at

ALL = Range(b"", b"\xff" * 1000)
LEASE = 1.0  # seconds


class Place(NamedTuple):
    """Where a store is."""

    kind: str
    address: str

    def open(self) -> Backend:
        return backend_at(self.address, durable=False)

    def open_impatiently(self) -> Backend:
        """With leases that run out soon."""
        if self.kind == "redis":
            from brinery.stores.redis import Redis

            return Redis(*split_name(self.address), lease=LEASE)
        if self.kind == "objects":
            from brinery.stores.objects import Objects

            return Objects(self.address, lease=LEASE)
        return self.open()

    def start(self, what: str, *arguments: object) -> subprocess.Popen[str]:
        """Have another process do something of this file there."""
        code = f"import sys; from tests.stores.places import *; {what}(Place(*sys.argv[1:3]), *sys.argv[3:])"
        command = [sys.executable, "-W", "error", "-c", code, *self, *map(str, arguments)]
        root = Path(__file__).parents[2]
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root)


def ended(process: subprocess.Popen[str]) -> str:
    """What a process has said, once it has ended without an error."""
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    return output


def line_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def increment(backend: Backend, times: int) -> None:
    """Add to a number, each time in a transaction of its own."""
    for _ in range(times):
        with backend.transaction():
            number = int(backend.get([b"number"]).get(b"number", b"0"))
            backend.put([(b"number", b"%d" % (number + 1))])


def tell_id(place: Place) -> None:
    sys.stdin.readline()
    backend = place.open()
    print(backend.id.hex())
    backend.close()


def increment_there(place: Place, times: str) -> None:
    backend = place.open()
    increment(backend, int(times))
    backend.close()


def wait_in_transaction(place: Place) -> None:
    """Begin a transaction, and end it when told."""
    backend = place.open_impatiently()
    try:
        with backend.transaction():
            backend.put([(b"mine", b"1"), (b"shared", b"mine")])
            print("within", flush=True)
            sys.stdin.readline()
        print("written", flush=True)
    except StoreError as error:
        print(f"refused: {error}", flush=True)
    backend.close()


def write_rounds(place: Place, size: str) -> None:
    """Write the number of the round to so many rows in a transaction, round after round."""
    backend = place.open_impatiently()
    for number in range(1_000_000):
        backend.put([(b"row%d" % row, b"%d" % number) for row in range(int(size))], [b"gone%d" % number])
        print(number, flush=True)


def fork_and_use(place: Place) -> None:
    """Use the place, fork in a transaction of another thread's, and use it in the child and again in the parent."""
    import threading

    backend = place.open()
    within, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with backend.transaction():
            backend.put([(b"thread", b"1")])
            within.set()
            leave.wait()

    backend.put([(b"before", b"1")])
    thread = threading.Thread(target=hold)
    thread.start()
    within.wait()
    if place.kind == "sqlite":
        # Its fork waits for the thread.
        threading.Timer(0.2, leave.set).start()
    child = os.fork()
    if child == 0:
        try:
            assert backend.get([b"before"]) == {b"before": b"1"}
            backend.put([(b"child", b"1")])
            with backend.transaction():
                backend.put([(b"child2", b"2")])
            print("used", flush=True)
        except StoreError as error:
            print(f"refused: {error}", flush=True)
        os._exit(0)
    time.sleep(0.2)
    leave.set()
    thread.join()
    os.waitpid(child, 0)
    increment(backend, 1)
    backend.close()
