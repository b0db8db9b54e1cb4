"""Every pickle in a file, whatever it is packed into; for looking and for scanning.

By content alone: zip archives (torch), tar archives, NumPy's .npy and .npz, compressed data, joblib's files, pickles in
a row, and all of these in each other and in the bytes of pickles.
"""

from __future__ import annotations

import mmap
import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from brinery import codec
from brinery.peeking import npy, tars, zips
from brinery.peeking.budget import MOST_LEVELS, Budget, OverBudgetError
from brinery.peeking.compressed import is_compressed, unfolded
from brinery.peeking.formats import format_of
from brinery.peeking.parts import Blob, Part, Pickle, Problem
from brinery.peeking.rows import pickles_of
from brinery.peeking.tree import Tree

_LEAST_NESTED = 4  # bytes: what is shorter can call nothing
_UNREADABLE = frozenset({"lz4", "7z", "rar"})


def parts_of(data: memoryview, *, unfolded: int | None = None, is_one: bool = True) -> Iterator[Part]:
    """Yield every pickle in the data, what else is in it, and what could not be read, as it is found.

    `unfolded` is how many bytes it may unfold to in all; with `is_one`, what is nothing else is taken for a pickle.
    Nothing is raised for what is in the data.
    """
    yield from _Walk(Budget(len(data), unfolded)).look(data, "", is_one=is_one, level=0)


def content_of(source: str | os.PathLike[str] | bytes | bytearray | memoryview) -> memoryview:
    """The bytes of a file, mapped rather than read where that can be, or those given. Raises OSError."""
    if isinstance(source, bytes | bytearray | memoryview):
        return memoryview(source).cast("B")
    with Path(source).open("rb") as file:
        status = os.fstat(file.fileno())
        if stat.S_ISREG(status.st_mode) and status.st_size > 0:
            return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        return memoryview(file.read())


def nested_in(tree: Tree, *, unfolded: int | None = None) -> list[Part]:
    """The parts of what is in a bytes value, if that holds pickles; otherwise none."""
    walk = _Walk(Budget(len(tree.content), unfolded))
    found = list(walk.look(tree.content, "", is_one=False, level=1))
    return found if any(isinstance(each, Pickle) for each in found) else []


class _Walk:
    """One look at a file; it keeps the budget."""

    def __init__(self, budget: Budget) -> None:
        self.budget = budget

    def look(self, data: memoryview, place: str, *, is_one: bool, level: int) -> Iterator[Part]:
        """The parts of the data; with `is_one` it is a pickle if it is nothing else."""
        format = format_of(data)
        if level > MOST_LEVELS:
            if format:
                yield Problem(place, "limit", f"more than {MOST_LEVELS} archives or pickles in each other")
            else:
                yield Blob(place, len(data), "data")
        elif format in _UNREADABLE:
            yield Problem(place, "unreadable-format", f"{format} is not read here: unpack it first")
        else:
            try:
                yield from self._look_into(data, format, place, is_one, level)
            except OverBudgetError as error:
                yield Problem(place, "limit", str(error))

    def _look_into(self, data: memoryview, format: str, place: str, is_one: bool, level: int) -> Iterator[Part]:
        if format == "zip":
            yield from self._members(zips.members_of(data, place, self.budget), level)
        elif format == "tar":
            yield from self._members(tars.members_of(data, place), level)
        elif format == "npy":
            yield from self._array(data, place, level)
        elif is_compressed(format):
            yield from self._compressed(data, format, place, is_one, level)
        else:
            yield from self._pickles(data, place, is_one, level)

    def _members(self, members: Iterable[zips.Member | Problem], level: int) -> Iterator[Part]:
        for each in members:
            if isinstance(each, Problem):
                yield each
            else:
                yield from self.look(each[1], each[0], is_one=False, level=level + 1)

    def _array(self, data: memoryview, place: str, level: int) -> Iterator[Part]:
        found = npy.content_of(data, place)
        if isinstance(found, Problem):
            yield found
            return
        description, content, is_pickle = found
        if is_pickle:
            yield from self._pickles(content, place, is_one=True, level=level)
        else:
            yield Blob(place, len(content), description)

    def _compressed(self, data: memoryview, format: str, place: str, is_one: bool, level: int) -> Iterator[Part]:
        content, wrong = unfolded(data, format, self.budget)
        found = self.look(content, place, is_one=is_one, level=level + 1)
        if wrong and wrong[0] == "broken" and not is_one:
            kept = list(found)
            if not any(isinstance(each, Pickle) for each in kept):
                yield Blob(place, len(data), "data")  # which only begins like that
                return
            found = iter(kept)
        if wrong:
            yield Problem(place, *wrong)
        yield from found

    def _pickles(self, data: memoryview, place: str, is_one: bool, level: int) -> Iterator[Part]:
        for each in pickles_of(data, place, is_one=is_one, budget=self.budget):
            yield each
            if isinstance(each, Pickle):
                yield from self._nested(each, level)
        if zips.ends_as_archive(data):
            yield Problem(place, "polyglot", "it ends as a zip archive and does not begin as one")
            yield from self._members(zips.members_of(data, place, self.budget), level)

    def _nested(self, pickle: Pickle, level: int) -> Iterator[Part]:
        """Pickles in the bytes of a pickle; what else is in there does not matter."""
        for index in pickle.trace.binaries(_LEAST_NESTED):
            tree = Tree(pickle.data, pickle.trace, index)
            if not _may_hold_pickles(tree.content):
                continue
            inside = f"{pickle.place}@{tree.offset}"
            found = list(self.look(tree.content, inside, is_one=False, level=level + 1))
            if any(isinstance(each, Pickle) for each in found) or level == MOST_LEVELS:
                yield from (each for each in found if not isinstance(each, Blob))
            if self.budget.is_spent:
                yield Problem(inside, "limit", "nothing more was looked at: the file holds too much")
                return


def _may_hold_pickles(content: memoryview) -> bool:
    """A quick look at bytes, of which there may be a million."""
    if format_of(content):
        return True
    trace = codec.trace(content)
    return trace.error is None or bool(trace.globals)
