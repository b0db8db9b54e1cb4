"""The two doors of the superset: brinery.dumps and brinery.loads."""

import pickle

import pytest
from hypothesis import given

import brinery
from brinery.reducers.registry import by_type
from tests.strategies import difference, graphs


@given(graphs())
def test_what_the_stdlib_can_pickle_comes_back_the_same_and_the_stdlib_reads_it(obj):
    data = brinery.dumps(obj)
    assert difference(obj, brinery.loads(data, trust="everything")) is None
    assert difference(obj, pickle.loads(data)) is None


@pytest.mark.parametrize("trust", [None, "everything"])
@pytest.mark.parametrize("data", [b"", b"no pickle", pickle.dumps([1, 2])[:-2]])
def test_bytes_that_are_no_pickle_are_refused(data, trust):
    with pytest.raises(brinery.DecodeError):
        brinery.loads(data, trust=trust)


def test_protocols_below_4_are_refused():
    assert brinery.loads(brinery.dumps(abs, protocol=4), trust="everything") is abs
    with pytest.raises(brinery.EncodeError, match="protocol 4 or 5, not 3"):
        brinery.dumps([1], protocol=3)


def test_an_unknown_answer_to_what_is_unpicklable_is_refused():
    with pytest.raises(ValueError, match="'raise' or 'stand-in', not 'skip'"):
        brinery.dumps([1], unpicklable="skip")


def test_large_memory_is_handed_over_uncopied():
    numpy = pytest.importorskip("numpy")
    array = numpy.arange(1_000_000.0)
    buffers = []
    data = brinery.dumps({"weights": array}, buffers=buffers)
    assert len(data) < 1_000
    loaded = brinery.loads(data, trust="everything", buffers=buffers)["weights"]
    assert numpy.shares_memory(loaded, array)
    assert (loaded == array).all()


def test_interrupts_are_not_taken_for_errors_of_the_object():
    class Stopped:
        def __reduce__(self):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        brinery.dumps(Stopped())


class Held:
    def __init__(self, url):
        self.url = url
        self.running = (each for each in ())


def test_a_registered_class_is_taken_apart_as_it_was_told():
    with pytest.raises(brinery.EncodeError, match="generator"):
        brinery.dumps([Held("a")])
    brinery.register(Held, lambda held: held.url, Held)
    try:
        one, other = brinery.loads(brinery.dumps([Held("a"), Held("b")]), trust="everything")
        assert (one.url, other.url) == ("a", "b")
        brinery.register(Held, lambda held: {"url": held.url}, lambda state: Held(state["url"] + "!"))
        assert brinery.loads(brinery.dumps(Held("a")), trust="everything").url == "a!"
    finally:
        by_type.pop(Held)


@pytest.mark.parametrize("cls", [dict, str, 3])
def test_what_cannot_be_registered_is_refused(cls):
    with pytest.raises(TypeError):
        brinery.register(cls, repr, eval)
    with pytest.raises(TypeError, match="callable"):
        brinery.register(Held, "repr", eval)
