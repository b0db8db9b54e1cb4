"""The fresh process of the tour: loads a pickle and says by its exit status whether it is the same object.

Run as ``python -m brinery.cli.reload STOP FOLDER``; 0: the same, 1: different.
"""

from __future__ import annotations

import sys
from pathlib import Path

from brinery import pickle
from brinery.cli.stops import STOPS


def main() -> int:
    """Load the object in the folder, make it anew, compare."""
    name, folder = sys.argv[1], Path(sys.argv[2])
    stop = next(each for each in STOPS if each.name == name)
    buffers = [
        bytearray(path.read_bytes())
        for path in sorted(folder.glob("object.*.buffer"), key=lambda p: int(p.name.split(".")[1]))
    ]
    loaded = pickle.loads((folder / "object.pkl").read_bytes(), buffers=buffers)
    return 0 if stop.same(stop.make(), loaded) else 1


if __name__ == "__main__":
    sys.exit(main())
