"""The graph of a stream: what it would build, without building it."""

import collections
import pickle
import pickletools
import sys
from typing import Any

import pytest
from tests.tracing import rebuilt

from brinery.codec import decode, encode, trace

PLAIN = [
    None, True, False, 0, 255, 256, 65535, 65536, -1, 2**31, -(2**31), 2**63, -(2**63), 2**200, -(2**200), 1.5, -0.0,
    float("inf"), 1e-320, "", "text", "é\ud800\U0001f600\\u1234\n", "x" * 300, b"", b"\x00\xff" * 200, (), (1,), (1, 2),
    (1, 2, 3), (1, 2, 3, 4), [], [1, [2, [3]]], {}, {"a": {"b": [None]}}, {1: 2, (1, 2): 3, 1.5: b"x"},
    list(range(2500)), dict.fromkeys(range(2500)), ["again", "again"],
]  # fmt: skip


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("obj", PLAIN, ids=lambda obj: repr(obj)[:20])
def test_plain_data_is_all_there(obj, protocol):
    data = pickle.dumps(obj, protocol)
    traced = trace(data)
    assert (traced.end, traced.error, traced.protocol) == (len(data), None, protocol if protocol > 1 else 0)
    if not traced.globals:
        assert repr(rebuilt(traced, data)) == repr(obj)


@pytest.mark.parametrize("obj", [{1, 2}, frozenset("ab"), bytearray(b"abc")])
def test_sets_and_bytearrays_have_opcodes_of_their_own(obj):
    data = pickle.dumps(obj, 5)
    assert rebuilt(trace(data), data) == obj


def test_what_is_shared_has_one_index():
    shared = [1]
    data = encode([shared, shared])
    traced = trace(data)
    first, second = traced[traced.root].items
    assert first == second


def test_cycles_are_followed_no_further_than_once():
    ring: list[Any] = []
    ring.append(ring)
    traced = trace(pickle.dumps(ring))
    assert traced[traced.root].items == [traced.root]


def test_calls_show_what_would_be_called_with_what():
    obj = collections.OrderedDict(a=1)
    traced = trace(pickle.dumps(obj, 4))
    node = traced[traced.root]
    assert (node.kind, traced[node.callee].value) == ("call", ("collections", "OrderedDict"))
    assert traced[node.args].items == []
    assert node.kwargs is None
    assert [traced[each].value for each in node.set] == ["a", 1]


def test_states_and_appended_items_are_kept_in_order():
    deque = collections.deque([1, 2], 5)
    node_of = trace(pickle.dumps(deque, 2))
    assert [node_of[each].value for each in node_of[node_of.root].appended] == [1, 2]
    data = b"\x80\x04cpkg\nThing\n)\x81}(K\x01K\x02ub}b."
    traced = trace(data)
    node = traced[traced.root]
    assert node.kind == "new"
    assert [len(traced[each].items) for each in node.states] == [2, 0]


def test_no_module_is_imported():
    assert "this" not in sys.modules
    assert trace(b"cthis\nd\n.").globals == [("this", "d", 0)]
    assert "this" not in sys.modules


def test_python_2_names_are_those_of_python_3_below_protocol_3():
    assert trace(b"\x80\x02c__builtin__\nxrange\n.").globals[0][:2] == ("builtins", "range")
    assert trace(b"\x80\x02ccopy_reg\n_reconstructor\n.").globals[0][:2] == ("copyreg", "_reconstructor")
    assert trace(b"\x80\x03c__builtin__\nxrange\n.").globals[0][:2] == ("__builtin__", "xrange")


def test_old_ways_to_make_instances():
    traced = trace(b"(K\x01ipkg\nThing\n.")
    node = traced[traced.root]
    assert (node.kind, traced[node.callee].value) == ("object", ("pkg", "Thing"))
    traced = trace(b"(cpkg\nThing\nK\x01o.")
    assert [traced[each].value for each in traced[traced[traced.root].args].items] == [1]


