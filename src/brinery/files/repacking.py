"""Files made of files: converted, signed, optimized, without loading the object. Nothing that they name is run."""

from __future__ import annotations

import pickletools
from contextlib import ExitStack
from typing import Any, Literal, NamedTuple

from brinery.codec import Rules, check, outline
from brinery.errors import DecodeError
from brinery.files.compression import compressor_for
from brinery.files.environment import now
from brinery.files.filling import fill
from brinery.files.foreign import pickle_in
from brinery.files.layout import Layout, layout_of, skeleton_of
from brinery.files.memory import new_memory
from brinery.files.padding import aligned
from brinery.files.places import Path, name_of, opened_to_read, size_of
from brinery.files.progress import Progress, reporting
from brinery.files.reading import content_of, load, sizes_of
from brinery.files.streams import Facts, Stream, write_stream
from brinery.files.writing import dump
from brinery.trust import Origin, keyring, opened

__all__ = ["convert", "optimize", "sign"]


class Source(NamedTuple):
    """The stream of a file, how it was compressed, and whose it is: None for nobody whose word counts."""

    stream: Stream
    compress: Literal["zstd"] | None
    level: int
    origin: Origin | None


def convert(
    source: Path,
    target: Path,
    *,
    compress: Literal["zstd"] | bool | None = None,
    level: int = 3,
    protocol: int | None = None,
    trust: Any = None,
    progress: Progress | bool | None = None,
) -> None:
    """Write the pickle of a file to another one, compressed or not, with a manifest.

    Unless the protocol is to change, the object is not loaded, so that nothing runs. The new file is signed if the old
    one was by the user; what somebody else vouched for, or nobody, is not.

    Args:
        source: A file of :func:`dump`, or a pickle, compressed or not.
        target: The new file; it may be the old one.
        compress: As for :func:`dump`.
        level: As for :func:`dump`.
        protocol: Of the new file, 4 or 5; for another one than it has the object is loaded, and written anew.
        trust: As for :func:`load`, if the object is loaded.
        progress: As for :func:`dump`.

    Raises:
        IntegrityError: The old file is damaged.
        DecodeError: It is no whole pickle.
        OSError: A file cannot be read or written.

    >>> import tempfile
    >>> from brinery.files import dump, load
    >>> folder = tempfile.mkdtemp()
    >>> dump([1, 2.5], folder + "/plain")
    >>> convert(folder + "/plain", folder + "/small", compress="zstd")
    >>> load(folder + "/small")
    [1, 2.5]
    """
    found = source_of(source, progress)
    if protocol is None or protocol == found.stream.facts.protocol:
        rewrite(found, target, compress=compress, level=level, progress=progress)
        return
    dump(
        load(source, trust=trust, progress=progress),
        target,
        compress=compress,
        level=level,
        metadata=found.stream.facts.metadata,
        sign=is_own(found.origin),
        progress=progress,
        protocol=protocol,
    )


def sign(path: Path, *, progress: Progress | bool | None = None) -> None:
    """Vouch for a file: from now on it loads in full for the user, and for everybody who trusts the user's key.

    Only for files whose content the user knows: :func:`brinery.scan` tells what they would run.

    Raises:
        IntegrityError, DecodeError, OSError: As :func:`convert`.
    """
    found = source_of(path, progress)._replace(origin=OWN)
    rewrite(found, path, compress=found.compress, level=found.level, progress=progress)


def optimize(path: Path, *, progress: Progress | bool | None = None) -> int:
    """Make the file smaller without compressing it, and faster to load, and answer with how many bytes were saved.

    Opcodes that store what nobody fetches are left out, see :func:`pickletools.optimize`, and large memory is aligned.

    Raises:
        IntegrityError, DecodeError, OSError: As :func:`convert`.
    """
    found = source_of(path, progress)
    before = size_of(path)
    stream = optimized(found.stream)
    rewrite(found._replace(stream=stream), path, compress=found.compress, level=found.level, progress=progress)
    return before - size_of(path)


OWN = Origin("own")


def rewrite(found: Source, target: Path, *, compress: Any, level: int, progress: Progress | bool | None) -> None:
    identity = keyring().current if is_own(found.origin) else None
    write_stream(found.stream, target, compressor_for(compress, level), identity, progress=progress)


def is_own(origin: Origin | None) -> bool:
    return origin is not None and origin.kind == "own"


def source_of(path: Path, progress: Progress | bool | None) -> Source:
    """The stream of a file, verified.

    Raises:
        IntegrityError: It is damaged.
        DecodeError: It is no whole pickle.
    """
    with opened_to_read(path) as file:
        layout = layout_of(file)
        if layout is None:
            return source_of_foreign(content_of(file))
        manifest = layout.manifest
        with ExitStack() as stack:
            advance = stack.enter_context(reporting(progress, f"reading {name_of(path)}", manifest.end))
            parts = [new_memory(size) for size in sizes_of(manifest)]
            fill(file, layout.opened, parts, advance)
    return source_of_own(layout, parts)


def source_of_own(layout: Layout, parts: list[memoryview]) -> Source:
    manifest = layout.manifest
    facts = Facts(
        created=manifest.created,
        python=manifest.python,
        brinery=manifest.brinery,
        protocol=manifest.protocol,
        objects=manifest.objects,
        globals=manifest.globals,
        packages=manifest.packages,
        metadata=manifest.metadata,
    )
    level = (manifest.compression or {}).get("level", 3)
    stream = Stream(list(parts), frozenset(range(1, len(parts), 2)), facts)
    return Source(stream, "zstd" if manifest.compression else None, level, layout.opened.origin)


def source_of_foreign(data: memoryview) -> Source:
    """The pickle of a file that somebody else wrote; its large memory is not known to be that of arrays."""
    content, format = pickle_in(data)
    made = opened(content)
    report = check(made.payload, Rules(()))
    if report.end != len(made.payload):
        raise DecodeError("the file holds no whole pickle, or something else besides: brinery peek shows what is in it")
    facts = Facts(
        created=now(),
        python="unknown",
        brinery="unknown",
        protocol=report.protocol,
        objects=outline(made.payload)[0],
        globals=tuple(sorted({f"{each.module}.{each.name}" for each in report.globals})),
    )
    compress: Literal["zstd"] | None = "zstd" if format else None
    return Source(Stream([made.payload], frozenset(), facts), compress, 3, made.origin)


def optimized(stream: Stream) -> Stream:
    """The stream without what is not needed, and its memory aligned."""
    between = stream.memory[::2]
    buffers = [stream.memory[index] for index in sorted(stream.buffers)]
    sizes = [*(len(each) for each in buffers), 0]
    skeleton = pickletools.optimize(
        skeleton_of([(memoryview(part), size) for part, size in zip(between, sizes, strict=True)])
    )
    memory = aligned(skeleton, buffers)
    return Stream(memory, frozenset(range(1, len(memory), 2)), stream.facts)
