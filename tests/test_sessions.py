"""Sessions: code goes once, and as a number from then on."""

import subprocess
import sys

import pytest

import brinery
from brinery import Session


def local_class():
    class Local:
        def __init__(self, part):
            self.part = part

        def doubled(self):
            return self.part * 2

    return Local


def both_sides():
    return Session(), Session()


def test_a_function_sent_again_is_short_and_the_same_on_the_other_side():
    here, there = both_sides()
    offset = [3]
    function = lambda x: x + offset[0]  # noqa: E731
    messages = [here.dumps(function) for _ in range(3)]
    assert len(messages[1]) == len(messages[2]) < 150 < len(messages[0])
    loaded = [there.loads(each, trust="everything") for each in messages]
    assert loaded[0] is loaded[1] is loaded[2] is not function
    assert loaded[0](4) == 7


def test_instances_of_a_class_that_was_sent_name_it_by_its_number():
    here, there = both_sides()
    cls = local_class()
    first, second = here.dumps(cls("a")), here.dumps([cls("b"), cls("c")])
    assert len(second) < len(first) / 2
    assert there.loads(first, trust="everything").doubled() == "aa"
    assert [each.doubled() for each in there.loads(second, trust="everything")] == ["bb", "cc"]


def test_a_fresh_process_follows_a_session():
    here = Session()
    cls = local_class()
    messages = [here.dumps((cls(number), lambda x, number=number: x + number)).hex() for number in range(3)]
    script = (
        "import sys, brinery\n"
        "there = brinery.Session()\n"
        "for each in sys.argv[1:]:\n"
        "    made, function = there.loads(bytes.fromhex(each), trust='everything')\n"
        "    print(made.doubled(), function(10))\n"
    )
    done = subprocess.run([sys.executable, "-c", script, *messages], capture_output=True, text=True, check=True)
    assert done.stdout == "0 10\n2 11\n4 12\n"


def test_both_sides_of_a_session_can_send():
    here, there = both_sides()
    one, other = (lambda: 1), (lambda: 2)
    assert there.loads(here.dumps(one), trust="everything")() == 1
    assert here.loads(there.dumps(other), trust="everything")() == 2
    assert there.loads(here.dumps(one), trust="everything")() == 1
    assert here.loads(there.dumps(other), trust="everything")() == 2


def test_what_refers_to_itself_is_sent_once():
    here, there = both_sides()
    namespace = {"__name__": "__main__"}
    exec("def fact(n):\n    return 1 if n < 2 else n * fact(n - 1)\n", namespace)
    first, second = here.dumps(namespace["fact"]), here.dumps(namespace["fact"])
    assert there.loads(first, trust="everything")(5) == 120
    assert there.loads(second, trust="everything")(6) == 720


def test_what_was_not_received_is_told():
    here, there = both_sides()
    function = lambda: 1  # noqa: E731
    here.dumps(function)
    again = here.dumps(function)
    for load in (there.loads, brinery.loads):
        with pytest.raises(brinery.DecodeError, match="sent earlier in a session"):
            load(again, trust="everything")
    here.forget()
    assert there.loads(here.dumps(function), trust="everything")() == 1


def test_a_message_that_failed_was_not_sent_and_one_that_does_not_load_was_not_received():
    here, there = both_sides()
    function = lambda: 1  # noqa: E731
    with pytest.raises(brinery.EncodeError):
        here.dumps([function, (each for each in ())])
    whole = here.dumps(function)
    assert len(whole) > 150
    with pytest.raises(brinery.DecodeError):
        there.loads(whole[: len(whole) // 2], trust="everything")
    assert repr(there) == "<brinery.Session, 0 sent, 0 received>"
    assert there.loads(whole, trust="everything")() == 1
    assert repr(here) == "<brinery.Session, 1 sent, 0 received>"


def test_code_from_elsewhere_is_not_loaded_unless_it_is_asked_for():
    here, there = both_sides()
    data = here.dumps(lambda: 1, seal=False)
    with pytest.raises(brinery.UntrustedError):
        there.loads(data)
    assert there.loads(data, trust="everything")() == 1
