"""A pickle of one value of a pickle: the opcodes that make it, and nothing else that is in there.

They are put together from what :func:`brinery.codec.trace` tells of the value, with the memory of buffers out of band.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from brinery.codec import Trace, TraceNode

__all__ = ["CONTAINERS", "PUT", "Elsewhere", "Program", "Step", "UnknownOrderError", "marked", "text"]

PROTO, STOP = b"\x80\x05", b"."
PUT, GET = b"r", b"j"
NEXT_BUFFER, READONLY_BUFFER = b"\x97", b"\x98"


class UnknownOrderError(Exception):
    """The value has something that only the whole stream makes."""


class Elsewhere(NamedTuple):
    """A value of another stream."""

    data: memoryview
    trace: Trace
    node: int


# Opcodes, the index of a value in the trace, memory that comes from outside, or a value of another stream.
Step = bytes | int | memoryview | Elsewhere


@dataclass
class Program:
    """Opcodes that are put together value by value.

    >>> import brinery, pickle
    >>> data = memoryview(pickle.dumps({"a": [1, 2.5], "b": {"c"}}))
    >>> program = Program()
    >>> program.put(data, brinery.codec.trace(data), brinery.peek(data)["a"].index)
    >>> pickle.loads(program.whole())
    [1, 2.5]
    """

    outside: Callable[[int], memoryview | None] = lambda offset: None
    """Asked about bytes, by the offset of their memory: what is to come from outside in their place."""

    more: Mapping[int, Sequence[int]] = field(default_factory=dict)
    """Values that containers are to get beyond what the stream has put there, by the container."""

    instead: Callable[[int], Iterator[Step] | None] = lambda index: None
    """Asked about values: what is to make something else in their place."""

    buffers: list[memoryview] = field(default_factory=list)
    """What comes from outside, in order."""

    opcodes: list[bytes] = field(default_factory=lambda: [PROTO])
    memoized: int = 0

    def whole(self) -> bytes:
        """The pickle."""
        return b"".join([*self.opcodes, STOP])

    def put(self, data: memoryview, trace: Trace, index: int) -> None:
        """Put a value of a stream on the stack.

        Raises:
            UnknownOrderError: The value has something that only the whole stream makes.
        """
        places: dict[int, int] = {}  # in the memo
        unfinished: set[int] = set()
        stack: list[tuple[int, Iterator[Step]]] = [(-1, iter([index]))]
        while stack:
            owner, steps = stack[-1]
            step = next(steps, None)
            if step is None:
                stack.pop()
                unfinished.discard(owner)
            elif isinstance(step, bytes):
                self.opcodes.append(step)
                if step == PUT:
                    self.opcodes.append(struct.pack("<I", self._place_for(owner, places)))
            elif isinstance(step, memoryview):
                self.buffers.append(step)
                self.opcodes.append(NEXT_BUFFER)
            elif isinstance(step, Elsewhere):
                self._put_elsewhere(step)
            elif step in places:
                self.opcodes.append(GET + struct.pack("<I", places[step]))
            elif step in unfinished:
                raise UnknownOrderError("a value holds itself before it is made")
            else:
                unfinished.add(step)
                stack.append((step, self._steps_of(data, trace[step], step)))

    def _put_elsewhere(self, value: Elsewhere) -> None:
        inner = Program(buffers=self.buffers, opcodes=self.opcodes, memoized=self.memoized)
        inner.put(*value)
        self.memoized = inner.memoized

    def _place_for(self, owner: int, places: dict[int, int]) -> int:
        place = places[owner] = self.memoized
        self.memoized += 1
        return place

    def _steps_of(self, data: memoryview, node: TraceNode, index: int) -> Iterator[Step]:
        """Opcodes that make a value, and what they need on the stack in between."""
        if node.kind in {"bytes", "bytearray"}:
            return of_bytes(data, node, self.outside(node.value[0]))
        if node.kind in CONTAINERS:
            return of_container(*CONTAINERS[node.kind], [*node.items, *self.more.get(index, ())])
        maker = MAKERS.get(node.kind)
        if maker is None:
            raise UnknownOrderError(f"what a {node.kind} is, only a reader of the whole can tell")
        return self.instead(index) or maker(node)


def marked(values: Iterable[Step], opcode: bytes) -> Iterator[Step]:
    """Values between a mark and an opcode that takes them all."""
    yield b"("
    yield from values
    yield opcode


def of_int(node: TraceNode) -> Iterator[Step]:
    value = node.value
    if not isinstance(value, int):
        raise UnknownOrderError("a number is too long")
    data = value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True)
    yield b"\x8b" + struct.pack("<i", len(data)) + data


def of_str(node: TraceNode) -> Iterator[Step]:
    yield text(node.value)
    yield PUT


def text(value: str) -> bytes:
    """The opcode of a text."""
    data = value.encode("utf-8", "surrogatepass")
    return b"\x8d" + struct.pack("<Q", len(data)) + data


def of_bytes(data: memoryview, node: TraceNode, outside: memoryview | None) -> Iterator[Step]:
    is_readonly = node.kind == "bytes"
    if outside is not None:
        yield outside
        if is_readonly:
            yield READONLY_BUFFER
    else:
        offset, size = node.value
        yield (b"\x8e" if is_readonly else b"\x96") + struct.pack("<Q", size) + bytes(data[offset : offset + size])
    yield PUT


def of_global(node: TraceNode) -> Iterator[Step]:
    module, name = node.value
    yield text(module) + text(name) + b"\x93"
    yield PUT


def of_tuple(node: TraceNode) -> Iterator[Step]:
    yield from marked(node.items, b"t")
    yield PUT


def of_frozenset(node: TraceNode) -> Iterator[Step]:
    yield from marked(node.items, b"\x91")
    yield PUT


def of_container(empty: bytes, fill: bytes, items: list[int]) -> Iterator[Step]:
    yield empty
    yield PUT
    if items:
        yield from marked(items, fill)


def restored(node: TraceNode) -> Iterator[Step]:
    """What a stream does to an object once it is there, in the order of the stdlib."""
    for values, opcode in ((node.appended, b"e"), (node.added, b"\x90"), (node.set, b"u")):
        if values:
            yield from marked(values, opcode)
    for state in node.states:
        yield state
        yield b"b"


def of_call(node: TraceNode) -> Iterator[Step]:
    yield needed(node.callee)
    yield needed(node.args)
    yield b"R"
    yield PUT
    yield from restored(node)


def of_new(node: TraceNode) -> Iterator[Step]:
    yield needed(node.callee)
    yield needed(node.args)
    if node.kwargs is not None:
        yield node.kwargs
    yield b"\x81" if node.kwargs is None else b"\x92"
    yield PUT
    yield from restored(node)


def of_object(node: TraceNode) -> Iterator[Step]:
    yield needed(node.callee)
    yield from marked(node.items, b"t")
    yield b"R"
    yield PUT
    yield from restored(node)


def needed(index: int | None) -> int:
    if index is None:
        raise UnknownOrderError("what makes it is not known")
    return index


CONTAINERS = {"list": (b"]", b"e"), "dict": (b"}", b"u"), "set": (b"\x8f", b"\x90")}
MAKERS: dict[str, Callable[[TraceNode], Iterator[Step]]] = {
    "none": lambda node: iter([b"N"]),
    "bool": lambda node: iter([b"\x88" if node.value else b"\x89"]),
    "int": of_int,
    "float": lambda node: iter([b"G" + struct.pack(">d", node.value)]),
    "str": of_str,
    "global": of_global,
    "tuple": of_tuple,
    "frozenset": of_frozenset,
    "call": of_call,
    "new": of_new,
    "object": of_object,
}
