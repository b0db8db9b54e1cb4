"""Checksums of large memory, as fast as it can be read: by several threads, piece by piece.

Source: XXH3, https://github.com/Cyan4973/xxHash (128 bits, seeded). It is no cryptographic hash; see
:mod:`brinery.trust.seal` for what it may stand for.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from threading import Thread

__all__ = ["checksum", "run_in_threads"]

PIECE = 4 * 1024 * 1024
# One core does not get all that memory can give; more than this hardly get more.
MOST_THREADS = 4
SIZE = 16


def checksum(memory: memoryview, seed: int) -> bytes:
    """A checksum that depends on the seed, 16 bytes for each piece of 4 MiB.

    >>> len(checksum(memoryview(bytes(100)), 1))
    16
    """
    from xxhash import xxh3_128_digest

    starts = range(0, len(memory), PIECE)
    found = bytearray(SIZE * len(starts))
    waiting = iter(enumerate(starts))

    def work() -> None:
        # next() of a built-in iterator is atomic, so that each piece is taken once.
        for number, start in waiting:
            digest = xxh3_128_digest(memory[start : start + PIECE], seed=seed)
            found[SIZE * number : SIZE * (number + 1)] = digest

    run_in_threads(work, min(MOST_THREADS, os.cpu_count() or 1, len(starts)))
    return bytes(found)


def run_in_threads(work: Callable[[], None], count: int) -> None:
    """Run the same work in so many threads, this one among them, until all of it is done."""
    helpers = []
    for _ in range(count - 1):
        helper = Thread(target=work)
        try:
            helper.start()
        except RuntimeError:
            # No more threads: what is left is done here.
            break
        helpers.append(helper)
    work()
    for helper in helpers:
        helper.join()
