"""Files of large values: standard pickles, whose proof is kept with the value's key.

A file is written under a name of its own, which nobody is told before it is whole; so it needs no other one first. What
proves it stands in the store, so that opening it takes nothing but a mapping.
"""

from __future__ import annotations

import mmap
import os
import struct
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from brinery.errors import IntegrityError
from brinery.files.atomic import sync, sync_folder
from brinery.serializer import Pieces
from brinery.trust import SealKey, hash_of

__all__ = ["NAME_SIZE", "Blob", "Stamp", "map_blob", "parts_of", "proves", "write_blob"]

NAME_SIZE = 16
HEADER = struct.Struct(f"<{NAME_SIZE}sQI16s32s32sQqq")
SPAN = struct.Struct("<QQ")
# What is written and hashed at a time: it is still in the cache of a core when it is hashed.
BLOCK = 1 << 20
# Up to this size a thread that hashes costs more than it saves.
THREADED = 4 << 20


class Stamp(NamedTuple):
    """What is another after somebody has written to a file, or has put another in its place."""

    inode: int
    modified: int  # nanoseconds since the epoch
    changed: int  # likewise, set by the system alone


class Blob(NamedTuple):
    """What is said of a file: its name and size, where buffers are in it, and what proves it.

    `checksum` is XXH3 of all of it, for everybody. `rest` is the BLAKE3 hash of what is outside of the buffers, and
    `proof` what :meth:`SealKey.proof_of` says of the checksums of the buffers, for the user who wrote it. As long as
    its `stamp` is what it was, nobody has written to it since.
    """

    name: str
    size: int
    spans: tuple[tuple[int, int], ...]
    checksum: bytes
    rest: bytes
    proof: bytes
    stamp: Stamp

    def to_bytes(self) -> bytes:
        """As it is kept under the key."""
        head = HEADER.pack(
            bytes.fromhex(self.name), self.size, len(self.spans), self.checksum, self.rest, self.proof, *self.stamp
        )
        return head + b"".join(SPAN.pack(*span) for span in self.spans)

    @classmethod
    def from_bytes(cls, data: bytes) -> Blob:
        """What :meth:`to_bytes` made the bytes of.

        Raises:
            IntegrityError: Nothing did.
        """
        try:
            name, size, count, checksum, rest, proof, *stamp = HEADER.unpack_from(data)
            spans = tuple(SPAN.iter_unpack(data[HEADER.size :]))
        except struct.error as error:
            raise IntegrityError(f"what is said of the file is damaged: {error}") from None
        end = 0
        for offset, length in spans:
            if offset < end or offset + length > size:
                raise IntegrityError("what is said of the file is damaged: its buffers are not within it")
            end = offset + length
        if count != len(spans):
            raise IntegrityError("what is said of the file is damaged: it has another number of buffers")
        return cls(name.hex(), size, spans, checksum, rest, proof, Stamp(*stamp))


def write_blob(path: Path, name: str, pieces: Pieces, seal: SealKey, *, durable: bool) -> Blob:
    """Write a pickle to a new file; what is to be said of it.

    Raises:
        OSError: It cannot be written. There is no file then.
    """
    memory = [memoryview(piece).cast("B") for piece in pieces.memory]
    spans, offset = [], 0
    for index, piece in enumerate(memory):
        if index in pieces.buffers:
            spans.append((offset, len(piece)))
        offset += len(piece)
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    descriptor = os.open(path, flags, 0o666)  # as the database: whoever may read the one may read the other
    try:
        os.truncate(descriptor, offset)
        # What is hashed is what is in the file: memory that changes meanwhile makes no file that cannot be read.
        with mmap.mmap(descriptor, offset, access=mmap.ACCESS_READ) as mapping, memoryview(mapping) as view:
            sums = Sums(view, spans, seal)
            if offset < THREADED:
                for end in written(descriptor, memory):
                    sums.go_on(end)
            else:
                with ThreadPoolExecutor(1) as thread:
                    for waiting in [thread.submit(sums.go_on, end) for end in written(descriptor, memory)]:
                        waiting.result()
            checksum, rest, proof = sums.finish()
        if durable:
            sync(descriptor)
        stamp = stamp_of(descriptor)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    finally:
        os.close(descriptor)
    if durable:
        sync_folder(path.parent)
    return Blob(name, offset, tuple(spans), checksum, rest, proof, stamp)


