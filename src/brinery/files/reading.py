"""``brinery.load``: the object of a file, its bytes verified as they are read."""

from __future__ import annotations

import io
import os
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import IO, Any, Literal

from brinery.codec import outline
from brinery.errors import EnvironmentWarning, IntegrityError, LimitError
from brinery.files.checking import checking
from brinery.files.environment import difference
from brinery.files.filling import fill, read_exactly
from brinery.files.foreign import load_foreign
from brinery.files.layout import Layout, layout_of, skeleton_of
from brinery.files.memory import mapped, new_memory
from brinery.files.places import name_of, opened_to_read
from brinery.files.progress import Progress, reporting
from brinery.files.remote import RemoteFile, fetched
from brinery.serializer import rebuilt
from brinery.trust import Manifest, OpenedFile, Trusted

__all__ = ["load"]

# What a compressed file may unfold to if nobody vouches for it: so many times its size, or this much.
MOST_RATIO = 64
MOST_UNFOLDED = 96 << 20


def load(
    path_or_file: str | os.PathLike[str] | IO[bytes],
    *,
    mmap: bool = False,
    verify: Literal["stream", "full"] = "stream",
    trust: Trusted = None,
    progress: Progress | bool | None = None,
) -> Any:
    """The object that :func:`dump` wrote to a file.

    Also reads pickles of any protocol and joblib's files, such ones compressed by gzip, bz2, xz, lzma, zlib or zstd,
    and NumPy's npy and npz files; what a file is, is told by its content. What the user signed, or somebody whom the
    user trusts, is loaded in full; of other files nothing is built unless all that they name is vetted or allowed, see
    :func:`brinery.loads`.

    Args:
        path_or_file: The file; or its address, ``s3://``, ``gs://``, ``az://`` or ``https://``, see
            :mod:`brinery.files.remote`; or a file that is open for reading in binary mode.
        mmap: Whether arrays are to stay in the file and be read as they are looked at. They can be written to, which
            changes nothing but this process's memory. The file must not be changed in place; :func:`dump` never does.
        verify: ``"stream"`` verifies all that is read: with `mmap`, all but the memory of arrays, which ``"full"``
            verifies, too; that reads all of the file, at a few gigabytes a second.
        trust: As for :func:`brinery.loads`.
        progress: As for :func:`dump`.

    Raises:
        IntegrityError: The bytes are not those that were written; the message says which.
        UntrustedError, LimitError, DecodeError: As :func:`brinery.loads`.
        OSError: The file cannot be read.

    >>> import tempfile
    >>> from brinery.files import dump
    >>> path = tempfile.mkdtemp() + "/numbers.pkl"
    >>> dump([1, 2.5], path)
    >>> load(path)
    [1, 2.5]
    """
    if verify not in {"stream", "full"}:
        raise ValueError(f"verify must be 'stream' or 'full', not {verify!r}")
    with ExitStack() as stack:
        file: IO[bytes]
        if not isinstance(path_or_file, str | os.PathLike):
            file = path_or_file if is_whole_file(path_or_file) else io.BytesIO(path_or_file.read())
        else:
            file = stack.enter_context(opened_to_read(path_or_file))
        layout = layout_of(file)
        if layout is None:
            return load_foreign(mapped(file) if mmap else content_of(file, progress), trust)
        name = name_of(str(getattr(file, "name", "file")))
        advance = stack.enter_context(reporting(progress, f"reading {name}", layout.manifest.end))
        return loaded(file, layout, mmap=mmap, full=verify == "full", trust=trust, advance=advance)


def content_of(file: IO[bytes], progress: Progress | bool | None = None) -> memoryview:
    """All of a file, in memory that arrays may stay in."""
    if isinstance(file, RemoteFile):
        with reporting(progress, f"reading {name_of(file.name)}", file.size) as advance:
            return fetched(file, [(0, file.size)], advance)
    memory = new_memory(file.seek(0, os.SEEK_END))
    file.seek(0)
    read_exactly(file, memory)
    return memory


