"""What a file was written with, and what of it matters where it is read."""

from __future__ import annotations

import functools
import importlib.metadata
import platform
import sys
import time
from collections.abc import Iterable, Mapping

__all__ = ["difference", "installed", "now", "packages_of", "python_version"]

# Their objects are made of the insides of one version: of these, the second number of a version matters, too.
CLOSE = frozenset({"scikit-learn", "xgboost", "lightgbm", "statsmodels", "spacy"})


def now() -> str:
    """The time, ISO 8601 in UTC."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def python_version() -> str:
    """The version of the interpreter."""
    return platform.python_version()


def packages_of(modules: Iterable[str]) -> dict[str, str]:
    """The versions of the installed packages that some modules are of, by their names on PyPI; not the stdlib's.

    >>> packages_of(["collections", "json.decoder"])
    {}
    """
    found: dict[str, str] = {}
    for top in sorted({module.partition(".")[0] for module in modules}):
        if top not in sys.stdlib_module_names and top != "brinery" and (package := package_of(top)) is not None:
            found[package[0]] = package[1]
    return found


@functools.lru_cache(1024)
def package_of(top: str) -> tuple[str, str] | None:
    """Name and version of the package that a module is of."""
    for name in names_for(top):
        try:
            return name, importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return None


def names_for(top: str) -> Iterable[str]:
    yield KNOWN.get(top, top)
    # All packages have to be looked through; few need it.
    yield from distributions().get(top, [])


@functools.lru_cache(1)
def distributions() -> Mapping[str, list[str]]:
    return importlib.metadata.packages_distributions()


KNOWN = {"sklearn": "scikit-learn", "PIL": "pillow", "cv2": "opencv-python", "yaml": "PyYAML", "bs4": "beautifulsoup4"}


def difference(python: str, packages: Mapping[str, str]) -> str | None:
    """What to warn of, in one sentence, and how to undo it; None where nothing matters.

    A package matters if it is not there, if it is of another major version, or if it is older than what the file was
    written with; of packages whose objects are made of their insides, another minor version matters, too.

    >>> difference("3.11.0", {"blake3": "0.0.1"})[:40]
    'written with blake3 0.0.1, read with bla'
    >>> difference("3.11.0", {}) is None
    True
    """
    told, wanted = [], []
    for name, theirs in packages.items():
        ours = installed(name)
        if ours is None:
            told.append(f"written with {name} {theirs}, which is not installed here")
        elif matters(name, theirs, ours):
            told.append(f"written with {name} {theirs}, read with {name} {ours}")
        else:
            continue
        wanted.append(f"{name}=={theirs}")
    if not told:
        return None
    return f"{'; '.join(told)} (Python {python} there). To have the same: pip install {' '.join(wanted)}"


@functools.lru_cache(1024)
def installed(name: str) -> str | None:
    """The version of a package, or None where it is not installed."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def matters(name: str, theirs: str, ours: str) -> bool:
    written, here = numbers(theirs), numbers(ours)
    return written[:1] != here[:1] or here[:2] < written[:2] or (name in CLOSE and written[:2] != here[:2])


def numbers(version: str) -> tuple[int, ...]:
    """The numbers that a version begins with.

    >>> numbers("2.13.0+cpu"), numbers("1.0rc1")
    ((2, 13, 0), (1, 0))
    """
    found = []
    for part in version.split("."):
        digits = "".join(each for each in part[: len(part) - len(part.lstrip("0123456789"))])
        if not digits:
            break
        found.append(int(digits))
        if digits != part:
            break
    return tuple(found)
