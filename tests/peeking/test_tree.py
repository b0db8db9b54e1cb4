"""Trees: what would be built, without building it."""

import collections
import json
import pickle
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

import brinery
from brinery.errors import DecodeError
from brinery.peeking import Tree

ABSENT = b"\x80\x04\x8c\x07no.such\x8c\x05Thing\x93)\x81}(\x8c\x05items](K\x01\x8c\x03twoe\x8c\x04self}ub."  # an instance of no.such.Thing


def root(obj, protocol=4) -> Tree:
    return brinery.peek(pickle.dumps(obj, protocol)).root


def plain(tree: Tree):
    match tree.kind:
        case "list":
            return [plain(each) for each in tree.elements()]
        case "tuple":
            return tuple(plain(each) for each in tree.elements())
        case "set":
            return {plain(each) for each in tree.elements()}
        case "dict":
            return {plain(key): plain(value) for key, value in tree.pairs()}
    return bytearray(tree.value) if tree.kind == "bytearray" else tree.value


scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary()
keys = st.integers() | st.text() | st.tuples(st.integers(), st.text())
data = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(keys, inner) | st.tuples(inner, inner))


@given(data, st.sampled_from([3, 4, 5]))
def test_plain_data_is_all_there(obj, protocol):
    assert plain(root(obj, protocol)) == obj


@given(st.dictionaries(keys, st.integers(), min_size=1))
def test_items_are_found_by_their_keys(obj):
    tree = root(obj)
    assert {key: tree[key].value for key in obj} == obj
    assert tree.keys() == list(obj)


def test_instances_of_classes_that_do_not_exist_keep_what_they_have():
    contents = brinery.peek(ABSENT)
    assert (contents.root.kind, contents.root.type) == ("new", "no.such.Thing")
    assert contents["items"][1].value == "two"
    assert contents.globals == ["no.such.Thing"]
    assert contents.root.keys() == ["items", "self"]


def test_calls_keep_arguments_states_and_items():
    tree = root(collections.Counter("abca"))
    assert (tree.kind, tree.type) == ("call", "collections.Counter")
    assert plain(tree.arguments[0]) == {"a": 2, "b": 1, "c": 1}
    deque = root(collections.deque([1, 2, 3], 5), 2)
    assert [each.value for each in deque.elements()] == [1, 2, 3]
    ordered = collections.OrderedDict(x=7)
    ordered.note = "kept"
    assert (root(ordered)["x"].value, root(ordered)["note"].value) == (7, "kept")


def test_states_that_are_no_attributes_are_there_too():
    tree = brinery.peek(b"\x80\x04cpkg\nThing\n)\x81(K\x01K\x02K\x03tb.").root
    assert [plain(each) for each in tree.loose_states()] == [(1, 2, 3)]
    slots = brinery.peek(b"\x80\x04cpkg\nThing\n)\x81N}X\x01\x00\x00\x00aK\x07s\x86b.").root
    assert slots["a"].value == 7


def test_keywords_and_computed_callees_are_shown():
    tree = brinery.peek(b"\x80\x04cpkg\nThing\n)}X\x01\x00\x00\x00kK\x05s\x92.").root
    assert [(name.value, value.value) for name, value in tree.keywords] == [("k", 5)]
    computed = brinery.peek(b"cbuiltins\ngetattr\n(cos\n__dict__\nVsystem\ntR(Vid\ntR.")
    assert computed.root.type == "what builtins.getattr returns"
    assert "<os.__dict__>" in str(computed)


def test_makers_of_instances_are_seen_through():
    class_of = brinery.peek(b"ccopy_reg\n_reconstructor\n(cpkg\nThing\nc__builtin__\nobject\nNtR.").root
    assert class_of.type == "pkg.Thing"


def test_what_is_not_there_raises_with_what_is():
    tree = root({"one": 1, "two": [1]})
    with pytest.raises(KeyError, match=r"'three' is not in this dict, which has 'one', 'two'"):
        tree["three"]
    with pytest.raises(IndexError):
        tree["two"][5]
    assert tree["two"][-1].value == 1
    with pytest.raises(KeyError):
        root({1: "int"})[True]


def test_the_last_of_equal_keys_counts_as_it_does_in_the_dict():
    assert brinery.peek(b"}(K\x01K\x02K\x01K\x03u.")[1].value == 3


def test_cycles_and_what_is_shared_are_shown_once():
    ring: list = [1, [2]]
    ring += [ring, ring[1]]
    tree = root({"ring": ring})
    assert str(tree).count("the same as") == 1  # [2] fits into a line
    assert tree["ring"][2].index == tree["ring"].index
    assert "list, the same as ['ring']" in str(tree)
    ring[1].extend([[], [[3, [4]]]])
    assert "the same as ['ring'][1]" in str(root({"ring": ring}))


def test_a_tree_that_doubles_at_every_level_stays_small():
    doubling = b"\x80\x04]\x94" + b"".join(b"h%ch%c\x86\x94" % (i, i) for i in range(200)) + b"."
    contents = brinery.peek(doubling)
    assert len(str(contents)) < 2_000
    assert len(contents.to_json(depth=200)) < 200_000


@pytest.mark.parametrize("stream", [b"]" * 300_000 + b"a" * 299_999 + b".", b"N" + b"\x85" * 300_000 + b"."])
def test_depth_is_no_matter(stream):
    contents = brinery.peek(stream)
    assert contents.ok
    assert str(contents).endswith("...")
    assert json.loads(contents.to_json(depth=10**9))["ok"] is True


