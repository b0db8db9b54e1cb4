"""`python scripts/vet.py [--write]`: hold the vetted list against the packages that are installed here.

Every global must exist, be what its entry says, and reach nothing that runs code without a guard in between; the names
of methods, which a state must not hold, must be those of the classes as they are. `--write` writes these down anew.
"""

from __future__ import annotations

import argparse
import functools
import importlib
import inspect
import json
import sys
import warnings
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from types import CodeType
from typing import Any

from brinery.trust import guards, vetting

FIELDS = Path(vetting.__file__).parent / "vetted" / "fields"
# What a method that a load calls must not name, unless a guard calls it with what it has checked.
FORBIDDEN = frozenset(
    [
        "eval",
        "exec",
        "compile",
        "__import__",
        "import_module",
        "system",
        "popen",
        "Popen",
        "spawn",
        "fork",
        "loads",
        "load",
        "open",
        "unlink",
        "rmtree",
        "remove",
        "urlopen",
        "connect",
    ]
)
CALLED_BY_A_LOAD = ("__setstate__", "__setattr__", "__hash__", "__eq__", "__setitem__", "append", "extend", "add")


def is_installed(package: str) -> bool:
    """Whether there is anything here to hold a list against."""
    return package == vetting.STDLIB or find_spec(package) is not None


def resolve(module: str, name: str) -> Any:
    """What a stream that names it gets.

    Raises:
        LookupError: It is not there.
    """
    try:
        found = importlib.import_module(module)
        return functools.reduce(getattr, name.split("."), found)
    except (ImportError, AttributeError) as error:
        raise LookupError(f"is not there: {error}") from error


def kind_problem(found: Any, known: dict[str, Any]) -> str | None:
    """Whether the object is what the role says."""
    role, is_class = known["role"], isinstance(found, type)
    if role in {"class", "type"} and not is_class:
        return f"is no class, but {type(found).__name__}"
    if role == "function" and not (callable(found) and not is_class) and known.get("makes") is None and not is_class:
        return "cannot be called"
    if role == "value" and is_class:
        return "is a class, but is said to be a value"
    return None


def names_in(code: CodeType) -> Iterator[str]:
    """The names of some code, and of the functions in it."""
    yield from code.co_names
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield from names_in(each)


def reached(function: Any) -> set[str]:
    """What a function in Python names that runs code."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    return FORBIDDEN & set(names_in(code)) if code else set()


def reach_problem(found: Any, known: dict[str, Any]) -> str | None:
    """Whether what a load calls of it names what runs code."""
    if "guard" in known or "maker" in known or known["role"] in {"type", "value"}:
        return None
    methods = [found] if known["role"] == "function" else methods_of(found, known)
    names = set().union(*map(reached, methods)) - set(known.get("reaches", ()))
    return f"reaches {', '.join(sorted(names))} without a guard" if names else None


def methods_of(cls: type, known: dict[str, Any]) -> list[Any]:
    """What a load may call of a class."""
    names = list(CALLED_BY_A_LOAD) + (["__new__", "__init__"] if known.get("args", [[]]) != [[]] else ["__new__"])
    return [found for found in (getattr(cls, name, None) for name in names) if found is not None]


def forbidden_fields(cls: type) -> list[str]:
    """The names of a class that an attribute of an instance would hide: its methods, and what acts like one."""
    found = []
    for name in dir(cls):
        value = inspect.getattr_static(cls, name, None)
        if not (name.startswith("__") and name.endswith("__")) and hides(value):
            found.append(name)
    return sorted(found)


def hides(value: Any) -> bool:
    """Whether it is a method, or acts like one, and gives way to an attribute."""
    kind = type(value)
    if isinstance(value, functools.cached_property) or hasattr(kind, "__set__"):
        return False
    return callable(value) or isinstance(value, classmethod | staticmethod) or hasattr(kind, "__get__")


def problems_of(module: str, name: str, known: dict[str, Any]) -> Iterator[str]:
    """What is wrong with one entry."""
    try:
        found = resolve(module, name)
    except LookupError as error:
        if not known.get("absent") and not is_alias(module, name):
            yield str(error)
        return
    yield from filter(None, (kind_problem(found, known), reach_problem(found, known)))
    for key in ("guard", "maker"):
        if key in known:
            guards.find(known[key])


def is_alias(module: str, name: str) -> bool:
    """Whether it is a name of the past, of which the package may know nothing any more."""
    package = vetting.package_of(module) or ""
    return any(f"{module}:{name}" in entry.get("also", ()) for entry in vetting.read_toml(package)["entry"])


def fields_of(package: str) -> dict[str, list[str]]:
    """The fields that a state must not have, of all classes of a package that take any attributes."""
    found = {}
    for module, name, known in vetting.entries(package):
        if known["role"] in {"class", "type"} and known.get("state") == "state":
            try:
                found[f"{module}:{name}"] = forbidden_fields(resolve(module, name))
            except LookupError:
                continue
    return found


def written(fields: dict[str, list[str]]) -> str:
    """As the loader reads it: each list of names once."""
    lists: list[list[str]] = []
    places: dict[tuple[str, ...], int] = {}
    indexes = {}
    for path, names in sorted(fields.items()):
        key = tuple(names)
        if key not in places:
            places[key] = len(lists)
            lists.append(names)
        indexes[path] = places[key]
    lines = ",\n".join(json.dumps(each) for each in lists)
    return f'{{"globals": {json.dumps(indexes, indent=1)},\n"names": [\n{lines}\n]}}\n'


def vet(package: str, write: bool) -> list[str]:
    """What is wrong with the list of a package."""
    found = [
        f"{module}:{name} {problem}"
        for module, name, known in vetting.entries(package)
        for problem in problems_of(module, name, known)
    ]
    path, fields = FIELDS / f"{package}.json", fields_of(package)
    if write and fields:
        path.write_text(written(fields), encoding="utf-8")
    elif fields and (not path.is_file() or path.read_text(encoding="utf-8") != written(fields)):
        found.append(f"{path.name} is not what the classes have: python scripts/vet.py --write")
    return found


def main() -> int:
    """Vet every list that there is a package of."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="write down the names of methods")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    count = 0
    for package in vetting.packages():
        if not is_installed(package):
            print(f"{package}: not installed here")
            continue
        problems = vet(package, options.write)
        count += len(problems)
        print(f"{package}: {len(vetting.entries(package))} globals, {len(problems)} problems")
        print(*(f"  {each}" for each in problems), sep="\n", end="\n" if problems else "")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
