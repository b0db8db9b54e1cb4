"""Keys whose hash reads what they get only with their state: added to sets and dicts when they are whole."""

import collections
import dataclasses
import pickle
import pickletools
import subprocess
import sys
import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

import brinery
from brinery import pickle as brinery_pickle


class Node:
    def __init__(self, name):
        self.name = name

    def __hash__(self):
        return hash(self.name)

    def __eq__(self, other):
        return isinstance(other, Node) and self.name == other.name


class SlottedNode(Node):
    __slots__ = ("friends", "rows")  # and a dict


class Slots:
    __slots__ = ("friends", "name", "pairs", "ranks", "rows")
    __hash__, __eq__ = Node.__hash__, Node.__eq__

    def __init__(self, name):
        self.name = name


class OwnState(Node):
    def __getstate__(self):
        return dict(self.__dict__)


@dataclasses.dataclass(frozen=True)
class Edge:
    start: Node
    end: Node


@dataclasses.dataclass(frozen=True, slots=True)
class Frozen:
    name: str
    friends: set = dataclasses.field(default_factory=set, compare=False)


class Listener(Node):
    """Looks at its state as it is given it."""

    def __hash__(self):
        return hash(type(self))

    def __setstate__(self, state):
        self.__dict__.update(state)
        self.count = len(self.friends)


class Registry(dict):
    """Gives its items a hash that reads the registry."""

    __hash__ = object.__hash__


class Member:
    def __init__(self, registry, number):
        self.registry, self.number = registry, number

    def __hash__(self):
        return hash((self.registry.salt, self.number))

    def __eq__(self, other):
        return self.number == other.number


def forms(obj):
    """What each reader makes of each form of the bytes."""
    for protocol in (4, 5):
        for canonical in (False, True):
            data = brinery.dumps(obj, protocol=protocol, canonical=canonical)
            yield pickle.loads(data)
            yield pickle._loads(data)  # the reader in Python
            yield brinery_pickle.loads(data)
            yield brinery.loads(data, trust="everything")


@pytest.mark.parametrize("cls", [Node, SlottedNode, Slots, OwnState])
def test_an_instance_is_found_in_the_set_that_its_own_state_holds(cls):
    node = cls("a")
    node.friends = {node, 5}
    for made in forms(node):
        assert made in made.friends
        assert made.friends == {made, 5}
        assert any(each is made for each in made.friends)


def test_a_dict_keeps_its_order_and_its_values():
    node = Node("a")
    node.rows = {1: "one", node: [node], "x": 2, Node("b"): {3: 4}}
    for made in forms(node):
        assert list(made.rows) == [1, made, "x", Node("b")]
        assert made.rows[made][0] is made
        assert made.rows[Node("b")] == {3: 4}


@pytest.mark.parametrize("make", [dict, collections.OrderedDict, lambda items: collections.defaultdict(list, items)])
@pytest.mark.parametrize("rest", [{}, {1: 2}, dict.fromkeys(range(2500))])
def test_dicts_of_any_size_and_kind_wait_for_a_key(make, rest):
    node = Node("a")
    node.rows = make({**rest, node: "self", **{-1 - key: key for key in rest}})
    for made in forms(node):
        assert type(made.rows) is type(node.rows)
        assert list(made.rows.items()) == list(node.rows.items())
        assert made.rows[made] == "self"


def test_many_elements_wait():
    node = Node("a")
    node.rows = {(node, i) for i in range(2500)} | {"x"}
    for made in forms(node):
        assert made.rows == node.rows
        assert (made, 7) in made.rows


def test_instances_that_hold_each_other_and_a_key_that_is_two_of_them():
    a, b = Node("a"), Node("b")
    a.friends, b.friends = {b}, {a}
    a.rows = {Edge(a, b): 1, Edge(b, a): 2}
    b.rows = {Edge(a, a): 3}
    for root in (a, [b, a], (a, {"b": b}), {Edge(a, b)}):
        for made in forms(root):
            whole = brinery.loads(brinery.dumps(made), trust="everything")
            for graph in (made, whole):
                first = next(each for each in nodes_of(graph) if each.name == "a")
                (second,) = first.friends
                assert first in second.friends
                assert first.rows == {Edge(first, second): 1, Edge(second, first): 2}
                assert second.rows[Edge(first, first)] == 3


def nodes_of(graph):
    """The nodes of a graph of nodes and edges in builtin containers, each once."""
    found, pending = {}, [graph]
    while pending:
        part = pending.pop()
        if isinstance(part, Node | Slots | Edge):
            if id(part) in found:
                continue
            found[id(part)] = part
            pending += [getattr(part, name) for name in ("start", "end", "friends", "rows") if hasattr(part, name)]
        elif isinstance(part, dict):
            pending += [*part, *part.values()]
        elif isinstance(part, list | tuple | set):
            pending += part
    return [each for each in found.values() if not isinstance(each, Edge)]


def test_a_frozen_dataclass_with_slots_that_holds_itself():
    made = Frozen("a")
    made.friends.add(made)
    for each in forms(made):
        assert each in each.friends


def test_a_dict_of_a_class_of_its_own_waits_for_its_own_attributes():
    registry = Registry()
    registry.salt = 7
    for number in range(3):
        registry[Member(registry, number)] = number
    for made in forms(registry):
        assert made.salt == 7
        assert [each.number for each in made] == [0, 1, 2]
        assert all(made[Member(made, number)] == number for number in range(3))


