"""brinery.explain says what dumps does."""

import json
import os
import pickle
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import brinery
from brinery.reducers import StandIn
from tests.strategies import graphs


class Cart:
    def __init__(self, **attributes):
        self.__dict__.update(attributes)


class Slotted:
    __slots__ = ("content",)

    def __init__(self, content):
        self.content = content


class Refusing:
    def __getstate__(self):
        raise ValueError("not me")


class Reduced:
    def __init__(self, value):
        self.value = value

    def __reduce__(self):
        return self.value


UNPICKLABLE = {
    "generator": lambda: (each for each in ()),
    "frame": sys._getframe,
    "refusing": Refusing,
    "wrong reduction": lambda: Reduced(5),
    "no callable": lambda: Reduced((1, ())),
    "no iterator": lambda: Reduced((Cart, (), None, 5)),
    "builtin without a name": lambda: type(iter([])),
}


def containers(children):
    return (
        st.lists(children, max_size=4)
        | st.dictionaries(st.text(max_size=3), children, max_size=4)
        | st.tuples(children, children)
        | st.builds(Slotted, children)
        | st.dictionaries(st.sampled_from("abcd"), children, max_size=3).map(lambda each: Cart(**each))
        | children.map(lambda each: lambda: each)
    )


def trees():
    """Objects with unpicklable ones in them, here and there."""
    broken = st.sampled_from(sorted(UNPICKLABLE)).map(lambda name: UNPICKLABLE[name]())
    fine = st.integers() | st.text(max_size=5) | st.just(threading.Lock()) | st.just(len) | st.just(Cart)
    return st.recursive(fine | fine | broken, containers, max_leaves=12)


def first_place(obj):
    """Where dumps() stops, or None."""
    try:
        brinery.dumps(obj)
    except brinery.EncodeError as error:
        return str(error).partition(": ")[0]
    return None


def stand_ins_in(obj, met=None):
    met = {} if met is None else met
    if id(obj) in met:
        return 0
    met[id(obj)] = obj
    if isinstance(obj, StandIn):
        return 1
    held = list(obj) if isinstance(obj, list | tuple | set | frozenset) else []
    if isinstance(obj, dict):
        held = [*obj, *obj.values()]
    held += [vars(obj)] if isinstance(obj, Cart) else [obj.content] if isinstance(obj, Slotted) else []
    held += [each.cell_contents for each in getattr(obj, "__closure__", None) or ()]
    return sum(stand_ins_in(each, met) for each in held)


@given(trees())
def test_it_finds_where_dumps_stops_and_all_that_becomes_stand_ins(obj):
    explanation = brinery.explain(obj)
    place = first_place(obj)
    assert explanation.ok == (place is None)
    loaded = brinery.loads(brinery.dumps(obj, unpicklable="stand-in"), trust="everything")
    assert stand_ins_in(loaded) == len(explanation.of("unpicklable"))


@given(graphs())
def test_what_can_be_pickled_is_ok_and_its_size_is_close(obj):
    explanation = brinery.explain(obj)
    assert explanation.ok == (first_place(obj) is None)
    size = len(brinery.dumps(obj, seal=False))
    assert abs(explanation.size - size) <= 40 + 0.1 * size


@pytest.mark.parametrize("name", sorted(UNPICKLABLE))
def test_each_kind_of_unpicklable_object_is_found_in_its_place(name):
    cart = Cart(items=[1, {"handler": UNPICKLABLE[name]()}], broken=(each for each in ()))
    explanation = brinery.explain(cart)
    assert [each.path for each in explanation.of("unpicklable")] == ["cart.items[1]['handler']", "cart.broken"]
    assert first_place(cart).startswith("cart.items[1]['handler']")
    loaded = brinery.loads(brinery.dumps(cart, unpicklable="stand-in"), trust="everything")
    assert isinstance(loaded.items[1]["handler"], StandIn)
    assert isinstance(loaded.broken, StandIn)


def test_memory_that_is_not_contiguous_is_told():
    holes = pickle.PickleBuffer(memoryview(b"abcd")[::2])
    assert [each.path for each in brinery.explain({"holes": holes}).of("unpicklable")] == ["dict['holes']"]
    assert first_place({"holes": holes}) == "dict['holes']"


def test_a_place_that_is_shared_is_told_once():
    broken = (each for each in ())
    assert [each.path for each in brinery.explain([broken, broken]).findings] == ["list[0]"]


def test_stand_ins_leave_what_copyreg_knows_as_it_is():
    import re

    obj = [re.compile("a+"), 1j, Cart(a=1), (each for each in ())]
    pattern, number, cart, _ = brinery.loads(brinery.dumps(obj, unpicklable="stand-in"), trust="everything")
    assert (pattern, number, cart.a) == (obj[0], 1j, 1)


