"""What the figures were taken on."""

from __future__ import annotations

import os
import platform
from importlib import metadata
from pathlib import Path


def processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor()


def versions(*packages: str) -> str:
    known = []
    for package in packages:
        try:
            known.append(f"{package} {metadata.version(package)}")
        except metadata.PackageNotFoundError:
            continue
    return ", ".join([f"CPython {platform.python_version()}", *known])


def heading(title: str, target: str, *packages: str) -> list[str]:
    """The first lines of a page of figures: of what, by which target of make, on what, and how busy that was."""
    return [
        f"# {title}",
        "",
        f"Taken with `make {target}` on {description(*packages)};",
        f"{os.cpu_count()} processors, which had a load of {os.getloadavg()[0]:.1f} at the beginning.",
    ]


def description(*packages: str) -> str:
    return f"{processor()}, {platform.system()} {platform.release()}; {versions(*packages)}"
