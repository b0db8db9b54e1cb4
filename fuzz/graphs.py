"""Inputs for the encoder: random object graphs from a seed, some with members that fail or change what holds them."""

from __future__ import annotations

import collections
import datetime
import decimal
import pickle
import random
import signal
from collections.abc import Callable
from typing import Any

from tests import strategies
from tests.strategies import difference

from brinery import pickle as brinery_pickle


class Boom:
    """Cannot be saved."""

    def __reduce_ex__(self, protocol: object) -> object:
        raise ZeroDivisionError("boom")


class Rude:
    """Changes, while it is being saved, the containers that hold it."""

    def __init__(self, containers: list[Any], way: str) -> None:
        self.containers, self.way = containers, way

    def __reduce__(self) -> object:
        for container in self.containers:
            if self.way == "clear":
                container.clear()
            elif self.way == "grow" and len(container) > 1:  # the stdlib saves one item without a second look
                container.append("late") if isinstance(container, list) else container.setdefault("late", 1)
            elif self.way == "shrink" and container:
                container.pop() if isinstance(container, list) else container.popitem()
        return strategies.Reduced, tuple(self.containers[:1])


class Graph:
    """Makes one graph; the same seed makes the same graph again, of new objects."""

    def __init__(self, seed: str) -> None:
        self.random = random.Random(seed)
        self.made: list[Any] = []
        self.left = self.random.choice((5, 20, 60, 150))
        self.hostile = self.random.random() < 0.3

    def value(self, depth: int = 0) -> Any:
        """A random value, sometimes one that was given before."""
        self.left -= 1
        if self.made and self.random.random() < 0.15:
            return self.random.choice(self.made)
        if depth > 12 or self.left < 0 or self.random.random() < 0.4:
            return self.leaf()
        made = self.random.choice(CONTAINERS)(self, depth + 1)
        self.made.append(made)
        return made

    def leaf(self) -> Any:
        """A value that holds no other."""
        draw = self.random
        if self.hostile and draw.random() < 0.01:
            return Boom()
        return draw.choice(
            (
                None, True, draw.randrange(-5, 300), draw.getrandbits(70) - 2**69, draw.random(), "", "text", (), 3j,
                "\u20ac" * draw.randrange(90), b"bytes", b"b" * draw.randrange(300), strategies.Plain, len,
                strategies.Colour.RED, strategies.Access.READ, bytearray(b"x"), frozenset((1, draw.randrange(9))),
                datetime.date(2000, 1, draw.randrange(1, 29)), datetime.datetime(2001, 2, 3, fold=draw.randrange(2)),
                decimal.Decimal(draw.randrange(99)), strategies.MyInt(4), strategies.MyStr("s"), f"k{draw.randrange(9)}",
            )
        )  # fmt: skip

    def some(self, depth: int) -> list[Any]:
        """A few values."""
        return [self.value(depth) for _ in range(self.random.choice((0, 1, 2, 3, 4, 7, 12)))]

    def keyed(self, depth: int) -> dict[Any, Any]:
        """A few values under keys."""
        keys = [self.random.choice((f"k{index}", index, (index, "t"), float(index))) for index in range(9)]
        return dict(zip(keys, self.some(depth), strict=False))

    def named(self, depth: int) -> dict[str, Any]:
        """A few values under names."""
        return {f"n{index}": item for index, item in enumerate(self.some(depth))}


def a_list(graph: Graph, depth: int) -> Any:
    made = graph.random.choice((list, list, strategies.MyList))()
    graph.made.append(made)
    made += graph.some(depth)
    return made


def a_dict(graph: Graph, depth: int) -> Any:
    made = graph.random.choice((dict, dict, strategies.MyDict, collections.OrderedDict))()
    graph.made.append(made)
    made.update(graph.keyed(depth))
    return made


