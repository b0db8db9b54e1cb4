"""Classes that no list knows."""

from dataclasses import dataclass


@dataclass
class Point:
    x: int
    y: int


@dataclass(frozen=True)
class Tag:
    name: str


class Row(list):
    pass


class Table(dict):
    pass
