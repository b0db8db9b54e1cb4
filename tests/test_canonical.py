"""Canonical bytes: equal objects give equal bytes, wherever and whenever they are written."""

import collections
import copy
import hashlib
import json
import os
import pathlib
import pickle
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

import brinery
from brinery.reducers.canonical import leaves
from tests import canonical_objects
from tests.strategies import difference, graphs, trees

HERE = pathlib.Path(__file__).parent
OBJECTS = HERE / "canonical_objects.py"
GOLDEN = HERE / "canonical_golden.json"
# Each in a process of its own: a class that is there already would be taken in the place of the one that is loaded.
REWRITE = """
import os, pathlib, sys
import brinery
for name in sys.argv[1:]:
    child = os.fork()
    if child == 0:
        path = pathlib.Path(name)
        obj = brinery.loads(path.read_bytes(), trust="everything")
        path.write_bytes(brinery.dumps(obj, canonical=True))
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0, name
"""


def canonical(obj, **settings):
    return brinery.dumps(obj, canonical=True, **settings)


def run(*arguments, seed="random", cwd=None):
    environment = {**os.environ, "PYTHONHASHSEED": str(seed)}
    done = subprocess.run(
        [sys.executable, *map(str, arguments)], env=environment, cwd=cwd, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def hashes(directory):
    return {path.stem: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(directory.glob("*.pkl"))}


@pytest.mark.parametrize("seed", range(5))
def test_five_processes_of_any_hash_seed_and_version_write_the_bytes_that_were_recorded(tmp_path, seed):
    run(OBJECTS, tmp_path, seed=seed)
    assert hashes(tmp_path) == json.loads(GOLDEN.read_text())


def test_source_that_was_moved_gives_the_same_bytes(tmp_path):
    moved = tmp_path / "elsewhere" / "moved.py"
    moved.parent.mkdir()
    text = OBJECTS.read_text()
    assert "\n\n\nFACTOR" in text or "\n\nFACTOR" in text
    text = text.replace("\nFACTOR", "\n# moved\n\n\n\nFACTOR", 1).replace("\nclass ", "\n# and more\n\nclass ")
    moved.write_text(text)
    run(moved, tmp_path)
    assert hashes(tmp_path) == json.loads(GOLDEN.read_text())


def test_what_comes_back_from_a_fresh_process_gives_the_same_bytes(tmp_path):
    run(OBJECTS, tmp_path)
    run("-c", REWRITE, *tmp_path.glob("*.pkl"))
    assert hashes(tmp_path) == json.loads(GOLDEN.read_text())


def test_protocol_4_is_as_reproducible(tmp_path):
    found = []
    for seed in range(2):
        run(OBJECTS, tmp_path, 4, seed=seed)
        found.append(hashes(tmp_path))
    assert found[0] == found[1]
    assert found[0] != json.loads(GOLDEN.read_text())


@given(graphs())
def test_a_round_trip_changes_no_byte_and_the_stdlib_reads_them(obj):
    data = canonical(obj)
    never_shared = tuple(each for each in leaves() if isinstance(each, type))
    for loaded in (brinery.loads(data, trust="everything"), pickle.loads(data)):
        assert difference(obj, loaded, never_shared) is None
        assert canonical(loaded) == data


@given(trees)
def test_copies_give_the_bytes_of_the_original(obj):
    assert canonical(copy.deepcopy(obj)) == canonical(obj)


def rebuilt(text):
    """An equal string that is another object, unless there is but one."""
    return "".join(list(text))


@given(st.lists(st.text(max_size=5)), st.lists(st.binary(max_size=5)))
def test_text_and_bytes_count_by_value(words, chunks):
    one = [words, words * 2, dict.fromkeys(words, chunks), chunks * 2]
    other_chunks = [bytes(bytearray(each)) for each in chunks * 2]
    other = [words, list(map(rebuilt, words * 2)), dict.fromkeys(map(rebuilt, words), chunks), other_chunks]
    assert canonical(one) == canonical(other)


elements = st.recursive(
    st.one_of(st.integers(), st.text(max_size=4), st.floats(allow_nan=False), st.binary(max_size=3), st.none()),
    lambda parts: st.one_of(st.frozensets(parts, max_size=4), st.lists(parts, max_size=3).map(tuple)),
    max_leaves=12,
)


@given(st.lists(elements, max_size=8, unique=True), st.randoms(use_true_random=False))
def test_sets_count_whatever_order_they_were_built_in(items, chance):
    shuffled = chance.sample(items, len(items))
    others = {object() for _ in range(1000)}
    grown = others | set(shuffled)
    grown -= others
    assert canonical([set(items), frozenset(items)]) == canonical([grown, frozenset(shuffled)])


def test_dict_order_is_part_of_the_value():
    assert canonical({"a": 1, "b": 2}) != canonical({"b": 2, "a": 1})


def test_sharing_is_part_of_the_value_for_what_can_change():
    one = [1]
    assert canonical([one, one]) != canonical([[1], [1]])
    first, second = brinery.loads(canonical([one, one]), trust="everything")
    assert first is second


def test_attributes_kept_inline_or_in_a_dict_give_the_same_bytes():
    one, other = canonical_objects.Point(1), canonical_objects.Point(1)
    kept = vars(other)
    assert canonical(one) == canonical(other)
    assert kept["x"] == 1


def test_nested_sets_are_gone_through_once():
    deep = frozenset([0, 1])
    for _ in range(200):
        deep = frozenset([(deep, 0), (deep, 1)])
    data = canonical(deep)
    assert len(data) < 5_000
    assert canonical(pickle.loads(data)) == data


def test_a_deep_chain_of_sets_needs_no_stack():
    chain = frozenset()
    for i in range(20_000):
        chain = frozenset([chain, i])
    assert len(canonical(chain)) < 200_000


def test_sets_that_lead_to_themselves_are_told_apart_by_what_is_in_them():
    def graph(order):
        nodes = [canonical_objects.Node(name) for name in "abcdef"]
        for i, node in enumerate(nodes):
            node.near = {nodes[(i + step) % 6] for step in order}
        return nodes

    assert canonical(graph([1, 2, 3])) == canonical(graph([3, 2, 1]))
    assert canonical(graph([1, 2, 3])[0].near) == canonical(graph([3, 1, 2])[0].near)


def test_attributes_that_two_instances_share_are_written_as_they_come_back():
    one, other = canonical_objects.shared_attributes()
    data = canonical([one, other, vars(one)])
    assert canonical(brinery.loads(data, trust="everything")) == data


def test_elements_that_have_been_written_stand_in_the_order_they_were_written_in():
    alike = [canonical_objects.Node("same") for _ in range(50)]
    data = canonical([alike, set(alike)])
    assert canonical(pickle.loads(data)) == data


def test_elements_whose_first_kilobytes_are_the_same_are_told_apart_by_the_rest():
    common = tuple((i, str(i)) for i in range(2_000))
    one = {canonical_objects.Frozen((common, i)) for i in range(20)}
    other = {canonical_objects.Frozen((common, i)) for i in reversed(range(20))}
    assert canonical(one) == canonical(other)


def test_what_cannot_be_written_is_told_with_its_place_in_a_set():
    class Stuck:
        def __reduce__(self):
            raise TypeError("stuck")

    with pytest.raises(brinery.EncodeError, match=r"dict\['jobs'\]\.<element <tuple>>\[1\]: stuck"):
        canonical({"jobs": {1, (2, Stuck()), "x"}})


def test_an_interrupt_while_elements_are_compared_is_not_swallowed():
    class Stopped:
        def __reduce__(self):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        canonical({Stopped(), Stopped()})


def test_a_function_without_source_is_refused_with_the_reason():
    namespace = {}
    exec(compile("def made(): return 1", "<made>", "exec"), namespace)
    with pytest.raises(brinery.EncodeError, match=r"^list\[0\].*there is no source for '<made>', and canonical bytes"):
        canonical([namespace["made"]])


def local_class():
    class Local:
        count = 0

        def get(self):
            return self.count

    return Local


def test_a_class_comes_home_as_itself_and_keeps_its_other_identity():
    cls = local_class()
    usual = brinery.dumps(cls)
    data = canonical(cls)
    assert brinery.loads(data, trust="everything") is cls
    assert brinery.loads(usual, trust="everything") is cls
    cls.count = 5
    assert canonical(cls) != data
    assert brinery.loads(data, trust="everything") is cls
    assert brinery.dumps(cls) != usual  # its state went along; its identity is the same
    assert brinery.loads(brinery.dumps(cls), trust="everything") is cls


def test_classes_of_the_same_content_stay_apart():
    one, other = local_class(), local_class()
    assert canonical(one) == canonical(other)
    script = (
        "import sys, brinery\na, b = brinery.loads(bytes.fromhex(sys.argv[1]), trust='everything')\nassert a is not b"
    )
    run("-c", script, canonical([one, other]).hex())
    assert brinery.loads(canonical([one, other]), trust="everything")[0] is one


def test_functions_that_came_as_source_work_and_show_it_in_tracebacks():
    def fails(x):
        # a comment
        return x / 0

    script = (
        "import sys, brinery, traceback\n"
        "f = brinery.loads(bytes.fromhex(sys.argv[1]), trust='everything')\n"
        "try: f(1)\n"
        "except ZeroDivisionError: text = traceback.format_exc()\n"
        "assert 'return x / 0' in text, text\n"
    )
    run("-c", script, canonical(fails).hex())


def test_strings_of_several_lines_in_indented_functions_are_kept():
    def text():
        return """one
            two
        three"""

    loaded = brinery.loads(canonical(text), trust="everything")
    assert loaded() == text()
    assert canonical(loaded) == canonical(text)


def test_stand_ins_tell_nothing_of_the_process():
    one, other = [0, (i for i in ())], [0, (i for i in ())]
    data = canonical(one, unpicklable="stand-in")
    assert data == canonical(other, unpicklable="stand-in")
    assert "generator object" in repr(brinery.loads(data, trust="everything")[1])


def test_subclasses_of_sets_are_sorted_too():
    names = canonical_objects.Names("hello world")
    assert canonical(names) == canonical(canonical_objects.Names(reversed("hello world")))
    assert brinery.loads(canonical(names), trust="everything") == names


def test_counters_keep_their_order():
    assert canonical(collections.Counter("ab")) != canonical(collections.Counter("ba"))
