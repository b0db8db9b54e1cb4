"""What :func:`brinery.peek` returns: all that is in a file."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator
from typing import Any

from brinery.errors import DecodeError
from brinery.peeking.parts import Blob, Part, Pickle, Problem
from brinery.peeking.plain import nodes_of
from brinery.peeking.text import DEPTH, WIDTH, lines_of, printable
from brinery.peeking.tree import Tree

_MOST_BLOBS = 20  # shown


class Contents:
    """The pickles in a file, looked at without running anything.

    Printing it shows trees of what the pickles would build. ``contents["model"]["weights"]`` goes into the value of the
    first pickle: items as in the real object, or else attributes.

    >>> import brinery, pickle
    >>> contents = brinery.peek(pickle.dumps({"answer": [42, print]}))
    >>> contents["answer"][0].value, contents.globals
    (42, ['builtins.print'])
    >>> print(contents)
    pickle, protocol 4, 51 bytes
      dict of 1
        ['answer']: [42, <builtins.print>]
    """

    def __init__(self, size: int, parts: list[Part]) -> None:
        """Of a file of that many bytes, and of the parts that were found in it."""
        self.size = size  # bytes of the file
        self.pickles = [each for each in parts if isinstance(each, Pickle)]
        self.blobs = [each for each in parts if isinstance(each, Blob)]  # data that is no pickle
        self.problems = [each for each in parts if isinstance(each, Problem)]

    @property
    def globals(self) -> list[str]:
        """The classes and functions that the pickles name, as ``module.name``, each once."""
        return list(dict.fromkeys(itertools.chain.from_iterable(each.globals for each in self.pickles)))

    @property
    def ok(self) -> bool:
        """Whether all could be read, to the end, and fits together. It says nothing of what the pickles do."""
        return not self.problems and all(each.error is None for each in self.pickles)

    @property
    def root(self) -> Tree:
        """The value of the first pickle; raises DecodeError where there is none or it is broken off before."""
        if not self.pickles:
            raise DecodeError("there is no pickle in it")
        values = self.pickles[0].values()
        if len(values) != 1:
            at, message = self.pickles[0].error or (self.pickles[0].end, "nothing was left")
            raise DecodeError(
                f"the pickle is broken at byte {at}: {message}; see pickles[0].values() for what there is"
            )
        return values[0]

    def __getitem__(self, key: Any) -> Tree:
        """The item of the first pickle's value; see :class:`Tree`."""
        return self.root[key]

    def to_json(self, depth: int = 50, width: int | None = None) -> str:
        """All of it as JSON, to so many levels (200 at most) and so many items of each value.

        Of bytes the first 64 are there, in hex. What stands in several places is there once; then ``same_as`` says
        where.
        """
        import json

        return json.dumps(self.to_dict(depth, width))

    def to_dict(self, depth: int = 50, width: int | None = None) -> dict[str, Any]:
        """The same as plain dicts and lists."""
        return {
            "size": self.size,
            "ok": self.ok,
            "globals": self.globals,
            "pickles": [_pickle_facts(each, depth, width) for each in self.pickles],
            "blobs": [dataclasses.asdict(each) for each in self.blobs],
            "problems": [dataclasses.asdict(each) for each in self.problems],
        }

    def __repr__(self) -> str:
        found = f"{len(self.pickles)} pickle{'s' * (len(self.pickles) != 1)}"
        return f"<Contents: {self.size:,} bytes, {found}, {len(self.globals)} globals{'' if self.ok else ', not ok'}>"

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def lines(self, depth: int = DEPTH, width: int | None = WIDTH) -> Iterator[str]:
        """The lines of the text, to so many levels and so many items of each value."""
        for each in self.pickles:
            yield title_of(each)
            yield from ("  " + line for line in lines_of(each.values(), depth, width))
            for dropped in each.dropped():
                yield "  called, and the result thrown away:"
                yield from ("    " + line for line in lines_of([dropped], depth, width))
            if each.error is not None:
                yield f"  broken at byte {each.error[0]}: {each.error[1]}"
        yield from map(blob_line, self.blobs[:_MOST_BLOBS])
        if len(self.blobs) > _MOST_BLOBS:
            yield f"... {len(self.blobs) - _MOST_BLOBS:,} more that are no pickles"
        yield from map(problem_line, self.problems)


def title_of(pickle: Pickle) -> str:
    """The line above the tree of a pickle."""
    place = f"{printable(pickle.place)}: " if pickle.place else ""
    return f"{place}pickle, protocol {pickle.trace.protocol}, {pickle.size:,} bytes"


def blob_line(blob: Blob) -> str:
    """The line of what is no pickle."""
    return f"{printable(blob.place) or 'all of it'}: {printable(blob.description)}, {blob.size:,} bytes"


def problem_line(problem: Problem) -> str:
    """The line of what is wrong."""
    place = f"{printable(problem.place)}: " if problem.place else ""
    at = f" (at byte {problem.offset})" if problem.offset is not None else ""
    return f"{place}{problem.code}: {printable(problem.message)}{at}"


def _pickle_facts(pickle: Pickle, depth: int, width: int | None) -> dict[str, Any]:
    error = None if pickle.error is None else {"offset": pickle.error[0], "message": pickle.error[1]}
    return {
        "place": pickle.place,
        "offset": pickle.start,
        "size": pickle.size,
        "protocol": pickle.trace.protocol,
        "error": error,
        "globals": pickle.globals,
        "values": nodes_of(pickle.values(), depth, width),
        "dropped": [nodes_of([each], depth, width)[0] for each in pickle.dropped()],
    }


Contents.__module__ = "brinery.peeking"
