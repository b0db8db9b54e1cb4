"""The house's own rules, read off the code."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def run_python(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout


def test_a_room_imports_only_lower_floors():
    done = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_public_classes_carry_their_public_path_in_a_fresh_process():
    printed = run_python(
        "import brinery, brinery.errors as errors\n"
        "from brinery import pickle\n"
        "print(pickle.Pickler.__module__, pickle.Unpickler.__module__)\n"
        "print({getattr(errors, name).__module__ for name in errors.__all__})"
    )
    assert printed == "brinery.pickle brinery.pickle\n{'brinery.errors'}\n"


def test_importing_brinery_does_not_import_what_it_may_not_need():
    printed = run_python(
        "import sys, brinery\n"
        "print([name for name in ('numpy', 'typer', 'rich', 'pandas', 'argparse', 'doctest', 'blake3', 'zstandard') if name in sys.modules])"
    )
    assert printed == "[]\n"


def test_wire_knows_nothing_of_python():
    for path in (ROOT / "native" / "wire").iterdir():
        assert "Python.h" not in path.read_text().replace("no Python.h", ""), path


def test_references_are_counted_in_one_header_only():
    counted = ("Py_INCREF", "Py_DECREF", "Py_XINCREF", "Py_XDECREF", "Py_CLEAR", "Py_SETREF")
    for path in (ROOT / "native").rglob("*.?pp"):
        if path.name == "ref.hpp":
            continue
        text = path.read_text()
        assert not [name for name in counted if name in text], path
