"""The main job, in a real process."""

import json
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from brinery.cli.stops import STOPS
from brinery.cli.tour import write_private

BEYOND_THE_STDLIB = {
    "function by value", "instance of a local class", "function sent again", "digest of a job"
}  # fmt: skip
BRINERY = str(Path(sys.executable).parent / "brinery")


def run(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run([BRINERY, *arguments], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("stop", [s for s in STOPS if "80 MB array, in" not in s.name], ids=lambda s: s.name)
def test_an_object_comes_back_the_same_in_a_fresh_process_and_for_the_stdlib(stop):
    done = run("tour", "--json", "--only", stop.name)
    assert done.returncode == 0, done.stderr
    (finding,) = json.loads(done.stdout)
    assert finding["same"] is True
    assert finding["stdlib_reads_it"] is (True if stop.way.stdlib_can_read else None)
    assert finding["size"] > 0
    assert (finding["out_of_band"] > 0) is stop.out_of_band
    assert (finding["loads"] is not None) is stop.way.loads_it
    assert (finding["stdlib_dumps"] is not None) is (stop.name not in BEYOND_THE_STDLIB)


def test_the_table_names_what_was_toured():
    done = run("tour", "--only", "syntax tree")
    assert done.returncode == 0, done.stderr
    assert "syntax tree of a module" in done.stdout


def test_code_that_was_sent_before_is_not_sent_again():
    done = run("tour", "--json", "--only", "function")
    sizes = {each["name"]: each["size"] for each in json.loads(done.stdout)}
    assert sizes["function sent again"] < sizes["function by value"] / 5


@pytest.mark.parametrize("name", ["function by value", "instance of a local class", "arrays that share memory"])
def test_a_difference_in_what_goes_by_value_is_seen(name):
    from brinery.cli import stops

    stop = next(each for each in STOPS if each.name == name)
    other = {
        "function by value": lambda: lambda value, season: value,
        "instance of a local class": lambda: stops.Line("sku-1", 2, 1.5),
        "arrays that share memory": lambda: [each.copy() for each in stops.views()],
    }[name]()
    assert stop.same(stop.make(), stop.make())
    assert not stop.same(stop.make(), other)


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


def test_ctrl_c_ends_it_quietly_and_leaves_nothing_behind(tmp_path):
    tour = subprocess.Popen(
        [BRINERY, "tour", "--only", "80 MB array, out of band"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"TMPDIR": str(tmp_path)},
        start_new_session=True,  # a terminal's Ctrl-C reaches the fresh process too
    )
    deadline = time.monotonic() + 60
    while not list(tmp_path.glob("*/object.0.buffer")):
        assert tour.poll() is None, tour.communicate()
        assert time.monotonic() < deadline, "the tour never wrote its object"
        time.sleep(0.002)
    os.killpg(tour.pid, signal.SIGINT)
    _, errors = tour.communicate(timeout=60)
    assert tour.returncode == 130
    assert "Traceback" not in errors
    assert list(tmp_path.iterdir()) == []


def test_files_of_the_tour_are_for_their_owner_alone(tmp_path):
    write_private(tmp_path / "object", b"data")
    assert stat.S_IMODE((tmp_path / "object").stat().st_mode) == 0o600
    assert (tmp_path / "object").read_bytes() == b"data"
    with pytest.raises(FileExistsError):
        write_private(tmp_path / "object", b"other")
