"""A pickle on its way into a file: its pieces, and what is to be said of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field, replace
from typing import IO, Any, Literal

from brinery.files.compression import Compression
from brinery.files.hashing import Hashing
from brinery.files.places import name_of, opened_to_replace
from brinery.files.progress import Progress, reporting
from brinery.trust import Identity, Manifest, chunk_size_for, file_trailer

__all__ = ["Facts", "Stream", "write_stream"]

# Up to this size a thread that hashes costs more than it saves.
SMALL = 4 << 20


@dataclass(frozen=True)
class Facts:
    """What the manifest says of a stream that does not depend on how it is written, see :class:`Manifest`."""

    created: str
    python: str
    brinery: str
    protocol: int
    objects: int
    globals: tuple[str, ...] = ()
    packages: Mapping[str, str] = field(default_factory=dict)
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Stream:
    """Pieces of memory that are a pickle one after the other; `buffers` are the indexes of what can be mapped."""

    memory: list[Any]
    buffers: frozenset[int]
    facts: Facts

    @property
    def size(self) -> int:
        """How many bytes there are."""
        return sum(len(piece) for piece in self.memory)

    def places(self) -> Iterator[tuple[int, int]]:
        """Offset and size of each buffer."""
        offset = 0
        for index, piece in enumerate(self.memory):
            if index in self.buffers:
                yield offset, len(piece)
            offset += len(piece)

    def regions(self) -> Iterator[tuple[Literal["stream", "buffer"], list[Any]]]:
        """Buffers each for themselves, and what is between them."""
        between: list[Any] = []
        for index, piece in enumerate(self.memory):
            if index not in self.buffers:
                between.append(piece)
                continue
            if between:
                yield "stream", between
                between = []
            yield "buffer", [piece]
        if between:
            yield "stream", between


def write_stream(
    stream: Stream,
    path_or_file: str | os.PathLike[str] | IO[bytes],
    compression: Compression | None,
    identity: Identity | None,
    *,
    progress: Progress | bool | None = None,
    durable: bool = True,
) -> None:
    """Write a stream and its trailer, signed with the key if there is one.

    Raises:
        OSError: The file cannot be written. What was there before is untouched.
    """
    with ExitStack() as stack:
        if isinstance(path_or_file, str | os.PathLike):
            size = stream.size if compression is None else 0
            file = stack.enter_context(opened_to_replace(path_or_file, size=size, durable=durable))
            name = name_of(path_or_file)
        else:
            file, name = path_or_file, str(getattr(path_or_file, "name", "file"))
        advance = stack.enter_context(reporting(progress, f"writing {name}", stream.size))
        manifest = write_regions(stream, file, compression, identity, advance)
        file.write(file_trailer(manifest, identity))


def write_regions(
    stream: Stream,
    file: IO[bytes],
    compression: Compression | None,
    identity: Identity | None,
    advance: Callable[[int], None],
) -> Manifest:
    """Write all but the trailer; what it is to say."""
    chunk = chunk_size_for(stream.size)
    seal = identity.seal if identity is not None else None
    with Hashing(file, chunk, threaded=stream.size > SMALL, seal=seal) as hashing:
        if compression is None:
            for kind, parts in stream.regions():
                hashing.write(kind, watched(parts, advance))
        else:
            hashing.write("compressed", compression.compressed(watched(stream.memory, advance), stream.size))
        regions, checksums = hashing.finish()
    manifest = Manifest(
        **asdict(stream.facts),
        size=stream.size,
        chunk=chunk,
        regions=regions,
        buffers=tuple(stream.places()),
        compression=None if compression is None else compression.described(),
    )
    if seal is None or not checksums:
        return manifest
    return replace(manifest, proof=(seal.id.hex(), seal.proof_of(checksums).hex()))


def watched(parts: Iterable[Any], advance: Callable[[int], None]) -> Iterator[memoryview]:
    """The parts as bytes, and word of each that is done with."""
    for part in parts:
        view = memoryview(part)
        yield view
        advance(len(view))
