"""`python -m bench.files.memory`: how much resident memory writing an array of 1 GB adds to that of the array."""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

import numpy as np

import brinery

SIZE = 1_000_000_000


def peak() -> int:
    """The most resident memory since :func:`forget_peak`, in bytes; getrusage would count the parent's before exec."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found is not None
    return int(found[1]) * 1024


def forget_peak() -> None:
    """Begin anew with what is resident now. Source: proc_pid_clear_refs(5)."""
    Path("/proc/self/clear_refs").write_text("5")


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        path = folder + "/file"
        brinery.dump([1], path)
        brinery.load(path)
        array = np.ones(SIZE // 8)
        forget_peak()
        before = peak()
        brinery.dump(array, path, durable=False)
        print(f"{(peak() - before) / 1e6:.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