def is_whole_file(file: IO[bytes]) -> bool:
    """Whether a file that somebody else has opened can be read from its beginning, where it is."""
    try:
        return file.seekable() and file.tell() == 0
    except (AttributeError, OSError):
        return False


def loaded(
    file: IO[bytes], layout: Layout, *, mmap: bool, full: bool, trust: Trusted, advance: Callable[[int], None]
) -> Any:
    """The object of a file that was written by :func:`dump`."""
    manifest, origin = layout.manifest, layout.opened.origin
    if mmap and manifest.compression:
        raise ValueError("a compressed file cannot be mapped: load it without mmap=True, or write it without compress=")
    everything = isinstance(trust, str) and trust == "everything"
    if origin is None and not everything:
        check_size(manifest)
    if mmap:
        parts = verified_parts(mapped(file), layout.opened, full=full)
    elif isinstance(file, RemoteFile) and not manifest.compression:
        parts = verified_parts(fetched(file, [(0, manifest.end)], advance), layout.opened, full=True)
    else:
        if isinstance(file, RemoteFile):
            file = io.BytesIO(fetched(file, [(0, manifest.end)], lambda size: None))
        parts = [new_memory(size) for size in sizes_of(manifest)]
        fill(file, layout.opened, parts, advance)
    between, buffers = parts[::2], parts[1::2]
    if origin is None:
        check_places(between, [len(each) for each in buffers])
    skeleton = skeleton_of(list(zip(between, [*(len(each) for each in buffers), 0], strict=True)))
    made = rebuilt(skeleton, origin, layout.opened.reason, trust=trust, buffers=buffers)
    if (told := difference(manifest.python, manifest.packages)) is not None:
        warnings.warn(f"{getattr(file, 'name', 'the file')} was {told}", EnvironmentWarning, stacklevel=4)
    return made


def sizes_of(manifest: Manifest) -> Iterator[int]:
    """How many bytes of the stream come before the first buffer, are in it, come before the second, and so on."""
    end = 0
    for offset, size in manifest.buffers:
        yield offset - end
        yield size
        end = offset + size
    yield manifest.size - end


def verified_parts(memory: memoryview, opened: OpenedFile, *, full: bool) -> list[memoryview]:
    """The parts of the stream where they are in a file; without `full`, the memory of buffers is not looked at."""
    with checking(opened if full else opened._replace(seal=None)) as checks:
        for chunk in opened.manifest.chunks(*(() if full else ("stream",))):
            checks.take(chunk, memory[chunk.offset : chunk.offset + chunk.size])
    parts, start = [], 0
    for size in sizes_of(opened.manifest):
        parts.append(memory[start : start + size])
        start += size
    return parts


def check_size(manifest: Manifest) -> None:
    """Refuse to unfold a little file to a lot for somebody who is not trusted.

    Raises:
        LimitError: It would.
    """
    most = max(MOST_UNFOLDED, MOST_RATIO * manifest.end)
    if manifest.compression and manifest.size > most:
        raise LimitError(
            f"{manifest.end:,} compressed bytes unfold to {manifest.size:,}, more than {most:,}, and nobody whom you "
            "trust has signed them. If you know whose they are, trust their key: brinery keys trust NAME KEY"
        )


def check_places(between: list[memoryview], sizes: list[int]) -> None:
    """Refuse a stream whose opcodes do not lie where its manifest would have them: it would be another than it seems.

    What comes before a buffer must be whole opcodes and the beginning of one that takes the buffer.

    Raises:
        IntegrityError: It is not.
    """
    for part, size in zip(between, [*sizes, 0], strict=True):
        _, end, _ = outline(part)
        header = len(part) - end
        if header != 0 if size == 0 else header not in {5, 9}:
            raise IntegrityError("the manifest of the file does not fit its stream")
