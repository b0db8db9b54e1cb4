"""The measuring itself, without looking at a clock's figures."""

import itertools
import subprocess
import sys
from pathlib import Path

import pytest
from bench.memory.__main__ import Peak, child, is_above
from bench.rivals import stdlib
from bench.speed.large import out_of_band
from bench.speed.measure import able, alternate, measure
from bench.workloads import WORKLOADS, Workload, equal

ROOT = Path(__file__).parent.parent.parent


def test_calls_take_turns_and_each_comes_after_each_other():
    called = []
    names = ("_pickle", "brinery", "_pickle again")
    calls = {name: lambda n=name: called.append(n) for name in names}
    best = alternate(calls, 1, 15, patience=0)
    firsts = called[::2]  # each is called twice in a row: once to warm up
    assert firsts == called[1::2]
    rounds = [firsts[at : at + 3] for at in range(0, len(firsts), 3)]
    assert len(rounds) == 15
    assert all(sorted(each) == sorted(names) for each in rounds)
    after = {pair for each in rounds for pair in itertools.pairwise(each)}
    assert after == set(itertools.permutations(names, 2))
    assert set(best) == set(calls)


def test_a_row_has_every_time_and_size():
    row = measure(Workload("few", lambda: [1, "two", 3.0], equal, repeat=5), 1, rivals=False, patience=0)
    assert set(row.dumps) == set(row.loads) == {"_pickle", "brinery", "_pickle again"}
    assert min(*row.dumps.values(), *row.loads.values(), row.stock) > 0
    assert set(row.sizes) == {"_pickle", "brinery"}


def test_what_does_not_come_back_the_same_is_not_measured():
    different = Workload("few", lambda: [1], lambda one, other: False)
    assert able(stdlib, different, [1]) is None
    with pytest.raises(AssertionError, match="few: _pickle does not read back what _pickle wrote"):
        measure(different, 1, rivals=False)


def test_the_command_prints_the_table_of_what_was_asked_for_and_writes_nothing():
    before = (ROOT / "README.md").read_bytes()
    done = subprocess.run(
        [sys.executable, "-m", "bench.speed", "--quick", "--rounds", "1", "--only", "100-byte"],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr
    assert "| 100-byte message |" in done.stdout
    assert "str -> int index" not in done.stdout
    assert (ROOT / "README.md").read_bytes() == before


@pytest.mark.parametrize("arguments", [("--only", "no such workload"), ("--rounds", "0")])
def test_wrong_arguments_are_refused(arguments):
    done = subprocess.run(
        [sys.executable, "-m", "bench.speed", *arguments], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == 2
    assert arguments[-1] in done.stderr


@pytest.mark.parametrize("operation", ["dumps", "loads", "stock"])
def test_memory_of_one_call_is_measured_in_its_own_process(operation, tmp_path):
    name = next(w.name for w in WORKLOADS if w.name == "2 KB blobs")
    child("write", name, "brinery", str(tmp_path))
    child("write", name, "stdlib", str(tmp_path))
    resident, traced = map(int, child("measure", name, "brinery", operation, str(tmp_path)).split())
    assert traced >= 3000 * 2  # the result alone, in KiB
    assert resident > 0


@pytest.mark.parametrize(
    ("ours", "theirs", "above"),
    [
        (Peak(1000, 0, 0), Peak(1000, 0, 0), False),
        (Peak(1050, 0, 0), Peak(1000, 0, 60), False),
        (Peak(1050, 0, 60), Peak(1000, 0, 0), False),
        (Peak(1050, 0, 10), Peak(1000, 0, 20), True),
    ],
)
def test_a_peak_is_above_by_more_than_the_runs_are_apart(ours, theirs, above):
    assert is_above(ours, theirs) is above


def test_the_large_array_is_shared_out_of_band():
    row = out_of_band(1, patience=0)  # raises when anybody copied
    assert row.sizes["brinery"] < 1000
    assert row.stock > 0
