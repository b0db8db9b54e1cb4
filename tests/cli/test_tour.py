"""The main job, in a real process."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from brinery.cli.stops import STOPS

BRINERY = str(Path(sys.executable).parent / "brinery")


def run(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run([BRINERY, *arguments], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("stop", [s for s in STOPS if "80 MB array, in" not in s.name], ids=lambda s: s.name)
def test_an_object_comes_back_the_same_in_a_fresh_process_and_for_the_stdlib(stop):
    done = run("tour", "--json", "--only", stop.name)
    assert done.returncode == 0, done.stderr
    (finding,) = json.loads(done.stdout)
    assert finding["same"] is True
    assert finding["stdlib_reads_it"] is True
    assert finding["size"] > 0
    assert (finding["out_of_band"] > 0) is stop.out_of_band


def test_the_table_names_what_was_toured():
    done = run("tour", "--only", "syntax tree")
    assert done.returncode == 0, done.stderr
    assert "syntax tree of a module" in done.stdout


def test_an_unknown_object_is_an_error_that_lists_the_known_ones():
    done = run("tour", "--only", "no such thing")
    assert done.returncode == 2
    assert "DataFrame" in done.stderr


def test_a_missing_part_names_the_extra_to_install():
    code = "import sys; sys.modules['sklearn.datasets'] = None\nfrom brinery.cli.stops import model\nmodel()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "brinery[tour]" in done.stderr


def test_a_difference_is_seen_and_fails():
    from brinery.cli.stops import orders

    changed = orders()
    changed[5].lines[1].quantity += 1
    stop = next(s for s in STOPS if s.make is orders)
    assert not stop.same(orders(), changed)
