"""Instances of classes: the program's own and the standard library's."""

from __future__ import annotations

import argparse
import ast
import collections
import datetime
import decimal
import enum
import pathlib
import random
import uuid
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from bench.workloads.builtin import word


@dataclass
class Line:
    sku: str
    quantity: int
    price: float


@dataclass
class Order:
    number: int
    customer: str
    lines: list[Line] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)


def orders() -> list[Order]:
    source = random.Random(11)
    return [
        Order(
            i,
            word(source),
            [Line(word(source), source.randint(1, 9), source.random()) for _ in range(4)],
            [word(source)],
        )
        for i in range(2000)
    ]


@dataclass(frozen=True, slots=True)
class Point:
    x: float
    y: float
    name: str


def points() -> list[Point]:
    source = random.Random(12)
    return [Point(source.random(), source.random(), word(source)) for _ in range(6000)]


class Node:
    def __init__(self, number: int) -> None:
        self.number = number
        self.links: list[Node] = []
        self.label = f"kind {number % 50}"


def graph() -> list[Node]:
    source = random.Random(13)
    nodes = [Node(i) for i in range(4000)]
    for i, node in enumerate(nodes):
        # Only to the next few: the stdlib walks links by recursion, which a long chain exhausts.
        node.links = [nodes[source.randrange(i - i % 40, i - i % 40 + 40)] for _ in range(4)]
    return nodes


def same_graph(one: list[Node], other: list[Node]) -> bool:
    places = {id(node): i for i, node in enumerate(other)}
    numbers = {id(node): i for i, node in enumerate(one)}
    return all(
        a.number == b.number
        and a.label == b.label
        and [numbers[id(n)] for n in a.links] == [places[id(n)] for n in b.links]
        for a, b in zip(one, other, strict=True)
    )


def syntax_tree() -> ast.Module:
    return ast.parse(pathlib.Path(argparse.__file__).read_text(encoding="utf-8"))


def same_tree(one: ast.Module, other: ast.Module) -> bool:
    return ast.dump(one, include_attributes=True) == ast.dump(other, include_attributes=True)


class Sample(NamedTuple):
    number: int
    name: str
    value: float


def namedtuples() -> list[Sample]:
    source = random.Random(14)
    return [Sample(i, word(source), source.random()) for i in range(8000)]


class Colour(enum.Enum):
    RED = 1
    GREEN = 2
    BLUE = 3


def enums_and_dates() -> list[Any]:
    start = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    return [
        (Colour(1 + i % 3), start + datetime.timedelta(seconds=77 * i), datetime.date(2020, 1 + i % 12, 1 + i % 28))
        for i in range(4000)
    ]


def decimals_and_uuids() -> list[Any]:
    source = random.Random(15)
    return [
        (decimal.Decimal(source.randint(1, 10**9)) / 100, uuid.UUID(int=source.getrandbits(128))) for _ in range(3000)
    ]


class Account:
    def __init__(self, number: int) -> None:
        self.number = number
        self.history = [number]

    def __getstate__(self) -> dict[str, Any]:
        return {"number": self.number, "history": self.history}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.number = state["number"]
        self.history = state["history"]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Account) and vars(self) == vars(other)

    __hash__ = None  # type: ignore[assignment]


def stateful() -> list[Account]:
    return [Account(i) for i in range(5000)]


def paths() -> list[pathlib.PurePosixPath]:
    source = random.Random(16)
    return [pathlib.PurePosixPath(f"/srv/data/{word(source)}/{word(source)}.bin") for _ in range(4000)]


class Celsius(float):
    pass


def float_subclasses() -> list[Celsius]:
    source = random.Random(17)
    return [Celsius(source.random()) for _ in range(8000)]


def collections_of_counts() -> list[Any]:
    source = random.Random(18)
    ordered = [collections.OrderedDict((word(source), i) for i in range(5)) for _ in range(2000)]
    return [*ordered, *(collections.Counter(word(source)) for _ in range(2000))]
