"""The vetted list itself: data that parses, says everything once, and gives a reason for each entry."""

from __future__ import annotations

from collections import Counter

import pytest

from brinery.codec import Rules
from brinery.trust import guards, vetting

PACKAGES = vetting.packages()
KEYS = {
    "role", "args", "kwargs", "state", "appends", "items", "adds", "hashable", "forbidden_fields", "guard", "maker", "makes",
    "absent", "reaches", "reason",
}  # fmt: skip


def all_entries() -> list[vetting.Vetted]:
    return [each for package in PACKAGES for each in vetting.entries(package)]


def test_every_global_is_listed_once() -> None:
    counts = Counter((module, name) for module, name, _ in all_entries())
    assert [each for each, count in counts.items() if count > 1] == []


@pytest.mark.parametrize("package", PACKAGES)
def test_every_entry_says_why_and_how(package: str) -> None:
    for module, name, known in vetting.entries(package):
        assert vetting.package_of(module) == package, f"{module}:{name} is looked for elsewhere"
        assert known["role"] in vetting.ROLES
        assert len(known["reason"]) > 10
        assert set(known) <= KEYS, f"{module}:{name}"


@pytest.mark.parametrize("package", PACKAGES)
def test_every_pattern_can_be_read(package: str) -> None:
    assert len(Rules(vetting.rules_of(package))) == len(vetting.entries(package))


@pytest.mark.parametrize("package", PACKAGES)
def test_types_and_values_are_never_called(package: str) -> None:
    for module, name, known in vetting.entries(package):
        if known["role"] in {"type", "value"}:
            assert "args" not in known, f"{module}:{name}"
        if known["role"] == "function":
            assert known["args"], f"{module}:{name}"


@pytest.mark.parametrize("package", PACKAGES)
def test_every_guard_is_there(package: str) -> None:
    for _, _, known in vetting.entries(package):
        for key in ("guard", "maker"):
            if key in known:
                assert callable(guards.find(known[key]))


def test_an_unknown_guard_is_an_error() -> None:
    with pytest.raises(LookupError):
        guards.find("numpy.nothing")
    with pytest.raises(LookupError):
        guards.find("nothing.restore")


def test_what_runs_code_by_nature_is_not_listed() -> None:
    listed = {f"{module}:{name}" for module, name, _ in all_entries()}
    never = {
        "builtins:eval", "builtins:exec", "builtins:__import__", "builtins:iter", "builtins:map", "builtins:filter", "builtins:zip",
        "builtins:setattr", "operator:attrgetter", "operator:methodcaller", "os:system", "functools:reduce", "types:FunctionType",
        "types:CodeType", "numpy:memmap", "pandas:eval", "tempfile:_TemporaryFileCloser", "builtins:open", "builtins:compile",
    }  # fmt: skip
    assert not listed & never


def test_lists_are_found_by_the_module() -> None:
    assert vetting.package_of("numpy.core.multiarray") == "numpy"
    assert vetting.package_of("_codecs") == "stdlib"
    assert vetting.package_of("payload") is None
    assert {module.partition(".")[0] for module, _, _ in vetting.entries_for(["numpy.ma", "numpy", "payload"])} == {
        "numpy"
    }


def test_rules_have_what_the_checker_takes() -> None:
    known = {name: rules for module, name, rules in vetting.rules_of("numpy") if module == "numpy._core.multiarray"}
    assert known["_reconstruct"]["makes"] == 0
    assert not {"guard", "maker", "absent"} & set(known["scalar"])
    old = {name: rules for module, name, rules in vetting.rules_of("numpy") if module == "numpy.core.multiarray"}
    assert next(iter(old)) in {"_reconstruct", "scalar"}


def test_names_of_the_same_object_share_their_entry() -> None:
    listed = {f"{module}:{name}": known for module, name, known in vetting.entries("numpy")}
    assert listed["numpy.core.multiarray:scalar"] is listed["numpy._core.multiarray:scalar"]
