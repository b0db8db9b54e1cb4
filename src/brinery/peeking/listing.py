"""The opcodes of a pickle, with what each takes."""

from __future__ import annotations

import dataclasses
import heapq
import itertools
from collections import Counter
from collections.abc import Iterator

from brinery.peeking.parts import Pickle

ARRAY = "(array)"  # the name of what joblib has written between opcodes


@dataclasses.dataclass(frozen=True, slots=True)
class Opcode:
    """An opcode as it stands in the bytes; or, named "(array)", what joblib has put between two."""

    offset: int
    size: int  # bytes, argument included
    name: str
    argument: str | None  # as short text


@dataclasses.dataclass(frozen=True, slots=True)
class Sizes:
    """What the bytes of a pickle are spent on."""

    opcodes: int  # how many
    by_name: dict[str, tuple[int, int]]  # how many of each, and their bytes; the most bytes first
    largest: list[Opcode]


def opcodes_of(pickle: Pickle) -> Iterator[Opcode]:
    """Each opcode up to STOP, or to where the pickle is broken, and the arrays in between."""
    gaps = iter(pickle.gaps)
    gap = next(gaps, None)
    before: tuple[int, str, str | None] | None = None
    read = itertools.takewhile(lambda each: each[0] < pickle.end, pickle.opcodes())
    for at, name, argument in itertools.chain(read, [(pickle.end, "", None)]):
        passed = gap if gap is not None and at >= gap[1] else None
        if before is not None:
            end = at if passed is None else passed[0]
            yield Opcode(before[0], end - before[0], before[1], before[2])
        if passed is not None:
            yield Opcode(passed[0], passed[1] - passed[0], ARRAY, None)
            gap = next(gaps, None)
        before = (at, name, argument)


def sizes_of(pickle: Pickle, most: int = 5) -> Sizes:
    """How many opcodes there are, which take the most bytes, and the largest single ones."""
    counts: Counter[str] = Counter()
    bytes_of: Counter[str] = Counter()
    largest: list[tuple[int, int, Opcode]] = []
    for each in opcodes_of(pickle):
        counts[each.name] += 1
        bytes_of[each.name] += each.size
        ranked = (each.size, -each.offset, each)
        if len(largest) < most:
            heapq.heappush(largest, ranked)
        elif ranked > largest[0]:
            heapq.heapreplace(largest, ranked)
    by_name = {name: (counts[name], size) for name, size in bytes_of.most_common()}
    return Sizes(counts.total() - counts[ARRAY], by_name, [each for *_, each in sorted(largest, reverse=True)])
