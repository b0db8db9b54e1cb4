"""The vetted list: what may be built of bytes that nobody vouches for, and how.

The list is data: one TOML file a package in ``vetted/``, reviewed by people. An entry says by which *role* a global may
be used, what a call of it may be given, what the state of what it makes may be, which guard looks at that, and why this
is safe. The names of a class's methods, which a state must not hold, are found by ``python -m scripts.vet --write``
and stand apart, in ``vetted/fields/``.

An entry that stands for several globals (``globals``) says the same of each; ``also`` are further names that streams
have for the same object. ``{name}`` in a pattern is one of the file's own ``[patterns]``, or of ``patterns.toml``.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

__all__ = ["ROLES", "Vetted", "entries", "entries_for", "package_of", "packages", "rules_of"]

Vetted = tuple[str, str, dict[str, Any]]  # the module, the dotted name in it, and what is known of it
ROLES = frozenset({"class", "function", "type", "value"})
STDLIB = "stdlib"
SHARED = "patterns"  # a file of patterns, not of entries
NAMES = ("global", "globals", "also")
# What the policy does with an entry, and what people and scripts/vet.py need of it.
POLICY_KEYS = frozenset({"guard", "maker", "absent", "reaches"})
KINDS = frozenset({"bytes", "bytearray", "complex", "frozenset", "set"})
MACRO = r"\{(\w+)\}"


def packages() -> list[str]:
    """The packages that there are lists of; the standard library is ``stdlib``."""
    found = (each.name.removesuffix(".toml") for each in vetted_files().iterdir() if each.name.endswith(".toml"))
    return sorted(name for name in found if name != SHARED)


def package_of(module: str) -> str | None:
    """Which list a module is in; None if none is about it.

    >>> package_of("collections"), package_of("numpy.random._pickle"), package_of("payload")
    ('stdlib', 'numpy', None)
    """
    top = module.partition(".")[0]
    if top in sys.stdlib_module_names:
        return STDLIB
    return top if top in known_packages() else None


@cache
def known_packages() -> frozenset[str]:
    return frozenset(packages()) - {STDLIB}


@cache
def entries(package: str) -> tuple[Vetted, ...]:
    """What is known of a package's globals; the file is read once.

    Raises:
        FileNotFoundError: There is no list of this package.

    >>> sorted(name for module, name, _ in entries("stdlib") if module == "fractions")
    ['Fraction']
    """
    content = read_toml(package)
    macros = shared_patterns() | content.get("patterns", {})
    fields = read_fields(package)
    return tuple(each for entry in content["entry"] for each in expanded(entry, macros, fields))


def entries_for(modules: Iterable[str]) -> Iterator[Vetted]:
    """What is known of all packages that some modules belong to."""
    found = {package_of(module) for module in modules}
    for package in sorted(each for each in found if each is not None):
        yield from entries(package)


def expanded(entry: dict[str, Any], macros: dict[str, str], fields: dict[str, list[str]]) -> Iterator[Vetted]:
    """One entry for each name that it stands for; further names of an object have the very same dict."""
    known = {key: with_macros(value, macros) for key, value in entry.items() if key not in NAMES}
    by_name: dict[str, dict[str, Any]] = {}
    for path in [*entry.get("globals", ()), *([entry["global"]] if "global" in entry else ()), *entry.get("also", ())]:
        module, _, name = path.partition(":")
        if name not in by_name:
            own = fields.get(path)
            by_name[name] = known | {"forbidden_fields": own} if own else dict(known)
        yield module, name, by_name[name]


def rules_of(package: str) -> Iterator[Vetted]:
    """The entries as :class:`brinery.codec.Rules` takes them: what is for the policy alone is left out."""
    lean: dict[int, dict[str, Any]] = {}
    for module, name, known in entries(package):
        if id(known) not in lean:
            lean[id(known)] = {key: value for key, value in known.items() if is_of_rules(key, value)}
        yield module, name, lean[id(known)]


def is_of_rules(key: str, value: Any) -> bool:
    """What calls of the standard library's own types make, the checker knows by itself."""
    return key not in POLICY_KEYS and not (key == "makes" and value in KINDS)


def with_macros(value: Any, macros: dict[str, str]) -> Any:
    if isinstance(value, str):
        import re

        return re.sub(MACRO, lambda found: with_macros(macros[found[1]], macros), value)
    if isinstance(value, list):
        return [with_macros(each, macros) for each in value]
    if isinstance(value, dict):
        return {key: with_macros(each, macros) for key, each in value.items()}
    return value


def vetted_files() -> Any:
    from importlib.resources import files

    return files("brinery.trust") / "vetted"


def read_toml(package: str) -> dict[str, Any]:
    import tomllib

    return tomllib.loads((vetted_files() / f"{package}.toml").read_text(encoding="utf-8"))


@cache
def shared_patterns() -> dict[str, str]:
    found: dict[str, str] = read_toml(SHARED)["patterns"]
    return found


def read_fields(package: str) -> dict[str, list[str]]:
    """The names of methods by global; those that many classes share are kept once."""
    import json

    path = vetted_files() / "fields" / f"{package}.json"
    if not path.is_file():
        return {}
    content = json.loads(path.read_text(encoding="utf-8"))
    return {name: content["names"][index] for name, index in content["globals"].items()}
