"""brinery.pickle offers what pickle offers."""

import pickle
import subprocess
import sys

import pytest

from brinery import pickle as brinery_pickle

OURS = {"Pickler", "Unpickler", "dump", "dumps", "load", "loads"}


def test_every_public_name_of_the_stdlib_module_is_here():
    assert set(pickle.__all__) <= set(brinery_pickle.__all__)
    assert all(hasattr(brinery_pickle, name) for name in brinery_pickle.__all__)


@pytest.mark.parametrize("name", sorted(set(pickle.__all__) - OURS))
def test_what_we_do_not_replace_is_the_very_same_object(name):
    assert getattr(brinery_pickle, name) is getattr(pickle, name)


@pytest.mark.parametrize("arguments", [[], ["-t"], ["-t", "-v"], ["--help"], ["{missing}"]])
def test_the_command_line_prints_as_the_stdlibs_does(arguments, tmp_path):
    given = [str(tmp_path / "missing") if each == "{missing}" else each for each in arguments]
    ours, theirs = (
        subprocess.run([sys.executable, "-m", module, *given], capture_output=True, text=True, check=False)
        for module in ("brinery.pickle", "pickle")
    )
    assert ours.returncode == theirs.returncode
    if arguments != ["-t", "-v"]:  # which names the module's own docstrings
        assert ours.stdout == theirs.stdout.replace("python -m pickle", "python -m brinery.pickle")


def test_the_command_line_prints_the_objects_in_files(tmp_path):
    paths = []
    for i, value in enumerate(({"a": list(range(40))}, "text")):
        path = tmp_path / f"{i}.pkl"
        path.write_bytes(pickle.dumps(value))
        paths.append(str(path))
    ours, theirs = (
        subprocess.run([sys.executable, "-m", module, *paths], capture_output=True, text=True, check=True).stdout
        for module in ("brinery.pickle", "pickle")
    )
    assert ours == theirs != ""


def test_public_names_are_what_they_are_whatever_was_imported_before():
    script = (
        "import importlib, pkgutil, types, brinery\n"
        "before = {name: getattr(brinery, name) for name in brinery.__all__}\n"
        "for each in pkgutil.walk_packages(brinery.__path__, 'brinery.'):\n"
        "    importlib.import_module(each.name)\n"
        "print([name for name in brinery.__all__ if getattr(brinery, name) is not before[name]])\n"
        "print([name for name, each in before.items() if isinstance(each, types.ModuleType)])\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n[]\n"
