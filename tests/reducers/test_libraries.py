"""Objects of real libraries: made in one process's __main__ and used in a fresh one. `make libraries` has all of them."""

import ctypes
import sys
import types
from importlib import metadata

import pytest
from bench.breadth.child import outcome
from bench.breadth.matrix import Case
from bench.libraries.cases import CASES

import brinery
from brinery import reducers
from brinery.reducers import registry

# Of the packages of the matrix, those that the environment of `make test` has anyway.
PACKAGES = {"numpy", "pandas", "scikit-learn", "scipy", "joblib", "click", "typer", "rich", "pytest", "hypothesis"} | {
    "python-dateutil",
    "sortedcontainers",
    "typing_extensions",
}


def test_the_matrix_is_of_at_least_thirty_packages() -> None:
    assert len({case.package for case in CASES}) >= 30
    assert len({case.name for case in CASES}) == len(CASES)


@pytest.mark.parametrize("package", sorted(PACKAGES))
def test_the_packages_of_the_short_form_are_there_and_in_the_matrix(package: str) -> None:
    assert metadata.version(package)
    assert package in {case.package for case in CASES}


@pytest.mark.parametrize("case", [case for case in CASES if case.package in PACKAGES], ids=lambda case: case.name)
def test_it_does_in_a_fresh_process_what_it_did(case: Case) -> None:
    assert outcome(case, "brinery") == ("right", "")


def stand_in_module(name: str, source: str, monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    """A module that is found under the name of a library's, with a class as the library's is."""
    module = types.ModuleType(name)
    module.__spec__ = types.SimpleNamespace(name=name)  # type: ignore[assignment]
    exec(source, vars(module))
    monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setitem(registry._seen, "modules", 0)  # names are looked up when the number of modules has changed
    return module


def test_a_sentinel_comes_back_as_the_one_of_its_module(monkeypatch: pytest.MonkeyPatch) -> None:
    source = "class _Missing: pass\nmissing = _Missing()"
    module = stand_in_module("marshmallow.constants", source, monkeypatch)
    made = brinery.loads(brinery.dumps([module.missing, module._Missing()]), trust="everything")
    assert made[0] is module.missing
    assert made[1] is not module.missing


def test_an_instance_that_asks_another_for_what_it_has_not_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    source = "class CallbackIOWrapper:\n    def __getattr__(self, name): return getattr(self._wrapped, name)"
    made = stand_in_module("tqdm.utils", source, monkeypatch).CallbackIOWrapper()
    made._wrapped = [1, 2]
    assert brinery.loads(brinery.dumps(made), trust="everything").index(2) == 1


def test_the_state_of_an_instance_is_set_without_its_own_setattr() -> None:
    class Frozen:
        __slots__ = ("__dict__", "x")

        def __setattr__(self, name: str, value: object) -> None:
            raise AttributeError(name)

    made = reducers.make_instance(Frozen)
    reducers.set_instance_state(made, ({"y": 2}, {"x": 1}))
    assert (made.x, made.y) == (1, 2)


def test_a_template_is_made_without_its_constructor(monkeypatch: pytest.MonkeyPatch) -> None:
    source = "class Template:\n    def __new__(cls, source): raise RuntimeError(source)"
    made = object.__new__(stand_in_module("jinja2.environment", source, monkeypatch).Template)
    made.render = lambda: "text"
    assert brinery.loads(brinery.dumps(made), trust="everything").render() == "text"


def test_a_wrapped_function_is_wrapped_again(monkeypatch: pytest.MonkeyPatch) -> None:
    source = (
        "class FunctionWrapper:\n"
        "    def __init__(self, wrapped, wrapper, enabled=None):\n"
        "        self.__wrapped__, self._self_wrapper, self._self_enabled = wrapped, wrapper, enabled\n"
        "    def __call__(self, *args): return self._self_wrapper(self.__wrapped__, None, args, {})\n"
        "    def __reduce__(self): raise NotImplementedError\n"
    )
    wrapt = stand_in_module("wrapt", source, monkeypatch)
    made = wrapt.FunctionWrapper(lambda x: x + 1, lambda wrapped, instance, args, kwargs: wrapped(*args) * 2)
    assert brinery.loads(brinery.dumps(made), trust="everything")(2) == 6


def test_a_class_that_only_its_metaclass_can_make_is_refused_where_it_is_dumped() -> None:
    class Point(ctypes.Structure):
        pass

    with pytest.raises(brinery.EncodeError, match=r"PyC\w*Type cannot go by value: define it in a module"):
        brinery.dumps(Point)
