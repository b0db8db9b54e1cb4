"""``brinery.dump``: one object into one file, a pickle that tells what it is and whether it is whole."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import IO, Any, Literal

from brinery.codec import outline
from brinery.errors import EncodeError
from brinery.files.compression import compressor_for
from brinery.files.environment import installed, now, packages_of, python_version
from brinery.files.padding import ALIGNMENT
from brinery.files.progress import Progress
from brinery.files.streams import Facts, Stream, write_stream
from brinery.serializer import Pieces, pieces_of
from brinery.trust import keyring

__all__ = ["dump"]


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
        path_or_file: Where to; or an address, ``s3://``, ``gs://`` or ``az://``, see :mod:`brinery.files.remote`; or a
            file that is open for writing in binary mode.
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
    stream = stream_of(pieces_of(obj, protocol, ALIGNMENT, unpicklable), protocol, dict(metadata or {}))
    identity = keyring().current if sign else None
    write_stream(stream, path_or_file, compression, identity, progress=progress, durable=durable)


def checked(metadata: Mapping[str, Any] | None) -> None:
    """Refuse metadata that JSON has no way to write, before anything else is done."""
    import json

    try:
        json.dumps(dict(metadata or {}), allow_nan=False)
    except (TypeError, ValueError) as error:
        raise EncodeError(f"metadata: {error}. It takes what JSON has: text, numbers, lists, dicts by text") from error


def stream_of(pieces: Pieces, protocol: int, metadata: Mapping[str, Any]) -> Stream:
    """What is to be written of an object that has been taken apart here and now."""
    facts = Facts(
        created=now(),
        python=python_version(),
        brinery=installed("brinery") or "unknown",
        protocol=protocol,
        objects=count_of(pieces),
        globals=tuple(sorted({f"{module}.{name}" for module, name in pieces.globals})),
        packages=packages_of(module for module, _ in pieces.globals),
        metadata=metadata,
    )
    return Stream(pieces.memory, frozenset(pieces.buffers), facts)


def count_of(pieces: Pieces) -> int:
    """How many objects the stream makes; large payloads are one each, and opcodes begin behind them."""
    return sum(outline(piece)[0] if type(piece) is memoryview else 1 for piece in pieces.memory)
