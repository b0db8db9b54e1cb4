"""``brinery.dump``: one object into one file, a pickle that tells what it is and whether it is whole."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from typing import IO, Any, Literal

from brinery.codec import outline
from brinery.errors import EncodeError
from brinery.files.atomic import replaced
from brinery.files.compression import Compression, compressor_for
from brinery.files.environment import installed, now, packages_of, python_version
from brinery.files.hashing import Hashing
from brinery.files.progress import Progress, reporting
from brinery.serializer import Pieces, pieces_of
from brinery.trust import Manifest, Region, chunk_size_for, file_trailer, keyring

__all__ = ["ALIGNMENT", "dump"]

# Of memory within the file: a cache line, and what vector instructions and Arrow want.
ALIGNMENT = 64
# Up to this size a thread that hashes costs more than it saves.
SMALL = 4 << 20


def dump(
    obj: Any,
    path_or_file: str | os.PathLike[str] | IO[bytes],
    *,
    compress: Literal["zstd"] | bool | None = None,
    level: int = 3,
    metadata: Mapping[str, Any] | None = None,
    sign: bool = True,
    progress: Progress | bool | None = None,
    protocol: int = 5,
    unpicklable: Literal["raise", "stand-in"] = "raise",
    durable: bool = True,
) -> None:
    """Write an object to a file, whole or not at all.

    The file is a standard pickle, which ``pickle.load`` reads, and a trailer behind it: when and with what it was
    written, hashes of every byte, and the user's signature, by which :func:`load` knows that it may do all that the
    bytes say. The memory of arrays is written from where it is; do not change it meanwhile.

    Args:
        obj: Nearly anything, see :func:`brinery.dumps`.
        path_or_file: Where to; or a file that is open for writing in binary mode.
        compress: ``"zstd"``, or True, for a zstd file, which ``zstd -d`` turns into the plain pickle.
        level: Of the compression, 1 to 22.
        metadata: Anything JSON has, to be read with :func:`info`.
        sign: Whether to sign the file. Without, it is opened like one from strangers.
        progress: A function to call with how many bytes are done, and of how many; or whether to show a bar. By
            default there is one on a terminal when it takes more than a second.
        protocol: 5, or 4.
        unpicklable: As for :func:`brinery.dumps`.
        durable: Whether to wait until the disk has all of it, see :func:`brinery.files.atomic.replaced`.

    Raises:
        EncodeError: Something in the object, or in the metadata, cannot be written. There is no file then.
        OSError: The file cannot be written. What was there before is untouched.

    >>> import pickle, tempfile
    >>> path = tempfile.mkdtemp() + "/numbers.pkl"
    >>> dump([1, 2.5], path)
    >>> with open(path, "rb") as file:
    ...     pickle.load(file)
    [1, 2.5]
    """
    checked(metadata)
    compression = compressor_for(compress, level)
    pieces = pieces_of(obj, protocol, ALIGNMENT, unpicklable)
    with ExitStack() as stack:
        if isinstance(path_or_file, str | os.PathLike):
            file = stack.enter_context(replaced(path_or_file, durable=durable))
            name = os.path.basename(os.fspath(path_or_file))
        else:
            file, name = path_or_file, str(getattr(path_or_file, "name", "file"))
        total = sum(len(piece) for piece in pieces.memory)
        advance = stack.enter_context(reporting(progress, f"writing {name}", total))
        chunk = chunk_size_for(total)
        identity = keyring().current if sign else None
        seal = identity.seal if identity is not None else None
        with Hashing(file, chunk, threaded=total > SMALL, seal=seal) as hashing:
            write(pieces, compression, hashing, advance)
            regions, checksums = hashing.finish()
        proof = (seal.id.hex(), seal.proof_of(checksums).hex()) if seal is not None and checksums else None
        manifest = manifest_of(pieces, regions, chunk, protocol=protocol, compression=compression, metadata=metadata)
        file.write(file_trailer(replace(manifest, proof=proof), identity))


def checked(metadata: Mapping[str, Any] | None) -> None:
    """Refuse metadata that JSON has no way to write, before anything else is done."""
    import json

    try:
        json.dumps(dict(metadata or {}), allow_nan=False)
    except (TypeError, ValueError) as error:
        raise EncodeError(f"metadata: {error}. It takes what JSON has: text, numbers, lists, dicts by text") from error


def write(pieces: Pieces, compression: Compression | None, hashing: Hashing, advance: Callable[[int], None]) -> None:
    """Write the stream, region by region."""
    if compression is None:
        for kind, parts in grouped(pieces):
            hashing.write(kind, watched(parts, advance))
    else:
        total = sum(len(piece) for piece in pieces.memory)
        hashing.write("compressed", compression.compressed(watched(pieces.memory, advance), total))


def manifest_of(
    pieces: Pieces,
    regions: tuple[Region, ...],
    chunk: int,
    *,
    protocol: int,
    compression: Compression | None,
    metadata: Mapping[str, Any] | None,
) -> Manifest:
    """What is to be said of a stream that has been written."""
    return Manifest(
        created=now(),
        python=python_version(),
        brinery=installed("brinery") or "unknown",
        protocol=protocol,
        objects=count_of(pieces),
        size=sum(len(piece) for piece in pieces.memory),
        chunk=chunk,
        regions=regions,
        globals=tuple(sorted({f"{module}.{name}" for module, name in pieces.globals})),
        packages=packages_of(module for module, _ in pieces.globals),
        buffers=tuple(places_of(pieces)),
        compression=None if compression is None else compression.described(),
        metadata=dict(metadata or {}),
    )


def grouped(pieces: Pieces) -> Iterator[tuple[Literal["stream", "buffer"], list[Any]]]:
    """Buffers each for themselves, and what is between them."""
    buffers = set(pieces.buffers)
    between: list[Any] = []
    for index, piece in enumerate(pieces.memory):
        if index not in buffers:
            between.append(piece)
            continue
        if between:
            yield "stream", between
            between = []
        yield "buffer", [piece]
    if between:
        yield "stream", between


def places_of(pieces: Pieces) -> Iterator[tuple[int, int]]:
    """Offset and size of each buffer in the stream."""
    buffers = set(pieces.buffers)
    offset = 0
    for index, piece in enumerate(pieces.memory):
        if index in buffers:
            yield offset, len(piece)
        offset += len(piece)


def count_of(pieces: Pieces) -> int:
    """How many objects the stream makes; large payloads are one each, and opcodes begin behind them."""
    return sum(outline(piece)[0] if type(piece) is memoryview else 1 for piece in pieces.memory)


def watched(parts: Iterable[Any], advance: Callable[[int], None]) -> Iterator[memoryview]:
    """The parts as bytes, and word of each that is done with."""
    for part in parts:
        view = memoryview(part)
        yield view
        advance(len(view))