def test_a_long_chain_in_which_all_hold_the_root_is_written_in_linear_space():
    def chain(length):
        root = last = Node(0)
        root.friends = {root}
        for i in range(1, length):
            last.next = Node(i)
            last.next.friends = {root, last, last.next}
            last = last.next
        return root

    assert len(brinery.dumps(chain(20_000))) < 12 * len(brinery.dumps(chain(2_000)))
    node = pickle.loads(brinery.dumps(chain(2_000)))
    while hasattr(node, "next"):
        assert node in node.friends
        assert node in node.next.friends
        node = node.next


def test_what_looks_at_its_state_as_it_gets_it_sees_all_of_it():
    made = Listener("a")
    made.friends = {made, 1}
    for each in forms([made, {"friends": made.friends}]):
        assert each[0].count == 2
        assert each[0] in each[0].friends


def test_what_lies_in_between_and_looks_sees_all_or_it_fails_as_ever():
    node = Node("a")
    node.between = Listener("b")
    node.between.friends = {node}
    with pytest.raises(brinery.DecodeError, match="has no attribute 'name'"):
        brinery.loads(brinery.dumps(node), trust="everything")


def test_a_frozenset_is_whole_when_it_is_made_so_that_nothing_waits():
    node = Node("a")
    node.friends = frozenset({node})
    with pytest.raises(brinery.DecodeError, match="has no attribute 'name'"):
        brinery.loads(brinery.dumps(node), trust="everything")


def test_the_drop_in_writes_what_the_stdlib_writes():
    node = Node("a")
    node.friends, node.rows = {node}, {node: 1}
    codes = [
        [opcode.name for opcode, _, _ in pickletools.genops(data) if opcode.name != "MEMOIZE"]
        for data in (brinery_pickle.dumps(node), pickle.dumps(node))
    ]
    assert codes[0] == codes[1]
    with pytest.raises(AttributeError):
        brinery_pickle.loads(brinery_pickle.dumps(node))


def test_a_failure_in_a_value_that_waited_tells_which_container_and_key():
    node = Node("a")
    node.rows = {node: 1, "file": sys._getframe()}
    with pytest.raises(brinery.EncodeError, match=r"node\.<dict>\['file'\]"):
        brinery.dumps(node)


def test_canonical_bytes_do_not_depend_on_how_the_graph_came_about():
    def graph(names):
        made = {name: Node(name) for name in names}
        for node in sorted(made.values(), key=lambda each: each.name):
            node.friends = {made[name] for name in names}
        return made["a"]

    data = brinery.dumps(graph("abcdefgh"), canonical=True)
    assert brinery.dumps(graph("hgfedcba"), canonical=True) == data
    assert brinery.dumps(pickle.loads(data), canonical=True) == data


REGISTRY = """
import pathlib, sys
import brinery

class Colour:
    known = set()
    by_name = {}
    def __init__(self, name): self.name = name
    def __hash__(self): return hash(self.name)
    def __eq__(self, other): return self.name == other.name

Colour.known.add(Colour("red"))
Colour.by_name[Colour("blue")] = Colour("blue")
red = Colour("red")
red.like = {red}
pathlib.Path(sys.argv[1]).write_bytes(brinery.dumps([Colour, red]))
"""


def test_instances_that_their_own_class_keeps_have_their_hash_where_the_class_goes_by_value(tmp_path):
    script, data = tmp_path / "registry.py", tmp_path / "registry.pkl"
    script.write_text(textwrap.dedent(REGISTRY))
    subprocess.run([sys.executable, script, data], check=True)
    cls, red = brinery.loads(data.read_bytes(), trust="everything")
    assert cls("red") in cls.known
    assert cls.by_name[cls("blue")] == cls("blue")
    assert red in red.like


kinds = st.sampled_from([Node, SlottedNode, Slots, OwnState])


@st.composite
def networks(draw):
    """Nodes that hold one another in sets, as keys of dicts, in keys of tuples and edges; and some of them, as root."""
    made = [draw(kinds)(f"n{i}") for i in range(draw(st.integers(1, 6)))]
    some = st.lists(st.sampled_from(made), max_size=4)
    for node in made:
        node.friends = set(draw(some))
        keys = st.one_of(
            st.sampled_from(made),
            st.tuples(st.sampled_from(made), st.integers(0, 2)),
            st.builds(Edge, st.sampled_from(made), st.sampled_from(made)),
            st.integers(0, 3),
        )
        values = st.one_of(st.none(), st.sampled_from(made), some)
        node.rows = draw(st.dictionaries(keys, values, max_size=4))
    return draw(st.one_of(st.sampled_from(made), some, st.tuples(st.sampled_from(made), some)))


def name_of(part):
    """A key or value in terms of names."""
    if isinstance(part, Node | Slots):
        return part.name
    if isinstance(part, Edge):
        return ("edge", part.start.name, part.end.name)
    return [name_of(each) for each in part] if isinstance(part, list | tuple) else part


def described(graph):
    """All that is in a network: of each node its type, its friends, and its rows in their order."""
    return {
        node.name: (
            type(node).__name__,
            {each.name for each in node.friends},
            [(name_of(key), name_of(value)) for key, value in node.rows.items()],
        )
        for node in nodes_of(graph)
    }


@given(networks())
def test_any_network_comes_back_and_all_of_its_keys_are_found(network):
    expected = described(network)
    for made in forms(network):
        assert described(made) == expected
        assert len(nodes_of(made)) == len(expected)
        for node in nodes_of(made):
            assert all(each in node.friends for each in list(node.friends))
            assert all(key in node.rows for key in list(node.rows))