def stamp_of(descriptor: int) -> Stamp:
    found = os.fstat(descriptor)
    return Stamp(found.st_ino, found.st_mtime_ns, found.st_ctime_ns)


def written(descriptor: int, memory: Sequence[memoryview]) -> Iterator[int]:
    """Write one after the other; up to where, after each block."""
    end = 0
    for piece in memory:
        for start in range(0, len(piece), BLOCK):
            block = piece[start : start + BLOCK]
            while block:
                count = os.write(descriptor, block)
                block = block[count:]
                end += count
            yield end


class Sums:
    """The checksums and hashes of a file, while it is written or read."""

    def __init__(self, view: memoryview, spans: Sequence[tuple[int, int]], seal: SealKey | None) -> None:
        """Of this memory, from its beginning; without a key there is no proof."""
        from xxhash import xxh3_128

        self._view = view
        self._spans = tuple(spans)
        self._seal = seal
        self._all = xxh3_128()
        self._at = 0
        self._buffers = [] if seal is None else [seal.new_checksum() for _ in spans]

    def go_on(self, end: int) -> None:
        """Take what there is up to here."""
        self._all.update(self._view[self._at : end])
        for (offset, length), checksum in zip(self._spans, self._buffers, strict=False):
            start, stop = max(offset, self._at), min(offset + length, end)
            if start < stop:
                checksum.update(self._view[start:stop])
        self._at = end

    def finish(self) -> tuple[bytes, bytes, bytes]:
        """The checksum of all, the hash of what is outside of the buffers, and the proof of those."""
        rest = hash_of(b"".join(parts_of(self._view, self._spans)[::2]))
        proof = (
            bytes(32) if self._seal is None else self._seal.proof_of(b"".join(each.digest() for each in self._buffers))
        )
        return self._all.digest(), rest, proof


def parts_of(view: memoryview, spans: Sequence[tuple[int, int]]) -> list[memoryview]:
    """What comes before the first buffer, the buffer, what comes before the second, and so on; last, what is left."""
    parts, end = [], 0
    for offset, length in spans:
        parts += [view[end:offset], view[offset : offset + length]]
        end = offset + length
    return [*parts, view[end:]]


def map_blob(path: Path, blob: Blob) -> tuple[memoryview, Stamp]:
    """All of a file as memory; what is written to it stays in this process. And its stamp.

    Raises:
        IntegrityError: It is of another size.
        FileNotFoundError: It is not there.
    """
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0))
    try:
        size = os.fstat(descriptor).st_size
        if size != blob.size or not size:
            raise IntegrityError(f"its file {path} is damaged: it has {size:,} bytes instead of {blob.size:,}")
        return memoryview(mmap.mmap(descriptor, 0, access=mmap.ACCESS_COPY)), stamp_of(descriptor)
    finally:
        os.close(descriptor)


def proves(blob: Blob, view: memoryview, seal: SealKey | None) -> bool:
    """Whether memory is what was written: for the user whose key it is, nobody else can have written it."""
    if seal is None:
        from xxhash import xxh3_128_digest

        found: bytes = xxh3_128_digest(view)
        return found == blob.checksum
    sums = [seal.new_checksum() for _ in blob.spans]
    parts = parts_of(view, blob.spans)
    for part, checksum in zip(parts[1::2], sums, strict=True):
        checksum.update(part)
    return hash_of(b"".join(parts[::2])) == blob.rest and seal.proves(
        blob.proof, b"".join(each.digest() for each in sums)
    )
