"""Hard objects: made in one process's __main__ and used in a fresh one."""

import pytest
from bench.breadth.cases import CASES
from bench.breadth.child import outcome
from bench.breadth.matrix import Case

# Functions that were made of a text which nobody kept: on another version of Python there is nothing to compile.
WITHOUT_SOURCE = {"exec without source", "module made by hand"}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_it_does_in_a_fresh_process_what_it_did(case: Case) -> None:
    if missing := case.missing():
        pytest.skip(f"pip install {missing}")
    found, why = outcome(case, "brinery")
    assert (found, why) == ("right", "")


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.group in ("functions", "classes")], ids=lambda case: case.name
)
def test_it_does_so_too_when_it_is_compiled_from_its_source(case: Case) -> None:
    found, why = outcome(case, "source")
    if case.name in WITHOUT_SOURCE:
        assert found == "late"
        assert "DecodeError" in why
        assert "without its source: there is no source for" in why
    else:
        assert (found, why) == ("right", "")
