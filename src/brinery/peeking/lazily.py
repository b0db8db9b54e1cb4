"""Sequences whose items are made as they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar, overload

From = TypeVar("From")
To = TypeVar("To")


class Lazily(Sequence[To], Generic[From, To]):
    """Each item of a list by a function: a million items cost nothing before they are looked at."""

    __slots__ = ("_make", "_seeds")

    def __init__(self, seeds: Sequence[From], make: Callable[[From], To]) -> None:
        """Of these, by that function."""
        self._seeds = seeds
        self._make = make

    @overload
    def __getitem__(self, index: int) -> To: ...
    @overload
    def __getitem__(self, index: slice) -> list[To]: ...
    def __getitem__(self, index: Any) -> Any:
        """The item, or a list of those in a slice; raises IndexError."""
        if isinstance(index, slice):
            return [self._make(each) for each in self._seeds[index]]
        return self._make(self._seeds[index])

    def __len__(self) -> int:
        return len(self._seeds)
