"""``brinery.open``: a look into the object of a file, of which only what is asked for is read."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from io import BytesIO
from threading import Lock
from typing import IO, Any, Literal, NamedTuple

from brinery.codec import Trace, trace
from brinery.errors import DecodeError
from brinery.files.checking import checking
from brinery.files.filling import fill
from brinery.files.foreign import pickle_in
from brinery.files.layout import Layout, layout_of
from brinery.files.memory import descriptor_of, mapped, new_memory
from brinery.files.places import opened_to_read, where
from brinery.files.program import Program, UnknownOrderError
from brinery.files.reading import content_of
from brinery.files.remote import RemoteFile, fetched, fill_ranges
from brinery.peeking import Tree
from brinery.serializer import rebuilt
from brinery.trust import Origin, RegionKind, Trusted, hash_of, opened

__all__ = ["Part", "open"]


def open(path: str | os.PathLike[str], *, verify: Literal["stream", "full"] = "stream", trust: Trusted = None) -> Part:
    """Look into the object of a file without loading it: keys, lengths and types at once, parts as they are asked for.

    The opcodes of the stream are read once; memory of arrays only when it is used, as with ``load(..., mmap=True)``.

    Args:
        path: A file of :func:`dump`, or a pickle, compressed or not; or its address, see :func:`load`: only what is
            used is fetched from there.
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
    with opened_to_read(path) as file:
        layout = layout_of(file)
        if layout is None:
            content, _ = pickle_in(mapped_or_read(file))
            made = opened(content)
            origin, reason = made.origin, made.reason
            source = Source(where(path), made.payload, trace(made.payload), Buffers({}), origin, reason, trust)
        else:
            data, buffers = stream_of(file, layout, full=verify == "full")
            origin, reason = layout.opened.origin, layout.opened.reason
            source = Source(where(path), data, trace(data), buffers, origin, reason, trust)
    if source.trace.error is not None or source.trace.root is None:
        at, problem = source.trace.error or (0, "there is nothing in it")
        raise DecodeError(f"{source.path} holds no whole pickle: at byte {at:,}, {problem}")
    return Part(source, Tree(source.data, source.trace, source.trace.root))


class Buffers:
    """The memory of buffers in a stream, and what has to be done before it is looked at: nothing, or to fetch it."""

    def __init__(self, sizes: Mapping[int, int], fetch: Callable[[int, int], None] | None = None) -> None:
        """By offsets; `fetch` is told offset and size."""
        self._sizes = sizes
        self._fetch = fetch
        self._there: set[int] = set()
        self._lock = Lock()

    def find(self, data: memoryview, offset: int) -> memoryview | None:
        """The memory of a buffer in the stream, or None if none begins there."""
        size = self._sizes.get(offset)
        if size is None:
            return None
        with self._lock:
            if self._fetch is not None and offset not in self._there:
                self._fetch(offset, size)
                self._there.add(offset)
        return data[offset : offset + size]


def stream_of(file: IO[bytes], layout: Layout, *, full: bool) -> tuple[memoryview, Buffers]:
    """The stream as memory, its opcodes verified."""
    manifest, sizes = layout.manifest, dict(layout.manifest.buffers)
    if manifest.compression:
        memory = new_memory(manifest.size)
        fill(BytesIO(content_of(file)) if isinstance(file, RemoteFile) else file, layout.opened, [memory], ignore)
        return memory, Buffers(sizes)
    kinds: tuple[RegionKind, ...] = () if full else ("stream",)
    if isinstance(file, RemoteFile):
        wanted = [(each.offset, each.size) for each in manifest.regions if not kinds or each.kind in kinds]
        memory = fetched(file, wanted, ignore)[: manifest.size]
        buffers = Buffers(sizes, None if full else partial(fetch, file, layout, memory))
    else:
        memory, buffers = mapped_or_read(file)[: manifest.size], Buffers(sizes)
    with checking(layout.opened if full else layout.opened._replace(seal=None)) as checks:
        for chunk in manifest.chunks(*kinds):
            checks.take(chunk, memory[chunk.offset : chunk.offset + chunk.size])
    return memory, buffers


def fetch(file: RemoteFile, layout: Layout, memory: memoryview, offset: int, size: int) -> None:
    """Fetch a buffer from afar, and verify it.

    Raises:
        IntegrityError: It is damaged, or the file was replaced since it was opened.
        OSError: It cannot be read.
    """
    fill_ranges(file, memory, [(offset, size)], ignore)
    end = offset + size
    chunks = [each for each in layout.manifest.chunks("buffer") if offset <= each.offset < end]
    damaged = [each for each in chunks if hash_of(memory[each.offset : each.offset + each.size]) != each.hash]
    if damaged:
        raise layout.manifest.damage(damaged)


def ignore(size: int) -> None:
    """Progress that nobody is told of."""


def mapped_or_read(file: IO[bytes]) -> memoryview:
    """All of a file, read as it is looked at where that can be."""
    is_mapped = descriptor_of(file) is not None and file.seek(0, os.SEEK_END)
    return mapped(file) if is_mapped else content_of(file)


class Source(NamedTuple):
    """A stream, its values, where its buffers are, and whose it is."""

    path: str
    data: memoryview
    trace: Trace
    buffers: Buffers
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
        return self._source.buffers.find(self._source.data, offset)
