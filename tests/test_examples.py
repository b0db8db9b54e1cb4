"""Every example runs, warns of nothing, and finds true what it says."""

import doctest
import importlib
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import brinery

EXAMPLES = sorted((Path(__file__).parent.parent / "examples").glob("*.py"))


def test_there_are_examples():
    assert EXAMPLES


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_an_example_runs(example):
    done = subprocess.run([sys.executable, "-W", "error", str(example)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout
    assert "False" not in done.stdout


MODULES = [info.name for info in pkgutil.walk_packages(brinery.__path__, "brinery.")]


@pytest.mark.parametrize("name", ["brinery", *MODULES])
def test_examples_in_docstrings_say_what_happens(name):
    failed, _ = doctest.testmod(importlib.import_module(name))
    assert failed == 0


DOCS = [path for path in sorted((Path(__file__).parent.parent / "docs").glob("*.md")) if ">>> " in path.read_text()]


@pytest.mark.parametrize("path", DOCS, ids=lambda path: path.name)
def test_examples_in_the_documentation_say_what_happens(path):
    done = subprocess.run([sys.executable, "-m", "doctest", str(path)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