def test_extensions_persistent_ids_and_buffers_stand_for_themselves():
    assert [trace(data)[trace(data).root].value for data in (b"\x82\x07.", b"\x83\x01\x01.")] == [7, 257]
    assert trace(b"Pname\n.")[trace(b"Pname\n.").root].value == "name"
    traced = trace(b"\x97\x98\x97\x86.")
    assert [(traced[each].kind, traced[each].value) for each in traced[traced.root].items] == [
        ("buffer", 0),
        ("buffer", 1),
    ]


@pytest.mark.parametrize(
    ("data", "at"),
    [(b"", 0), (b"N", 1), (b"\x80\x04]\x94e.", 4), (b"K", 0), (b"\x8c\x05abc", 0), (b"\x8c\x01\xff.", 0), (b"(K\x01d.", 3),
     (b"\xff.", 0), (b"0.", 0), (b"h\x01.", 0), (b"]\x93.", 1), (b"\x80\x06.", 0), (b"I1x\n.", 0), (b"F1e999\n.", 0),
     (b"S'\\x1'\n.", 0), (b"V\\u12\n.", 0), (b"p0\n.", 0), (b"\x95\xff\x00\x00\x00\x00\x00\x00\x00.", 0)],
)  # fmt: skip
def test_a_broken_stream_says_where_and_shows_what_was_before(data, at):
    traced = trace(data)
    assert traced.root is None
    assert traced.error is not None
    assert traced.error[0] == at == traced.end
    with pytest.raises((pickle.UnpicklingError, EOFError, ValueError, OverflowError)):
        decode(data)


def test_the_graph_so_far_is_there_when_a_stream_breaks():
    traced = trace(b"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x02id\x85R\xff")
    assert [traced[each].kind for each in traced.stack] == ["call"]
    assert traced.globals[0][:2] == ("os", "system")


def test_an_index_into_the_memo_costs_nothing():
    traced = trace(b"]r\xff\xff\xff\xff0j\xff\xff\xff\xff.")
    assert traced[traced.root].kind == "list"
    data = b"Np9000000000000000000\n."
    assert trace(data).error is None


def test_several_pickles_in_a_row_are_read_by_their_offsets():
    one, two = pickle.dumps([1]), pickle.dumps("second")
    first = trace(one + two)
    second = trace(one + two, offset=first.end)
    assert (first.end, second.end) == (len(one), len(one + two))
    assert second[second.root].value == "second"
    with pytest.raises(ValueError, match="beyond"):
        trace(one, offset=1000)


def test_indices_of_nothing_in_the_stream_are_refused():
    traced = trace(pickle.dumps(["text", 2**70, 1.5, "é" * 300]))
    known = {traced.root, *traced[traced.root].items}
    for index in range(300 * 256):
        try:
            node = traced[index]
        except IndexError:
            assert index not in known
        else:
            assert node.kind
            assert repr(node)
    for index in (2**64 - 1, 2**40, 2**63):
        with pytest.raises(IndexError):
            traced[index]


def test_opcodes_are_those_of_pickletools():
    data = pickle.dumps([{"a": (1, 2.5, "text", b"bytes", 2**80)}, collections.OrderedDict()], 4)
    expected = [(at, opcode.name) for opcode, _, at in pickletools.genops(data)]
    assert [each[:2] for each in trace(data).opcodes()] == expected
    assert list(trace(b"Vhi\n.").opcodes()) == [(0, "UNICODE", "hi"), (4, "STOP", None)]
    assert list(trace(b"cos\nsystem\n\x8c").opcodes()) == [(0, "GLOBAL", "os system")]


def test_limits_stop_it_with_an_error():
    for limits in ({"objects": 100}, {"memo": 50}):
        traced = trace(pickle.dumps([[i] for i in range(1000)]), limits=limits)
        assert traced.error is not None
        assert "limit" in traced.error[1]
    with pytest.raises(ValueError, match="no limit is called"):
        trace(b"N.", limits={"height": 1})


