"""`python -m bench.files.memory write|read|map`: how much resident memory a file of 1 GB adds to that of the array."""

from __future__ import annotations

import os
import resource
import sys
import tempfile
from pathlib import Path

import numpy as np

import brinery

SIZE = 1_000_000_000


def peak() -> int:
    """The most resident memory that there has been, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/array"
        brinery.dump([1], path)
        brinery.load(path)
        array = np.ones(SIZE // 8)
        before = max(resident(), peak())
        brinery.dump(array, path, durable=False)
        print(f"{(peak() - before) / 1e6:.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
