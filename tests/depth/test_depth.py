"""Depth is limited by memory: nothing recurses as deep as the objects do, on a thread with half a megabyte of stack."""

import subprocess
import sys

import pytest

# In a process of its own: a stack that overflows takes the process along.
PROGRAM = """
import sys, threading
from brinery import pickle

class Link:
    pass

class Reduced:
    def __init__(self, inner):
        self.inner = inner
    def __reduce__(self):
        return Reduced, (self.inner,)

def nested_list(depth):
    made = []
    for _ in range(depth - 1):
        made = [made]
    return made

def linked_list(length):
    head = None
    for i in range(length):
        link = Link()
        link.number, link.next = i, head
        head = link
    return head

def unlink(head):
    # CPython 3.13 itself overflows a small stack when it frees a long chain of instances.
    while head is not None:
        head.next, head = None, head.next

def check_list(protocol):
    made = nested_list(1_000_000)
    found, depth = pickle.loads(pickle.dumps(made, protocol)), 1
    while found:
        (found,), depth = found, depth + 1
    assert depth == 1_000_000, depth

def check_links(protocol):
    made = linked_list(200_000)
    head, number = pickle.loads(pickle.dumps(made, protocol)), 200_000
    link = head
    while link is not None:
        number -= 1
        assert link.number == number
        link = link.next
    assert number == 0
    unlink(made)
    unlink(head)

def check_mixed(protocol):
    made = "core"
    for i in range(20_000):
        made = (made, {"k": [made]}) if i % 2 else {"a": made}
        made = {"only": made}
    found = pickle.loads(pickle.dumps(made, protocol))
    assert list(found) == ["only"]

def check_reduced(protocol):
    made = None
    for _ in range(5_000):
        made = Reduced(made)
    found, depth = pickle.loads(pickle.dumps(made, protocol)), 0
    while found is not None:
        found, depth = found.inner, depth + 1
    assert depth == 5_000

def check_frozen(protocol):
    made = frozenset()
    for _ in range(2_000):
        made = frozenset([made])
    assert len(pickle.loads(pickle.dumps(made, protocol))) == 1

def check_endless(protocol):
    class Endless:
        def __reduce__(self):
            return Reduced, (Endless(),)
    try:
        pickle.dumps(Endless(), protocol)
    except RecursionError:
        return
    raise AssertionError("an endless reduce value was taken")

failed = []
def run():
    try:
        globals()["check_" + sys.argv[1]](int(sys.argv[2]))
    except BaseException as error:
        failed.append(repr(error))
threading.stack_size(512 * 1024)
thread = threading.Thread(target=run)
thread.start()
thread.join()
print("failed:", *failed) if failed else print("done")
"""


@pytest.mark.parametrize("protocol", [0, 2, 4, 5])
@pytest.mark.parametrize("shape", ["list", "links", "mixed", "reduced", "frozen"])
def test_deep_objects_dump_and_load_on_a_small_stack(shape, protocol):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, shape, str(protocol)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "done\n"), done.stderr[-500:]


def test_endless_reduce_values_end_in_recursion_error():
    done = subprocess.run([sys.executable, "-c", PROGRAM, "endless", "5"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "done\n"), done.stderr[-500:]
