"""``brinery.open``: a look into the object of a file, of which only what is asked for is read."""

from __future__ import annotations

import builtins
import os
from collections.abc import Iterable, Iterator
from typing import Any, Literal, NamedTuple

from brinery.codec import Trace, trace
from brinery.errors import DecodeError
from brinery.files.checking import checking
from brinery.files.filling import fill
from brinery.files.foreign import pickle_in
from brinery.files.layout import Layout, layout_of
from brinery.files.memory import mapped, new_memory
from brinery.files.program import Program, UnknownOrderError
from brinery.peeking import Tree
from brinery.serializer import rebuilt
from brinery.trust import Origin, Trust, opened

__all__ = ["Part", "open"]

Trusted = Literal["everything"] | Trust | Iterable[Any] | None


def open(path: str | os.PathLike[str], *, verify: Literal["stream", "full"] = "stream", trust: Trusted = None) -> Part:
    """Look into the object of a file without loading it: keys, lengths and types at once, parts as they are asked for.

    The opcodes of the stream are read once; memory of arrays only when it is used, as with ``load(..., mmap=True)``.

    Args:
        path: A file of :func:`dump`, or a pickle, compressed or not.
        verify: As for :func:`load`.
        trust: As for :func:`load`, for the parts that are loaded.

    Raises:
        IntegrityError: The file is damaged.
        DecodeError: It holds no whole pickle.
        OSError: It cannot be read.

    >>> import tempfile
    >>> from brinery.files import dump
    >>> path = tempfile.mkdtemp() + "/model.pkl"
    >>> dump({"model": {"weights": [0.5, 1.5], "name": "small"}, "history": list(range(1000))}, path)
    >>> file = open(path)
    >>> file.keys(), len(file["history"])
    (['model', 'history'], 1000)
    >>> file["model"]["weights"].load()
    [0.5, 1.5]
    """
    with builtins.open(path, "rb", buffering=0) as file:
        layout = layout_of(file)
        if layout is None:
            size = os.fstat(file.fileno()).st_size
            content, _ = pickle_in(mapped(file) if size else memoryview(b""))
            made = opened(content)
            source = Source(os.fspath(path), made.payload, trace(made.payload), {}, made.origin, made.reason, trust)
        else:
            data = stream_of(file, layout, full=verify == "full")
            buffers = dict(layout.manifest.buffers)
            origin, reason = layout.opened.origin, layout.opened.reason
            source = Source(os.fspath(path), data, trace(data), buffers, origin, reason, trust)
    if source.trace.error is not None or source.trace.root is None:
        at, problem = source.trace.error or (0, "there is nothing in it")
        raise DecodeError(f"{source.path} holds no whole pickle: at byte {at:,}, {problem}")
    return Part(source, Tree(source.data, source.trace, source.trace.root))


def stream_of(file: Any, layout: Layout, *, full: bool) -> memoryview:
    """All of the stream as memory, verified."""
    manifest = layout.manifest
    if manifest.compression:
        memory = new_memory(manifest.size)
        fill(file, layout.opened, [memory], lambda size: None)
        return memory
    memory = mapped(file)[: manifest.size]
    with checking(layout.opened if full else layout.opened._replace(seal=None)) as checks:
        for chunk in manifest.chunks(*(() if full else ("stream",))):
            checks.take(chunk, memory[chunk.offset : chunk.offset + chunk.size])
    return memory


class Source(NamedTuple):
    """A stream, its values, where its buffers are, and whose it is."""

    path: str
    data: memoryview
    trace: Trace
    buffers: dict[int, int]  # sizes by offset
    origin: Origin | None
    reason: str
    trust: Trusted


class Part:
    """A part of the object of a file; made by :func:`open`.

    Indexed by keys, numbers, and names of attributes, as the object itself would be, it gives parts again;
    :meth:`load` gives the object. What is loaded twice is two objects.
    """

    def __init__(self, source: Source, tree: Tree) -> None:
        """The value of a tree in a source."""
        self._source = source
        self._tree = tree

    @property
    def type(self) -> str:
        """The name of its class, or of the function that makes it."""
        return self._tree.type

    def __getitem__(self, key: Any) -> Part:
        """The part with a key, a number or a name of an attribute.

        Raises:
            KeyError, IndexError: There is none; says what there is.
        """
        return Part(self._source, self._tree[key])

    def keys(self) -> list[Any]:
        """What can be asked for; not keys that are objects of other classes."""
        return self._tree.keys()

    def __iter__(self) -> Iterator[Any]:
        """The keys, or the parts of a list, tuple or set."""
        if self._tree.kind in {"list", "tuple", "set", "frozenset"}:
            return (Part(self._source, each) for each in self._tree.elements())
        return iter(self._tree.keys())

    def __len__(self) -> int:
        """How many parts there are."""
        return len(self._tree)

    def __bool__(self) -> bool:
        """A part is there, even if it is empty."""
        return True

    def __contains__(self, key: Any) -> bool:
        """Whether something has that key."""
        return any(key == each for each in self.keys())

    def __repr__(self) -> str:
        """What it is of, and where."""
        return f"<Part {self._tree!r} of {self._source.path!r}>"

    def __str__(self) -> str:
        """The tree, as :func:`brinery.peek` shows it."""
        return str(self._tree)

    def _ipython_key_completions_(self) -> list[Any]:
        return self.keys()

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        """The array that it is; numbers are read when they are used."""
        import numpy

        return numpy.asarray(self.load(), dtype)

    def load(self) -> Any:
        """The object, made anew by each call.

        Raises:
            UntrustedError, LimitError, IntegrityError, DecodeError: As :func:`brinery.load`, for this part.
        """
        source = self._source
        try:
            program = Program(outside=self._memory)
            program.put(source.data, source.trace, self._tree.index)
        except UnknownOrderError as error:
            raise DecodeError(f"this part of {source.path} cannot be loaded alone, as {error}: load the file") from None
        return rebuilt(program.whole(), source.origin, source.reason, trust=source.trust, buffers=program.buffers)

    def _memory(self, offset: int) -> memoryview | None:
        size = self._source.buffers.get(offset)
        return None if size is None else self._source.data[offset : offset + size]
