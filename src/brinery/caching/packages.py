"""Somebody else's code, which counts by the version of what it was installed with."""

from __future__ import annotations

import functools
import importlib.metadata
import importlib.util
import sys
from importlib.machinery import EXTENSION_SUFFIXES, ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

from brinery.digests.form import hashed
from brinery.digests.names import is_installed, is_own
from brinery.reducers.rule import goes_by_value

__all__ = ["PYTHON", "Installed", "installed_with", "is_compiled", "is_own_module", "is_own_name"]


class Installed(NamedTuple):
    """A package, or Python itself, and its version."""

    kind: str
    name: str
    version: str


PYTHON = Installed(
    "python",
    "python",
    f"{sys.version_info.major}.{sys.version_info.minor}" + f" -{'O' * sys.flags.optimize}" * bool(sys.flags.optimize),
)


def installed_with(module_name: str) -> tuple[Installed, ...]:
    """What a module of somebody else's was installed with: one distribution, or several that share the top package.

    >>> installed_with("json.decoder") == (PYTHON,)
    True
    """
    top = module_name.partition(".")[0]
    if top in sys.stdlib_module_names:
        return (PYTHON,)
    return (compiled_module(module_name),) if is_compiled(module_name) else distributions_of(top)


def is_compiled(module_name: str) -> bool:
    """Whether a module is the user's own, and compiled: of its functions there is no source."""
    file = getattr(sys.modules.get(module_name), "__file__", None)
    return isinstance(file, str) and file.endswith(tuple(EXTENSION_SUFFIXES)) and is_own(module_name)


@functools.lru_cache(1024)
def compiled_module(module_name: str) -> Installed:
    """A compiled module of the user's own, by what is in its file."""
    return Installed("package", module_name, hash_of_file(sys.modules[module_name].__file__))


def hash_of_file(file: str | None) -> str:
    """What tells a file from another version of it."""
    return hashed(Path(file).read_bytes()).hex()[:16] if file is not None and Path(file).is_file() else "unknown"


@functools.lru_cache(1024)
def distributions_of(top: str) -> tuple[Installed, ...]:
    """The distributions that a top-level module is of; where there is none, the module by its own version."""
    version = version_of_namesake(top)
    if version is not None:
        return (Installed("package", top, version),)
    # Slow, as it reads what all distributions consist of.
    names = sorted(set(importlib.metadata.packages_distributions().get(top, ())))
    found = tuple(Installed("package", each, importlib.metadata.version(each)) for each in names)
    return found or (Installed("package", top, version_without_distribution(top)),)


def version_of_namesake(top: str) -> str | None:
    """The version of the distribution that has the module's name, if the module is of that one."""
    try:
        distribution = importlib.metadata.distribution(top)
    except importlib.metadata.PackageNotFoundError:
        return None
    modules = (distribution.read_text("top_level.txt") or "").split()
    files = "\n" + (distribution.read_text("RECORD") or "")
    return distribution.version if top in modules or f"\n{top}/" in files or f"\n{top}.py," in files else None


def version_without_distribution(top: str) -> str:
    """What a module says its version is, or else the hash of its file."""
    module = sys.modules.get(top)
    version = getattr(module, "__version__", None)
    return version if isinstance(version, str) else hash_of_file(getattr(module, "__file__", None))


def is_own_module(module: ModuleType) -> bool:
    """Whether a module is the user's own, as :func:`brinery.digests.names.is_own` has it, or a folder of such."""
    if is_own(module.__name__):
        return True
    spec = getattr(module, "__spec__", None)
    return getattr(module, "__file__", None) is None and is_own_folder(spec)


def is_own_name(module_name: str) -> bool | None:
    """Whether a module is the user's own that may not be loaded yet; None where there is no module of that name."""
    if goes_by_value(module_name):
        return True
    top = module_name.partition(".")[0]
    if top in sys.stdlib_module_names or top == "brinery":
        return False
    loaded = sys.modules.get(top)
    if loaded is not None:
        return is_own_module(loaded)
    try:
        spec = importlib.util.find_spec(top)
    except (ImportError, ValueError):
        return None
    return None if spec is None else is_own_folder(spec) or is_own_file(spec.origin)


def is_own_folder(spec: ModuleSpec | None) -> bool:
    """Whether a module is a folder without a file of its own, and not among what is installed."""
    if spec is None or spec.origin is not None or spec.submodule_search_locations is None:
        return False
    return not any(is_installed(str(Path(each) / "__init__.py")) for each in spec.submodule_search_locations)


def is_own_file(origin: str | None) -> bool:
    """Whether a module's file is not among what is installed."""
    return origin is not None and origin not in {"built-in", "frozen"} and not is_installed(origin)
