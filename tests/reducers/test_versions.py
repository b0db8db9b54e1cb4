"""Each version of Python writes, each other one reads: a few of the cases of `make versions`, where it has been run."""

import random

import pytest
from bench.versions.cases import ALL
from bench.versions.interpreters import VERSIONS, environment
from bench.versions.pairs import can_write, results
from bench.versions.report import failures, page

PYTHONS = {version: python for version in VERSIONS if (python := environment(version))}
CARRIED = [case for case in ALL if case.group != "values of the standard library"]
CHOSEN = random.Random(4).sample(CARRIED, 12)


@pytest.mark.skipif(len(PYTHONS) < 2, reason="`make versions` has made no environments of other versions of Python")
@pytest.mark.parametrize("case", CHOSEN, ids=lambda case: case.name)
def test_what_one_version_writes_every_other_runs(case):
    for writer in PYTHONS:
        if can_write(case, writer):
            for found in results(case, "brinery", writer, PYTHONS):
                assert found.what in {"right", "told"}, found


def test_the_page_counts_pairs_of_different_versions_apart_and_names_failures():
    from bench.versions.pairs import Result

    found = [
        Result("brinery", "3.11", "3.11", "lambda", "right", ""),
        Result("brinery", "3.11", "3.12", "lambda", "right", ""),
        Result("brinery", "3.12", "3.11", "lambda", "late", "no"),
        Result("cloudpickle", "3.12", "3.11", "lambda", "crashed", "signal 11"),
    ]
    text = page(found, "a machine", {})
    assert "| **brinery** | | **another version** | 1 of 2 (50%) | 0 | 0 | 1 |" in text
    assert "| cloudpickle | 3.12 | 3.11 | 0 of 1 (0%) | 0 | 0 | 0 | 0 | 1 | 0 |" in text
    assert failures(found, ("late",)) == ["- lambda (3.12 to 3.11): fails to load: `no`"]
