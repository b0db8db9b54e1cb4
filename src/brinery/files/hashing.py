"""Writing to a file and hashing what is written, in regions of chunks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import IO, Any

from brinery.files.memory import new_memory
from brinery.trust import Region, RegionKind, SealKey, new_hash

__all__ = ["Hashing"]

# What is copied, hashed and written at a time: little enough to stay in the cache of a core in between.
BLOCK = 1 << 20
# How many blocks may be on their way: one is filled, one hashed, one written.
SLOTS = 4


class Hashing:
    """Writes to a file, and hashes what it writes in another thread.

    What is hashed and written is a copy of a block, made once: memory that changes in between does not make a file that
    cannot be read.
    """

    def __init__(self, file: IO[bytes], chunk: int, *, threaded: bool, seal: SealKey | None = None) -> None:
        """Begin with no regions; `seal` is the key that buffers are to have checksums for."""
        self._file = file
        self._chunk = chunk
        self._seal = seal
        self._thread = ThreadPoolExecutor(1) if threaded else None
        block = new_memory(SLOTS * BLOCK if threaded else 0)
        self._slots = [block[start : start + BLOCK] for start in range(0, len(block), BLOCK)]
        self._waiting: list[Future[None] | None] = [None] * SLOTS
        self._turn = 0
        self._offset = 0
        self._regions: list[tuple[RegionKind, int, int, list[Any]]] = []
        self._checksums: list[Any] = []

    def __enter__(self) -> Hashing:
        """Begin."""
        return self

    def __exit__(self, *_: object) -> None:
        """Let the thread go."""
        if self._thread is not None:
            self._thread.shutdown(cancel_futures=True)

    def write(self, kind: RegionKind, parts: Iterable[Any]) -> None:
        """Write a region, which is of all the parts."""
        start = self._offset
        hashes: list[Any] = []
        for block in self._blocks(parts):
            if (self._offset - start) % self._chunk == 0:
                hashes.append(new_hash())
                if kind == "buffer" and self._seal is not None:
                    self._checksums.append(self._seal.new_checksum())
            sums = [hashes[-1], *(self._checksums[-1:] if kind == "buffer" and self._seal is not None else [])]
            self._take(block, sums)
            self._file.write(block)
            self._offset += len(block)
        if self._offset > start:
            self._regions.append((kind, start, self._offset - start, hashes))

    def finish(self) -> tuple[tuple[Region, ...], bytes]:
        """The regions, hashed, and the checksums of the buffers, one after the other."""
        for waiting in filter(None, self._waiting):
            waiting.result()
        regions = tuple(
            Region(kind, start, size, "".join(each.hexdigest() for each in hashes))
            for kind, start, size, hashes in self._regions
        )
        return regions, b"".join(each.digest() for each in self._checksums)

    def _take(self, block: memoryview, sums: list[Any]) -> None:
        """Have all of the sums take the block."""
        if self._thread is None:
            update(sums, block)
            return
        self._waiting[self._turn] = self._thread.submit(update, sums, block)
        self._turn = (self._turn + 1) % SLOTS

    def _blocks(self, parts: Iterable[Any]) -> Iterator[memoryview]:
        """The parts in blocks of the same size, the last one shorter."""
        if self._thread is None:
            whole = memoryview(b"".join(parts))
            yield from (whole[start : start + BLOCK] for start in range(0, len(whole), BLOCK))
            return
        slot, filled = self._free_slot(), 0
        for part in parts:
            taken = 0
            while taken < len(part):
                size = min(BLOCK - filled, len(part) - taken)
                slot[filled : filled + size] = part[taken : taken + size]
                filled += size
                taken += size
                if filled == BLOCK:
                    yield slot
                    slot, filled = self._free_slot(), 0
        if filled:
            yield slot[:filled]

    def _free_slot(self) -> memoryview:
        """Memory for a block that nobody hashes any more."""
        if (waiting := self._waiting[self._turn]) is not None:
            waiting.result()
        return self._slots[self._turn]


def update(sums: list[Any], block: memoryview) -> None:
    for each in sums:
        each.update(block)
