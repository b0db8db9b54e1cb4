"""Pickles of real objects are let through by the list and its guards, and the objects answer as ever."""

from __future__ import annotations

import importlib
import pickle
import warnings

import pytest
from bench.honest.case import CASES, Case, globals_of

from brinery.errors import UntrustedError
from tests.trust.loading import loads

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # what is about to leave Python or NumPy is in files all the same
    for part in ("stdlib", "arrays", "tables", "science"):
        importlib.import_module(f"bench.honest.{part}")
PACKAGES = ("stdlib", "numpy", "pandas", "scipy", "pyarrow", "polars", "networkx", "sympy", "PIL")
# What is left out of the list, on purpose.
REFUSED = {
    "polars: expression": "brings pickled functions along",
    "polars: LazyFrame": "brings pickled functions along",
    "sympy: matrix": "is put together of states that sympy believes",
    "sympy: polynomials as such": "is expanded when it is made, at any size",
}


def cases_of(package: str) -> list[Case]:
    return [case for case in CASES if case.package == package]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("package", PACKAGES)
def test_honest_pickles_are_let_through(package: str) -> None:
    for case in cases_of(package):
        for protocol, data in case.pickles():
            if case.name in REFUSED:
                with pytest.raises(UntrustedError):
                    loads(data)
            else:
                assert case.use(loads(data)) == case.use(pickle.loads(data)), f"{case.name}, protocol {protocol}"


def test_the_corpus_is_large_and_varied() -> None:
    assert len(CASES) >= 300
    assert len({found for case in cases_of("stdlib") for _, data in case.pickles() for found in globals_of(data)}) > 100
