"""How many threads BLAKE3 may use: as many as there are for a lot of bytes, and one in a forked child.

The library keeps a pool of threads. A child that was forked has none of them, and would wait for its parent's for ever.
"""

from __future__ import annotations

import os

__all__ = ["THREADED", "threads_for"]

THREADED = 1 << 20  # bytes from which on several threads are faster than one
ALL = -1  # blake3.AUTO


class _Pool:
    usable = True

    @classmethod
    def forget(cls) -> None:
        cls.usable = False


os.register_at_fork(after_in_child=_Pool.forget)


def threads_for(size: int) -> int:
    """What to give `blake3` for ``max_threads``, to hash so many bytes.

    >>> threads_for(100), threads_for(1 << 30)
    (1, -1)
    """
    return ALL if size >= THREADED and _Pool.usable else 1
