"""One measurement in a process of its own: `python -m bench.memory.child WORKLOAD RIVAL OPERATION`.

Prints the peak resident memory of one call above what was resident before it, in KiB, and the peak that tracemalloc
saw, in KiB.
"""

from __future__ import annotations

import gc
import importlib
import sys
import tracemalloc
from pathlib import Path

from bench.workloads import WORKLOADS


def status(field: str) -> int:
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1])
    raise RuntimeError(f"no {field} in /proc/self/status")


def main() -> None:
    name, rival_name, operation = sys.argv[1:]
    workload = next(w for w in WORKLOADS if w.name == name)
    rival = importlib.import_module(f"bench.rivals.{rival_name}")
    other = importlib.import_module("bench.rivals.stdlib")
    obj = workload.make()
    writer = other if operation == "stock" else rival
    data = writer.dumps(obj, *writer.options)
    call, arguments = (rival.dumps, (obj, *rival.options)) if operation == "dumps" else (rival.loads, (data,))
    if operation != "dumps":
        del obj
    rival.loads(rival.dumps([1, "warm", {"up": 2.0}], *rival.options))
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak starts anew
    before = status("VmRSS")
    result = call(*arguments)
    resident = status("VmHWM") - before
    del result
    gc.collect()
    tracemalloc.start()
    result = call(*arguments)  # noqa: F841 - alive while the peak is read
    traced = tracemalloc.get_traced_memory()[1]
    print(resident, traced // 1024)


if __name__ == "__main__":
    main()
