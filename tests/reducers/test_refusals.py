"""What lives in one process only is refused with the reason and with what to do, and nothing else is."""

import asyncio
import concurrent.futures
import copyreg
import multiprocessing
import select
import socket
import ssl
import subprocess
import sys
import threading

import pytest

import brinery
from brinery import reducers
from brinery.reducers.refusals import REFUSALS


class Worker(threading.Thread):
    """Of one's own, and importable: such an instance would have a plan."""


class Sent(threading.Thread):
    """Says itself how it goes."""

    def __init__(self, task):
        super().__init__()
        self.task = task

    def __getstate__(self):
        return self.task

    def __setstate__(self, task):
        self.__init__(task)


class Pending(concurrent.futures.Future):
    pass


def generator():
    yield 1


async def asynchronous():
    yield 1


async def coroutine():
    pass


def started(cls):
    thread = cls(target=int)
    thread.start()
    thread.join()
    return thread


@pytest.fixture
def cleanup():
    undo = []
    yield undo
    for each in reversed(undo):
        each()


def open_socket(cleanup):
    made = socket.socket()
    cleanup.append(made.close)
    return made


def connection(cleanup):
    ends = multiprocessing.Pipe()
    cleanup += [each.close for each in ends]
    return ends[0]


def process(cleanup):
    made = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    cleanup.append(lambda: made.communicate(b"\n"))
    return made


def future(cleanup):
    loop = asyncio.new_event_loop()
    cleanup.append(loop.close)
    return loop.create_future()


def waiting(cleanup):
    made = coroutine()
    cleanup.append(made.close)
    return made


def poller(cleanup):
    made = select.epoll()
    cleanup.append(made.close)
    return made


CASES = {
    "generator": (lambda cleanup: generator(), "stands in the midst of its code", "list(generator)"),
    "generator expression": (lambda cleanup: (x for x in ()), "stands in the midst of its code", "list(generator)"),
    "coroutine": (waiting, "stands in the midst of its code", "await it there"),
    "async generator": (
        lambda cleanup: asynchronous(),
        "stands in the midst of its code",
        "the function that makes it",
    ),
    "frame": (lambda cleanup: sys._getframe(), "belongs to a call", "the values that are needed"),
    "socket": (open_socket, "connection of this process", "Send the address"),
    "SSL context": (lambda cleanup: ssl.create_default_context(), "OpenSSL", "make it there"),
    "pipe": (connection, "connection of this process", "as it is started"),
    "thread": (lambda cleanup: started(threading.Thread), "has been started", "start a thread there"),
    "main thread": (lambda cleanup: threading.main_thread(), "has been started", "start a thread there"),
    "thread of one's own class": (lambda cleanup: started(Worker), "has been started", "start a thread there"),
    "process": (process, "has started and has to wait for", "returncode once it has ended"),
    "future": (lambda cleanup: concurrent.futures.Future(), "computed for this process", "Send its result()"),
    "future of one's own class": (lambda cleanup: Pending(), "computed for this process", "Send its result()"),
    "asyncio future": (future, "event loop", "Send its result()"),
    "poller": (poller, "watches files", "Make it there"),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("canonical", [False, True])
def test_it_is_refused_with_its_place_the_reason_and_what_to_do(name, canonical, cleanup):
    make, reason, suggestion = CASES[name]
    obj = {"job": [0, make(cleanup)]}
    for _ in range(2):  # the second time there may be a plan
        with pytest.raises(brinery.EncodeError) as found:
            brinery.dumps(obj, canonical=canonical)
        told = str(found.value)
        assert told.startswith(f"dict['job'][1]: cannot pickle {type(obj['job'][1]).__qualname__!r} object: ")
        assert reason in told
        assert f"{suggestion}" in told
        assert told.endswith('stand-in: dumps(obj, unpicklable="stand-in")')
        assert "Leave it out" not in told


@pytest.mark.parametrize("name", CASES)
def test_explain_and_stand_ins_have_the_same_reason(name, cleanup):
    make, reason, _ = CASES[name]
    obj = make(cleanup)
    (finding,) = brinery.explain([obj]).of("unpicklable")
    assert reason in finding.reason
    (made,) = brinery.loads(brinery.dumps([obj], unpicklable="stand-in"), trust="everything")
    assert isinstance(made, reducers.StandIn)
    assert reason in made.reason


def test_every_refusal_has_a_case(cleanup):
    refused = {base for make, _, _ in CASES.values() for base in type(make(cleanup)).__mro__}
    names = {f"{base.__module__}.{base.__qualname__}" for base in refused}
    names.add("_thread._ThreadHandle")  # within threads, since Python 3.13
    assert [each.types for each in REFUSALS if names.isdisjoint(each.types)] == []


@pytest.mark.skipif(sys.version_info >= (3, 13), reason="holds a handle that no other process can have")
def test_a_thread_that_was_never_started_can_be_started_elsewhere():
    script = """
import threading, brinery
thread = brinery.loads(brinery.dumps(threading.Thread(target=print, args=(5,))), trust="everything")
thread.start()
thread.join()
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "5\n"


def test_what_has_ended_is_data():
    done = concurrent.futures.Future()
    done.set_result({"answer": 42})
    assert brinery.loads(brinery.dumps(done), trust="everything").result() == {"answer": 42}
    process = subprocess.run([sys.executable, "-c", "raise SystemExit(3)"], check=False)
    assert brinery.loads(brinery.dumps(process), trust="everything").returncode == 3


def test_a_class_that_says_how_it_goes_goes_so():
    worker = Sent("task")
    worker.start()
    worker.join()
    assert brinery.loads(brinery.dumps(worker), trust="everything").task == "task"


def test_what_was_registered_goes_as_it_was_told(cleanup):
    made = open_socket(cleanup)
    copyreg.pickle(socket.socket, lambda found: (str, (found.family.name,)))
    try:
        assert brinery.loads(brinery.dumps(made), trust="everything") == "AF_INET"
    finally:
        del copyreg.dispatch_table[socket.socket]