def test_what_goes_by_value_is_told_with_the_reason():
    class Local:
        def method(self):
            return 1

    explanation = brinery.explain({"handler": lambda: 1, "made": Local(), "imported": len, "class": Cart})
    assert explanation.ok
    assert [(each.path, each.type, each.reason) for each in explanation.of("by value")] == [
        ("dict['handler']", "function", "a lambda has no name to import it by"),
        ("dict['made'].__class__", "type", "it is in a function's local scope"),
    ]
    assert all(each.size > 50 for each in explanation)


def test_what_is_held_by_a_function_is_found_in_it():
    broken = (each for each in ())
    explanation = brinery.explain([lambda: broken])
    assert explanation.of("unpicklable")[0].path == "list[0].__closure__[0][0]"


def test_what_is_made_anew_is_told(tmp_path):
    with open(tmp_path / "log.txt", "w") as log:
        explanation = brinery.explain(Cart(lock=threading.Lock(), log=log, done=threading.Event()))
    assert explanation.ok
    assert {each.path: each.reason for each in explanation.of("made anew")} == {
        "cart.lock": "a new lock, which nobody holds",
        "cart.log": "opened again by its path, at the same position",
        "cart.done": "a new event, set if this one is",
    }


def test_the_largest_parts_are_named_and_not_those_around_them():
    obj = {"a": [["x" * 6000]], "b": Cart(text="y" * 3000, more=b"z" * 2000), "c": [1, 2, 3]}
    largest = brinery.explain(obj).largest
    assert [(each.path, each.type) for each in largest] == [
        ("dict", "dict"),
        ("dict['a'][0][0]", "str"),
        ("dict['b']", "tests.test_explain.Cart"),
        ("dict['b'].text", "str"),
        ("dict['b'].more", "bytes"),
    ]


def test_arrays_are_named_with_their_size_and_not_copied():
    import tracemalloc

    numpy = pytest.importorskip("numpy")
    obj = Cart(weights=numpy.zeros(2_000_000), bias=numpy.zeros(1000))
    brinery.explain(obj)
    tracemalloc.start()
    explanation = brinery.explain(obj)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [each.path for each in explanation.largest] == ["cart.weights", "cart.bias"]
    assert explanation.size == pytest.approx(16_008_000, rel=0.01)
    assert peak < 1_000_000


def test_deep_objects_and_circles_are_no_problem():
    deep = broken = [(each for each in ())]
    for _ in range(100_000):
        deep = [deep]
    deep.append(deep)
    (finding,) = brinery.explain(deep).findings
    assert finding.path.startswith("list[0][0]")
    assert " ... " in finding.path
    assert len(finding.path) < 400
    assert broken


def test_an_object_among_its_own_arguments_is_told():
    class Own:
        def __reduce__(self):
            return Own, (self,)

    explanation = brinery.explain([Own()])
    assert any("among the arguments" in each.reason for each in explanation.of("unpicklable"))


def test_a_heavily_shared_graph_is_walked_once():
    shared = [1]
    for _ in range(200):
        shared = [shared, shared]
    assert brinery.explain(shared).ok


def test_it_is_data_and_text():
    explanation = brinery.explain(Cart(items=[(each for each in ())], lock=threading.Lock(), text="<b>" * 1000))
    assert json.loads(json.dumps(explanation.to_dict()))["findings"][0]["path"] == "cart.items[0]"
    assert [each.kind for each in explanation] == ["unpicklable", "made anew"]
    text = str(explanation)
    assert text.startswith("cart cannot be pickled: about 3.")
    for part in (
        "cannot be pickled\n  cart.items[0]  generator",
        "cart.lock  _thread.lock",
        "cart.text",
        "__getstate__",
    ):
        assert part in text
    assert repr(explanation).startswith("<Explanation of cart: 1 unpicklable, 2 findings, 3.")
    assert "<td>cart.items[0]</td>" in explanation._repr_html_()


def test_nothing_is_loaded_and_nothing_else_imported():
    script = (
        "import sys, brinery\n"
        "class Trap:\n"
        "    def __reduce__(self): return print, ('loaded',)\n"
        "before = set(sys.modules)\n"
        "assert brinery.explain([Trap(), 1.5]).ok\n"
        "print(sorted({'numpy', 'pandas', 'rich'} & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_it_agrees_with_dumps_on_every_hard_object_of_the_matrix(tmp_path):
    root = Path(__file__).parent.parent
    done = subprocess.run(
        [sys.executable, "-m", "tests.explained_cases", str(tmp_path)],
        env=os.environ | {"PYTHONPATH": f"{root}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith(" explained\n")
    assert done.stdout.count("\n") == 1
