"""What the memory bench does in processes of their own.

`python -m bench.memory.child write WORKLOAD RIVAL FOLDER` makes the object and writes its stream, and the names of the
modules that loading it took, into the folder.

`python -m bench.memory.child measure WORKLOAD RIVAL OPERATION FOLDER` prints the peak resident memory of one call above
what was resident before it, in KiB, and the peak that tracemalloc saw, in KiB. A stream is read from the folder: what
making it would have left free in the allocator belongs to neither side.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import sys
import tracemalloc
from pathlib import Path
from typing import Any

from bench.workloads import WORKLOADS


def status(field: str) -> int:
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1])
    raise RuntimeError(f"no {field} in /proc/self/status")


def make(name: str) -> Any:
    return next(w for w in WORKLOADS if w.name == name).make()


def write(name: str, rival_name: str, folder: Path) -> None:
    rival = importlib.import_module(f"bench.rivals.{rival_name}")
    data = rival.dumps(make(name), *rival.options)
    rival.loads(data)
    (folder / f"{rival_name}.pickle").write_bytes(data)
    (folder / f"{rival_name}.json").write_text(json.dumps(sorted(sys.modules)), encoding="utf-8")


def sample() -> list[Any]:
    """A little of everything, to have the code of either side in memory before: it is no part of a call's cost."""
    numbers = [each * 1.5 for each in range(8_000)]
    return [numbers, [*range(300, 8_000)], [bytes(2048 + i) for i in range(40)], {"up", 2.0}, ("warm", True, None)]


def import_all(names: list[str]) -> None:
    for name in names:
        with contextlib.suppress(ImportError):  # made by hand, or of another process's __main__
            importlib.import_module(name)


def measure(name: str, rival_name: str, operation: str, folder: Path) -> tuple[int, int]:
    rival = importlib.import_module(f"bench.rivals.{rival_name}")
    if operation == "dumps":
        call, arguments = rival.dumps, (make(name), *rival.options)
    else:
        writer = "stdlib" if operation == "stock" else rival_name
        import_all(json.loads((folder / f"{writer}.json").read_text(encoding="utf-8")))
        call, arguments = rival.loads, ((folder / f"{writer}.pickle").read_bytes(),)
    rival.loads(rival.dumps(sample(), *rival.options))
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak starts anew
    before = status("VmRSS")
    result = call(*arguments)
    resident = status("VmHWM") - before
    del result
    gc.collect()
    tracemalloc.start()
    result = call(*arguments)  # noqa: F841 - alive while the peak is read
    return resident, tracemalloc.get_traced_memory()[1] // 1024


def main() -> None:
    what, *arguments, folder = sys.argv[1:]
    if what == "write":
        write(*arguments, Path(folder))
    else:
        print(*measure(*arguments, Path(folder)))


if __name__ == "__main__":
    main()
