"""What is found in a file: pickles, other data, and what is wrong with it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

from brinery import codec
from brinery.peeking.lazily import Lazily
from brinery.peeking.tree import Tree

Gap = tuple[int, int]  # from and to: bytes in between that are no opcodes


@dataclasses.dataclass(frozen=True, slots=True)
class Pickle:
    """One pickle: the bytes, what they would build, and where they were."""

    place: str  # inside the file: "archive/data.pkl"; "" where the file is the pickle, "[1]" for the second in a row
    data: memoryview  # what it stands in; offsets count from there
    start: int
    trace: codec.Trace
    gaps: tuple[Gap, ...] = ()  # arrays that joblib has written between the opcodes

    @property
    def end(self) -> int:
        """Where it ends in the data: behind STOP, or at the opcode where it is broken."""
        return self.trace.end

    @property
    def size(self) -> int:
        """Bytes from its start to its end, gaps included; a broken pickle may be all there is behind its start."""
        return (self.end if self.trace.error is None else len(self.data)) - self.start

    @property
    def error(self) -> tuple[int, str] | None:
        """Offset and message of where it is broken, or None."""
        return self.trace.error

    @property
    def globals(self) -> list[str]:
        """The globals it names, as ``module.name``, in order, each once."""
        return [f"{module}.{name}" for module, name, _ in self.trace.globals]

    def values(self) -> Sequence[Tree]:
        """What it stands for: one value; of a broken pickle what was on its stack, of which there may be nothing."""
        indices = [self.trace.root] if self.trace.root is not None else self.trace.stack
        return Lazily(indices, lambda index: Tree(self.data, self.trace, index))

    def dropped(self) -> list[Tree]:
        """The calls whose results it throws away, in order; nobody writes such pickles by accident."""
        return [Tree(self.data, self.trace, index) for index in reversed(self.trace.dropped())]

    def opcode_bytes(self) -> memoryview:
        """The opcodes alone, without the gaps: a stream that can be read by itself."""
        stop = self.start + self.size
        if not self.gaps:
            return self.data[self.start : stop]
        starts = [self.start, *(end for _, end in self.gaps)]
        ends = [*(start for start, _ in self.gaps), stop]
        return memoryview(b"".join(self.data[a:b] for a, b in zip(starts, ends, strict=True)))

    def place_of(self, position: int) -> int:
        """The offset in the data of a position in :meth:`opcode_bytes`."""
        at = self.start + position
        for start, end in self.gaps:
            if at < start:
                break
            at += end - start
        return at

    def opcodes(self) -> Iterator[tuple[int, str, str | None]]:
        """Offset in the data, name, and argument as short text of each opcode."""
        if not self.gaps:
            return self.trace.opcodes()
        listed = codec.trace(self.opcode_bytes()).opcodes()
        return ((self.place_of(at), name, argument) for at, name, argument in listed)


@dataclasses.dataclass(frozen=True, slots=True)
class Blob:
    """Data that is no pickle: numbers of arrays, text, what nobody knows."""

    place: str
    size: int  # bytes
    description: str  # "float64 (3, 4)" of an array; what it is as far as it is known


@dataclasses.dataclass(frozen=True, slots=True)
class Problem:
    """What could not be read, or does not fit together."""

    place: str
    code: str  # for programs: "encrypted", "duplicate-name", "limit", "trailing-bytes" ...
    message: str
    offset: int | None = None  # in the data at that place


Part = Pickle | Blob | Problem
