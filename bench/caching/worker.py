"""`python -m bench.caching.worker RIVAL FOLDER`: one of many processes that call a slow function at once."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from bench.caching.rivals import RIVALS


def slow(folder: str) -> int:
    """Takes as long as a file says, and notes that it has run."""
    with open(folder + "/log", "a", encoding="utf-8") as log:
        log.write("x\n")
    time.sleep(float(Path(folder, "seconds").read_text(encoding="utf-8")))
    return 1


def main() -> int:
    name, folder = sys.argv[1:]
    rival = RIVALS[name]()
    wrap = rival.for_many or rival.kept
    assert wrap is not None
    function = wrap(slow, folder + "/results")
    Path(folder, f"ready-{os.getpid()}").touch()
    while not Path(folder, "go").exists():
        time.sleep(0.001)
    assert function(folder) == 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