def test_text_is_cut_to_a_sensible_depth_and_width():
    wide = str(root(list(range(1000))))
    assert wide.endswith("... 970 more")
    assert len(wide.splitlines()) == 32
    nested: list = []
    for _ in range(30):
        nested = [nested, [1, [2]]]
    assert len(str(root(nested)).splitlines()) < 60
    assert len(str(root("x" * 10**6))) < 200
    assert "bits" in str(root(7**10_000))


def test_the_file_has_no_say_over_the_terminal():
    hostile = {"\x1b[2J": "\x1b]0;owned\x07", "\u202e": b"\x1b[31m" * 9, ("\r\n",): {"\x1b": 1}}
    name = b"\x80\x04\x8c\x05\x1b[31m\x8c\x02\x07x\x93)R."
    for contents in (brinery.peek(pickle.dumps(hostile)), brinery.peek(name)):
        text = str(contents) + repr(contents) + repr(contents.root)
        assert all(line.isprintable() for line in text.splitlines())
        assert "\x1b" not in text


def test_objects_as_keys_are_walked_through_too():
    tree = brinery.peek(b"\x80\x04}cos\nsystem\n\x8c\x02id\x85RK\x01s.")
    assert "os.system(...)" in str(tree)
    assert "'id'" in str(tree)
    assert "os.system" in tree.to_json()


def test_calls_whose_results_are_thrown_away_are_shown():
    contents = brinery.peek(b"cos\nsystem\n(S'id'\ntR0N.")
    assert contents.root.value is None
    assert [each.type for each in contents.pickles[0].dropped()] == ["os.system"]
    assert "thrown away" in str(contents)
    assert json.loads(contents.to_json())["pickles"][0]["dropped"][0]["type"] == "os.system"


def test_persistent_ids_extensions_and_buffers_stand_for_themselves():
    assert brinery.peek(b"Pname\n.").root.value == "name"
    assert plain(brinery.peek(b"\x80\x02(Vstorage\nK\x01tQ.").root.elements()[0]) == ("storage", 1)
    assert "extension 7" in str(brinery.peek(b"\x82\x07."))
    buffers: list = []
    data = pickle.dumps([pickle.PickleBuffer(b"x" * 9)], 5, buffer_callback=buffers.append)
    assert "out-of-band buffer 0" in str(brinery.peek(data))


def test_json_has_it_all():
    facts = json.loads(brinery.peek(ABSENT + pickle.dumps([float("nan"), 2**5000, b"\xff\x00", {1, 2}])).to_json())
    thing, second = facts["pickles"]
    assert (thing["globals"], thing["error"]) == (["no.such.Thing"], None)
    assert thing["values"][0]["type"] == "no.such.Thing"
    assert [each["at"] for each in thing["values"][0]["holds"]] == [".items", ".self"]
    values = second["values"][0]["holds"]
    assert [each.get("value") for each in values[:2]] == ["nan", hex(2**5000)]
    assert values[2]["hex"] == "ff00"
    assert json.loads(root([[[]]]).to_json(depth=1)) == {"kind": "list", "offset": 11, "left_out": 1}
    assert json.loads(root([1, 2, 3]).to_json(width=1))["holds"][1] == {"left_out": 2}


@pytest.mark.parametrize("protocol", range(6))
def test_a_broken_stream_shows_what_there_is_and_where_it_breaks(protocol):
    whole = pickle.dumps([{"first": list(range(300))}, {"second": 2}], protocol)
    contents = brinery.peek(whole[:-20])
    assert not contents.ok
    at, message = contents.pickles[0].error
    assert 0 < at < len(whole)
    assert "truncated" in message or "out of input" in message
    assert "'first'" in str(contents)
    assert f"broken at byte {at}" in str(contents)
    with pytest.raises(DecodeError, match="is broken at byte"):
        contents["first"]


def test_a_stream_that_breaks_after_its_payload_shows_the_payload():
    contents = brinery.peek(b"\x80\x04cos\nsystem\n\x8c\x02id\x85R\xff")
    assert contents.globals == ["os.system"]
    assert [each.type for each in contents.pickles[0].values()] == ["os.system"]
    assert contents.pickles[0].error[0] == 19


@pytest.mark.parametrize("data", [b"", b"hello world", b"\x00" * 100, b"<html>"])
def test_what_is_no_pickle_is_said_to_be_none(data):
    contents = brinery.peek(data)
    assert [each.code for each in contents.problems] == ["no-pickle"]
    assert not contents.ok
    with pytest.raises(DecodeError, match="no pickle in it"):
        contents["anything"]


def test_nothing_is_run_or_imported():
    code = (
        "import sys, brinery, brinery.peeking.known\n"
        "brinery.peek(b'N.')\n"
        "before = set(sys.modules)\n"
        "contents = brinery.peek(b'cantigravity\\nfly\\n(cthis\\nd\\ncnumpy\\nzeros\\n(K\\x03tRtR.')\n"
        "str(contents), contents.to_json(), repr(contents)\n"
        "print(sorted({'antigravity', 'this', 'numpy'} & set(sys.modules)), contents.globals)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[] ['antigravity.fly', 'this.d', 'numpy.zeros']\n"


def test_a_broken_stream_that_leaves_much_on_its_stack_is_cut_too():
    contents = brinery.peek(b"]" * 100_000)
    assert len(contents.pickles[0].values()) == 100_000
    assert len(str(contents).splitlines()) < 40
    assert len(json.loads(contents.to_json(width=10))["pickles"][0]["values"]) == 11
