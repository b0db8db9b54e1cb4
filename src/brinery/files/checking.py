"""Whether the chunks of a file are what was written, found out while the next ones are read."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial

from brinery.trust import Chunk, OpenedFile, SealKey, hash_of

__all__ = ["Checking", "checking"]

# Up to this size of a file threads cost more than they save.
SMALL = 4 << 20
MOST_THREADS = 4
TINY = 1 << 16  # of a chunk, likewise


class Checking:
    """Takes the chunks of a file, in order, and tells at the end which of them are damaged.

    The memory of buffers in the user's own files is checked by checksums with a proof that nobody else can make, which
    is ten times as fast as BLAKE3; that is asked only if they do not fit, to tell what is damaged.
    """

    def __init__(self, opened: OpenedFile, threads: ThreadPoolExecutor | None) -> None:
        """For the chunks of a file that has been opened."""
        self._opened = opened
        self._seal: SealKey | None = opened.seal
        self._threads = threads
        self._checks: list[tuple[Chunk, memoryview, Callable[[], bytes]]] = []

    def take(self, chunk: Chunk, memory: memoryview, read: Callable[[], None] = lambda: None) -> Callable[[], object]:
        """Look at a chunk, which `read` fetches first; its memory must stay as it is until :meth:`damaged`.

        What is answered, called, waits until that is done, and raises what `read` did.
        """
        work = self._checksum_of if self._seal is not None and chunk.region.kind == "buffer" else hash_of

        def check() -> bytes:
            read()
            return work(memory)

        wait: Callable[[], bytes]
        if self._threads is not None and len(memory) >= TINY:
            wait = self._threads.submit(check).result
        else:
            wait = partial(bytes, check())
        self._checks.append((chunk, memory, wait))
        return wait

    def _checksum_of(self, memory: memoryview) -> bytes:
        assert self._seal is not None
        checksum = self._seal.new_checksum()
        checksum.update(memory)
        digest: bytes = checksum.digest()
        return digest

    def damaged(self) -> list[Chunk]:
        """The chunks that are not what was written."""
        sealed = [check for check in self._checks if self._seal is not None and check[0].region.kind == "buffer"]
        hashed = [check for check in self._checks if self._seal is None or check[0].region.kind != "buffer"]
        wrong = [chunk for chunk, _, found in hashed if found() != chunk.hash]
        proof = self._opened.manifest.proof
        if self._seal is not None and proof is not None:
            checksums = b"".join(found() for _, _, found in sealed)
            if not self._seal.proves(bytes.fromhex(proof[1]), checksums):
                wrong += [chunk for chunk, memory, _ in sealed if hash_of(memory) != chunk.hash]
        return sorted(wrong, key=lambda chunk: chunk.offset)


@contextmanager
def checking(opened: OpenedFile) -> Iterator[Checking]:
    """A :class:`Checking`, with threads to work in if there is much to do.

    Raises:
        IntegrityError: At the end, if something is damaged.
    """
    if opened.manifest.end <= SMALL:
        found = Checking(opened, None)
        yield found
        wrong = found.damaged()
    else:
        with ThreadPoolExecutor(min(MOST_THREADS, os.cpu_count() or 1)) as threads:
            found = Checking(opened, threads)
            yield found
            wrong = found.damaged()
    if wrong:
        raise opened.manifest.damage(wrong)
