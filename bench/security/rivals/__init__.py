"""Who is compared. Each module has `name`, the `packages` whose versions count, the `kind`, and `judge`.

A scanner's `judge` takes a path and gives whether it flags the file; whatever it raises counts as no verdict. A
loader's `judge` takes a path and returns if it opened the file; whatever it raises counts as a refusal.
"""

from __future__ import annotations

import importlib
from types import ModuleType

NAMES = ("picklescan", "fickling", "fickling_loader", "modelscan", "torch", "skops", "brinery", "brinery_scan")


def rivals() -> list[ModuleType]:
    """Those that are installed."""
    found = []
    for each in NAMES:
        try:
            found.append(importlib.import_module(f"bench.security.rivals.{each}"))
        except ImportError as error:
            print(f"left out: {each} needs {error.name or error}")
    return found
