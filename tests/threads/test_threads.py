"""Many threads, each with its own Pickler or sharing the functions, while classes are being redefined."""

import copyreg
import io
import subprocess
import sys
import threading

import pytest

from brinery import pickle as brinery_pickle
from tests.strategies import Plain, Record, Reduced, difference, plain

THREADS = 8
ROUNDS = 150
MODULE = sys.modules[__name__]


class Shifting:
    """Overridden and put back by another thread all the while."""

    def __init__(self, value):
        self.value = value


def own_getstate(self):
    return {"value": self.value}


def own_reduce(self):
    return Shifting, (self.value,)


def shift(stop):
    """Every form below pickles to the same value, each another way."""
    while not stop.is_set():
        Shifting.__getstate__ = own_getstate
        Shifting.__reduce__ = own_reduce
        del Shifting.__getstate__
        copyreg.pickle(Shifting, own_reduce)
        del Shifting.__reduce__
        del copyreg.dispatch_table[Shifting]
        Shifting.extra = [1]
        MODULE.Passing = type("Passing", (), {"__module__": __name__})
        brinery_pickle.loads(brinery_pickle.dumps(MODULE.Passing(), 5))


def work(number, failures, use_pickler):
    shared = [number, "text" * number]
    obj = [
        [Shifting(i) for i in range(20)],
        plain(Plain, {"shared": shared, "n": number}),
        Record(f"r{number}", shared, [1.5, shared]),
        Reduced(shared, {"k": (shared,)}),
    ]
    try:
        for _ in range(ROUNDS):
            if use_pickler:
                file = io.BytesIO()
                brinery_pickle.Pickler(file, 5).dump(obj)
                file.seek(0)
                found = brinery_pickle.Unpickler(file).load()
            else:
                found = brinery_pickle.loads(brinery_pickle.dumps(obj, 5))
            why = difference(obj, found)
            if why is not None:
                failures.append(why)
                return
    except Exception as error:
        failures.append(repr(error))


@pytest.mark.parametrize("use_pickler", [False, True])
def test_threads_get_right_results_while_classes_change(use_pickler):
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    stop = threading.Event()
    failures: list[str] = []
    shifter = threading.Thread(target=shift, args=(stop,))
    workers = [threading.Thread(target=work, args=(i, failures, use_pickler)) for i in range(THREADS)]
    try:
        shifter.start()
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    finally:
        stop.set()
        shifter.join()
        sys.setswitchinterval(before)
        copyreg.dispatch_table.pop(Shifting, None)
    assert failures == []


SUBINTERPRETER = """
try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters
code = "from brinery import pickle; assert pickle.loads(pickle.dumps([1, {'a': (2.5, None)}], 5)) == [1, {'a': (2.5, None)}]"
for _ in range(3):
    interpreter = interpreters.create()
    failure = interpreters.run_string(interpreter, code)
    assert failure is None, failure
    interpreters.destroy(interpreter)
from brinery import pickle
print(pickle.loads(pickle.dumps("main interpreter lives", 5)))
"""


def test_subinterpreters_have_cores_of_their_own():
    done = subprocess.run([sys.executable, "-c", SUBINTERPRETER], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "main interpreter lives\n"
