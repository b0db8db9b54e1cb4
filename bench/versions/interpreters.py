"""The versions of Python that are there, each with an environment that has brinery and cloudpickle."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
VERSIONS = ("3.11", "3.12", "3.13")


def answers(python: str, version: str) -> bool:
    """Whether a command is a Python of that version."""
    script = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        done = subprocess.run([python, "-c", script], capture_output=True, text=True, check=False)
    except OSError:
        return False
    return done.stdout.strip() == version


def interpreter(version: str) -> str | None:
    """A Python of that version: this one, one on the path, or one that pyenv has."""
    candidates = [sys.executable, shutil.which(f"python{version}")]
    folder = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    candidates += [str(path / "bin" / "python") for path in sorted(folder.glob(f"{version}.*"), reverse=True)]
    return next((each for each in candidates if each and answers(each, version)), None)


def environment(version: str) -> str | None:
    """The Python of the environment for that version, if it was made before."""
    python = ROOT / f".venv-{version}" / "bin" / "python"
    return str(python) if python.exists() and has_brinery(str(python)) else None


def has_brinery(python: str) -> bool:
    command = [python, "-c", "import brinery, cloudpickle"]
    return subprocess.run(command, capture_output=True, check=False, cwd=ROOT / "bench").returncode == 0


def prepare(version: str) -> str | None:
    """Makes the environment for that version, or brings it up to date; None where there is no such Python."""
    python = interpreter(version)
    if python is None:
        return None
    folder = f".venv-{version}"
    own = str(ROOT / folder / "bin" / "python")
    if not Path(own).exists():
        subprocess.run([python, "-m", "venv", folder], check=True, cwd=ROOT)
    requirements = subprocess.run(
        [sys.executable, "scripts/requirements.py", "build"], check=True, capture_output=True, text=True, cwd=ROOT
    ).stdout.split("\n")
    packages = [*(each for each in requirements if each), "cloudpickle>=3"]
    subprocess.run([own, "-m", "pip", "install", "--quiet", *packages], check=True, cwd=ROOT)
    subprocess.run(["bash", "scripts/build.sh", folder], check=True, cwd=ROOT)
    return own
