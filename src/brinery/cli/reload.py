"""The fresh process of the tour: loads the object and says by its exit status whether it is the same.

Run as ``python -m brinery.cli.reload STOP FOLDER``; 0: the same, 1: different.
"""

from __future__ import annotations

import sys
from pathlib import Path

from brinery.cli.stops import STOPS


def main() -> int:
    """Load the object in the folder, make it anew, compare: the objects, or the bytes where they are all there is."""
    name, folder = sys.argv[1], Path(sys.argv[2])
    stop = next(each for each in STOPS if each.name == name)
    buffers = [
        bytearray(path.read_bytes())
        for path in sorted(folder.glob("object.*.buffer"), key=lambda p: int(p.name.split(".")[1]))
    ]
    way, data = stop.way(), (folder / "object.pkl").read_bytes()
    if not way.loads_it:
        return 0 if way.dumps(stop.make()) == data else 1
    before = folder / "before.pkl"
    if before.exists():
        way.receive(before.read_bytes())
    return 0 if stop.same(stop.make(), way.loads(data, buffers)) else 1


if __name__ == "__main__":
    sys.exit(main())
