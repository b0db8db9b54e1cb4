"""``brinery.recover``: what can be saved of a damaged file."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from brinery.codec import Trace, trace
from brinery.errors import BrineryError, IntegrityError, UntrustedError
from brinery.files.foreign import unfolded_layers
from brinery.files.layout import Layout, layout_of
from brinery.files.memory import descriptor_of, mapped
from brinery.files.places import opened_to_read, where
from brinery.files.program import CONTAINERS, Program, UnknownOrderError
from brinery.files.reading import content_of
from brinery.serializer import rebuilt
from brinery.trust import Chunk, Origin, opened

__all__ = ["Recovered", "recover"]

INSTANCES = {"call", "new", "object"}
FRAME = b"\x95"
NO_FRAME = b"(N1" * 3  # does nothing, and is as long as a FRAME with its size
MOST_TAKEN = 3  # by one opcode: NEWOBJ_EX has a class, arguments and named arguments


@dataclass(frozen=True)
class Recovered:
    """What was saved: the object, or the first part of it, and what is wrong with it.

    If the opcodes are whole, `object` is all of the object, and `damaged` tells where in the file memory of arrays is
    not what was written; the numbers there are wrong. If they are not, `object` is what came before the damage, and
    `is_complete` is False; where the damage is within an object that cannot be without the rest, `object` is a list of
    what had been made of it.
    """

    object: Any
    is_complete: bool
    damaged: tuple[Chunk, ...]
    problems: tuple[str, ...]


def recover(path: str | os.PathLike[str], *, unverified: bool = False, trust: Any = None) -> Recovered:
    """Save what can be saved of a file that is damaged, cut short, or has lost its end.

    Opcodes behind a damage are not believed, and nothing that was not written is made up.

    Args:
        path: A file of :func:`dump`, or a pickle, compressed or not.
        unverified: Whether to believe damaged opcodes as far as they can be read. What they make may be wrong anywhere,
            and is nobody's. For files of which nothing else is left.
        trust: As for :func:`load`. What has no whole signature any more is nobody's.

    Raises:
        UntrustedError: What could be saved needs what is neither vetted nor allowed.
        DecodeError: Nothing can be saved.
        OSError: The file cannot be read.

    >>> import tempfile
    >>> from brinery.files import dump
    >>> path = tempfile.mkdtemp() + "/numbers.pkl"
    >>> dump(list(range(1000)), path)
    >>> os.truncate(path, 500)
    >>> saved = recover(path)
    >>> saved.object[:3], saved.is_complete
    ([0, 1, 2], False)
    """
    with opened_to_read(path) as file:
        if not file.seek(0, os.SEEK_END):
            raise IntegrityError(f"{where(path)} is empty")
        data = content_of(file) if descriptor_of(file) is None else mapped(file)
        layout, problem = None, None
        try:
            layout = layout_of(file)
        except BrineryError as error:
            problem = str(error)
    if layout is None or layout.manifest.compression:
        return salvaged_foreign(data, problem, trust)
    if unverified and layout.manifest.damaged(data, "stream"):
        saved = salvaged_foreign(data[: layout.manifest.size], "the opcodes are damaged", trust)
        return replace(saved, is_complete=False)
    return salvaged(data, layout, trust)


def salvaged(data: memoryview, layout: Layout, trust: Any) -> Recovered:
    """What there is of a file whose manifest is whole."""
    manifest, origin, reason = layout.manifest, layout.opened.origin, layout.opened.reason
    damaged = manifest.damaged(data)
    problems = [str(manifest.damage([chunk])) for chunk in damaged]
    ends = [chunk.offset for chunk in damaged if chunk.region.kind == "stream"]
    if not ends:
        made = rebuilt(data[: manifest.size], origin, reason, trust=trust)
        return Recovered(made, True, tuple(damaged), tuple(problems))
    made, more = prefix_of(data[: ends[0]], origin, reason, trust)
    return Recovered(made, False, tuple(damaged), (*problems, *more))


def salvaged_foreign(data: memoryview, problem: str | None, trust: Any) -> Recovered:
    """What there is of a file that has no whole manifest, or whose stream has to be unfolded first."""
    content, problems = data, [problem] if problem else []
    try:
        content, _ = unfolded_layers(data, is_limited=True)
    except BrineryError as error:
        problems.append(str(error))
        content = unfolded_as_far_as_possible(data)
    origin, reason = None, "nothing whole says whose they are"
    try:
        content, origin, reason = opened(content)
    except BrineryError as error:
        problems.append(str(error))
    found = trace(content)
    if found.error is None and found.root is not None:
        made = rebuilt(content[: found.end], origin, reason, trust=trust)
        return Recovered(made, True, (), tuple(problems))
    problems.append(f"the stream breaks off at byte {(found.error or (len(content), ''))[0]:,}")
    made, more = prefix_of(content, origin, reason, trust)
    return Recovered(made, False, (), (*problems, *more))


def unfolded_as_far_as_possible(data: memoryview) -> memoryview:
    from brinery.peeking.budget import Budget
    from brinery.peeking.compressed import unfolded
    from brinery.peeking.formats import format_of

    return unfolded(data, format_of(data), Budget(len(data)))[0]


def prefix_of(data: memoryview, origin: Origin | None, reason: str, trust: Any) -> tuple[Any, list[str]]:
    """What the opcodes before a break have made, and what could not be had of it, in words.

    Raises:
        UntrustedError: All that there is needs what is not trusted.
        IntegrityError: There is nothing that could be used.
    """
    data, values = traced(data)
    groups = [values.stack[start:end] for start, end in pairwise([0, *values.marks, len(values.stack)])]
    more = completions(values, groups)
    made, problems, refused = [], [], None
    for index in next(filter(None, groups), []):
        if values[index].kind == "global":
            continue  # on its way to a call
        try:
            program = Program(more=more)
            program.put(data, values, index)
            made.append(rebuilt(program.whole(), origin, reason, trust=trust))
        except UnknownOrderError as error:
            problems.append(f"a part is left out: {error}")
        except UntrustedError as error:
            refused = error
            problems.append(f"a part is left out: {error}")
    if not made:
        raise refused or IntegrityError("nothing could be saved: the damage is where the stream begins")
    return (made[0] if len(made) == 1 else made), problems


def traced(data: memoryview) -> tuple[memoryview, Trace]:
    """The values of a stream that breaks off, those in a frame that is not all there, too."""
    values = trace(data)
    place = values.error[0] if values.error is not None else len(data)
    if data[place : place + 1] != FRAME:
        return data, values
    without = data if not data.readonly else memoryview(bytearray(data))
    end = min(place + len(NO_FRAME), len(data))
    without[place:end] = NO_FRAME[: end - place]
    return without, trace(without)


def completions(values: Trace, groups: list[list[int]]) -> dict[int, list[int]]:
    """Containers that were being filled when the stream broke off, and what there is to fill them with.

    Args:
        values: Those of the stream.
        groups: What was on the stack between marks.
    """
    more: dict[int, list[int]] = {}
    for lower, upper in pairwise(groups):
        if lower and (kind := values[lower[-1]].kind) in CONTAINERS:
            items = beyond_doubt(values, upper)
            more[lower[-1]] = items[: len(items) // 2 * 2] if kind == "dict" else items
        # Anything else is the beginning of a tuple, or of arguments: nobody knows what it would have become.
    return more


def beyond_doubt(values: Trace, group: list[int]) -> list[int]:
    """Of the values above a mark, those which nothing that was lost can have changed or taken.

    The last ones may be a class or function with its arguments, or an object with its state.
    """
    for count in range(1, min(MOST_TAKEN, len(group)) + 1):
        if values[group[-count]].kind == "global":
            return group[:-count]
    for count in range(1, min(2, len(group)) + 1):
        if values[group[-count]].kind in INSTANCES:
            return group[:-count]
    return group