def an_instance(graph: Graph, depth: int) -> Any:
    made = graph.random.choice((strategies.Plain, strategies.Outer.Inner, strategies.SlottedWithDict))()
    graph.made.append(made)
    for name, item in graph.named(depth).items():
        setattr(made, name, item)
    return made


def slotted(graph: Graph, depth: int) -> Any:
    made = graph.random.choice((strategies.Slotted, strategies.SlottedWithDict))()
    graph.made.append(made)
    setattr(made, graph.random.choice("ab"), graph.value(depth))
    return made


def rows(graph: Graph, depth: int) -> Any:
    """Rows of one class or of numbers: the shapes that have fast paths."""
    count = graph.random.randrange(30)
    if graph.random.random() < 0.5:
        return [graph.random.choice((index, float(index), True)) for index in range(count)]
    made = [strategies.plain(strategies.Plain, {"a": index, "b": graph.leaf()}) for index in range(count)]
    if made and graph.random.random() < 0.5:
        graph.random.choice(made).odd = graph.value(depth)
    return made


def rude(graph: Graph, depth: int) -> Any:
    if not graph.hostile:
        return graph.leaf()
    around = [each for each in graph.made if type(each) in (list, dict)]
    way = graph.random.choice(("clear", "grow", "shrink"))
    return Rude(graph.random.sample(around, min(len(around), 2)), way)


CONTAINERS: list[Callable[[Graph, int], Any]] = [
    a_list, a_list, a_dict, a_dict, an_instance, an_instance, slotted, rows, rude,
    lambda graph, depth: tuple(graph.some(depth)),
    lambda graph, depth: strategies.MyTuple(graph.some(depth)),
    lambda graph, depth: strategies.Pair(graph.value(depth), graph.value(depth)),
    lambda graph, depth: strategies.Record(graph.value(depth), graph.value(depth)),
    lambda graph, depth: strategies.FrozenSlotted(graph.value(depth), graph.value(depth)),
    lambda graph, depth: strategies.Reduced(*graph.some(depth)),
    lambda graph, depth: strategies.plain(strategies.Stateful, {"kept": graph.value(depth)}),
    lambda graph, depth: collections.deque(graph.some(depth)),
    lambda graph, depth: collections.defaultdict(list, graph.keyed(depth)),
    lambda graph, depth: ValueError(*graph.some(depth)),
    lambda graph, depth: {graph.random.randrange(99) for _ in range(5)},
]  # fmt: skip


def dumped(module: Any, seed: str, protocol: int) -> tuple[type[Exception] | None, Any]:
    try:
        return None, module.dumps(Graph(seed).value(), protocol)
    except Exception as error:
        return type(error), str(error)


def disagreement(seed: int, seconds: int = 0) -> str | None:
    """What brinery does otherwise than the stdlib with the graph of this seed; None where they agree.

    `seconds` is what brinery may take before SIGALRM ends the process; 0 is for ever.
    """
    for protocol in random.Random(seed).sample(range(pickle.HIGHEST_PROTOCOL + 1), 2):
        theirs, stock = dumped(pickle, str(seed), protocol)
        if theirs is RecursionError:  # its depth is the interpreter's; ours is memory
            continue
        signal.alarm(seconds)
        ours, own = dumped(brinery_pickle, str(seed), protocol)
        signal.alarm(0)
        if ours is RuntimeError and "changed size" in own:  # noticed at once; by the stdlib at the end of a batch
            continue
        if theirs is not ours:
            return f"graph, protocol {protocol}: the stdlib: {theirs or 'a value'}, brinery: {ours or 'a value'}"
        if theirs is not None:
            continue
        expected = pickle.loads(stock)
        for reader, data in ((pickle, own), (brinery_pickle, own), (brinery_pickle, stock)):
            if why := difference(expected, reader.loads(data)):
                writer = "brinery" if data is own else "the stdlib"
                return f"graph, protocol {protocol}, by {writer}, read by {reader.__name__}: {why}"
    return None