def test_a_trace_pauses_behind_instances_and_goes_on_where_it_is_told():
    made = b"\x80\x04cpkg\nThing\n)\x81}X\x01\x00\x00\x00aK\x01sb"
    data = b"(" + made + b"RAW!" + made + b"\x00" + b"t."
    traced = trace(data, pause="Thing")
    assert traced.paused is not None
    assert (traced.root, traced.error) == (None, None)
    assert traced[traced[traced.paused].callee].value == ("pkg", "Thing")
    assert traced.end == data.index(b"RAW!")
    traced.resume(traced.end + 4)
    assert traced.paused is not None
    traced.resume(offset=traced.end + 1)
    assert (traced.paused, traced.end, len(traced[traced.root].items)) == (None, len(data), 2)
    with pytest.raises(ValueError, match="has not paused"):
        traced.resume(0)
    assert trace(b"(" + made + made + b"t.", pause="Other").error is None
    with pytest.raises(ValueError, match="beyond the end"):
        trace(made, pause="Thing").resume(1000)
    with pytest.raises(TypeError, match="must be a str"):
        trace(made, pause=1)


def test_calls_whose_results_are_thrown_away_are_found():
    call = b"cos\nsystem\n(V%s\ntR"
    assert trace(call % b"kept" + b".").dropped() == []
    traced = trace(call % b"one" + b"0" + call % b"two" + b"0N.")
    commands = [traced[traced[traced[each].args].items[0]].value for each in traced.dropped()]
    assert commands == ["two", "one"]
    inner = call.replace(b"V%s\n", call % b"in")
    assert len(trace(inner + b"0N.").dropped()) == 1
    assert trace(b"]" + call % b"in" + b"a(0.").dropped() == []
    assert len(trace(b"(" + call % b"in" + b"l0N.").dropped()) == 1
    assert trace(call % b"held" + b"\xff").dropped() == []


def test_calls_of_some_globals_are_found_and_what_their_results_are_called_for():
    call = b"c%s\nf\n(V%d\ntR"
    traced = trace(b"(" + call % (b"a", 1) + b"0" + call % (b"b", 2) + call % (b"a", 3) + b"(V4\ntR" + b"t.")
    assert [module for module, _, _ in traced.globals] == ["a", "b"]

    def given(indices):
        return [traced[traced[traced[each].args].items[0]].value for each in indices]

    assert given(traced.calls([0], 10)) == ["1", "3", "4"]
    assert given(traced.calls([1], 10)) == ["2"]
    assert given(traced.calls({0, 1}, 2)) == ["1", "2"]
    assert traced.calls([], 10) == traced.calls([0], 0) == []
    made = trace(b"\x80\x04(ca\nA\n)\x81ca\nA\n)}\x92(ia\nA\n(ca\nA\not.")
    assert len(made.calls([0], 10)) == 4
    with pytest.raises(IndexError, match="no such global"):
        traced.calls([2], 10)
    with pytest.raises(TypeError):
        traced.calls(["a"], 10)


def test_binaries_are_listed_wherever_they_stand():
    blob = b"x" * 20
    data = pickle.dumps([blob, {b"short": bytearray(b"y" * 30)}, collections.deque([b"z" * 40]), blob], 5)
    traced = trace(data)
    found = [data[at : at + size] for at, size in (traced[each].value for each in traced.binaries(20))]
    assert found == [blob, b"y" * 30, b"z" * 40]
    assert len(traced.binaries()) == 4
    assert len(trace(pickle.dumps(blob)).binaries(least=1)) == 1
    assert len(trace(pickle.dumps(blob, 3)[:-1]).binaries()) == 1


def test_names_that_are_no_text_have_escapes():
    data = b"U\x02\x8cxU\x01a\x93."
    assert trace(data).globals == [("\\x8cx", "a", 7)]
    assert trace(data)[trace(data).root].value == ("\\x8cx", "a")
