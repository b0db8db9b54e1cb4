"""Results of memoized functions on the command line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from brinery.cli.app import app

APP = """
import brinery
@brinery.memoize
def f(x, y=0):
    return [x] * {number}
@brinery.memoize
def g(x):
    return x
def plain(x):
    return x
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BRINERY_CACHE", str(tmp_path / "results"))
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    for number in (1, 2):
        write(tmp_path, number)
        python(tmp_path, "import app; app.f(1); app.f(2); app.g('a')" if number == 1 else "import app; app.f(1)")
    return tmp_path


def write(folder: Path, number: int) -> None:
    (folder / "app.py").write_text(APP.format(number=number))


def python(folder: Path, code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def run(*arguments: Any, status: int = 0) -> str:
    done = CliRunner(env={"COLUMNS": "400"}).invoke(app, ["cache", *map(str, arguments)])
    assert done.exit_code == status, done.output
    return done.output


def command(folder: Path, *arguments: str, status: int = 0) -> str:
    """What the real command prints: in a process of its own, as it imports modules."""
    done = subprocess.run(
        [str(Path(sys.executable).parent / "brinery"), "cache", *arguments],
        cwd=folder,
        env={**os.environ, "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_functions_are_listed(folder: Path) -> None:
    found = {each["name"]: each for each in json.loads(run("ls", "--json"))}
    assert set(found) == {"app.f", "app.g"}
    assert (found["app.f"]["results"], found["app.f"]["codes"], found["app.g"]["results"]) == (3, 2, 1)
    assert found["app.f"]["seconds"] >= 0
    assert "app.f" in run("ls", "--store", folder / "results")


def test_stats_are_of_all(folder: Path) -> None:
    told = json.loads(run("stats", "--json"))
    assert (told["functions"], told["results"], told["outdated"]) == (2, 4, 2)
    assert told["bytes"] > 0
    assert "outdated" in run("stats")


def test_calls_are_explained(folder: Path) -> None:
    assert "hit: kept" in command(folder, "explain", "app:f", "1")
    told = command(folder, "explain", "app:f", "2", status=1)
    assert "the code has changed" in told
    assert "+    return [x] * 2" in told
    assert "argument x: 1 -> 'text'" in command(folder, "explain", "app:f", "text", status=1)
    assert "hit" in command(folder, "explain", "app:g", '"a"', "--store", "results")
    assert "no memoized function" in command(folder, "explain", "app:plain", "1", status=2)
    assert "there is no app:h" in command(folder, "explain", "app:h", "1", status=2)
    assert "no colon" in command(folder, "explain", "app.f", "1", status=2)
    assert "missing" in command(folder, "explain", "app:f", status=1)


def test_results_are_removed(folder: Path) -> None:
    assert "2 results removed" in run("clear", "--stale")
    assert python(folder, "import app; print(app.f.cached(1), app.g.cached('a'))") == "True True"
    assert "1 results removed" in run("clear", "app:f")
    assert "0 results removed" in run("clear", "app:f")
    assert python(folder, "import app; print(app.f.cached(1), app.g.cached('a'))") == "False True"
    assert "1 results removed" in run("clear")
    assert json.loads(run("ls", "--json")) == []


def test_old_code_that_is_back_is_current(folder: Path) -> None:
    write(folder, 1)
    python(folder, "import app; app.f(5)")
    assert "1 results removed" in run("clear", "--stale")
    assert python(folder, "import app; print(app.f.cached(1), app.f.cached(2), app.f.cached(5))") == "True True True"


def test_what_is_no_store_says_so(tmp_path: Path) -> None:
    assert "holds no results" in run("ls", "--store", tmp_path, status=2)
