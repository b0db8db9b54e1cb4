"""`python -m bench.breadth.child MODULE RIVAL CASE...`: makes and uses the cases of a module, in processes of their own.

Prints a line of JSON a case: what became of it.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.breadth.matrix import Case

DUMPS = {
    "brinery": "import brinery; data = brinery.dumps(made)",
    "pickle": "import pickle; data = pickle.dumps(made)",
    "cloudpickle": "import cloudpickle; data = cloudpickle.dumps(made)",
    "dill": "import dill; data = dill.dumps(made)",
}
LOADS = {
    "brinery": "import brinery; made = brinery.loads(data)",
    "pickle": "import pickle; made = pickle.loads(data)",
    "cloudpickle": "import cloudpickle; made = cloudpickle.loads(data)",
    "dill": "import dill; made = dill.loads(data)",
}
# As another version of Python would load it: from the source that travels with the code.
LOADS["source"] = "import brinery.reducers.code as code; code.MAGIC += 1; " + LOADS["brinery"]
DUMPS["source"] = DUMPS["brinery"]
MAKE = """{make}
{dumps}
open('data.pickle', 'wb').write(data)
"""
USE = """{before}
data = open('data.pickle', 'rb').read()
{loads}
print('loaded')
assert ({use}), 'wrong'
"""
SECONDS = 60


def run(folder: str, name: str, script: str, python: str = sys.executable) -> subprocess.CompletedProcess[str]:
    path = Path(folder) / name
    path.write_text(script, encoding="utf-8")
    return subprocess.run(
        [python, name],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        timeout=SECONDS,
        env={**os.environ},
    )


def outcome(case: Case, rival: str, reader: str = sys.executable) -> tuple[str, str]:
    """'right', 'refused' (with an error when dumping), 'late' (an error when loading), 'wrong', 'crashed' or 'hung'.

    Or 'missing', if a package is not installed that the case is about.
    """
    if missing := case.missing():
        return "missing", f"pip install {missing}"
    with tempfile.TemporaryDirectory() as folder:
        return written(case, rival, folder) or used(case, rival, folder, reader)


def written(case: Case, rival: str, folder: str, writer: str = sys.executable) -> tuple[str, str] | None:
    """Makes and dumps the object into the folder; None if that went well."""
    try:
        made = run(folder, "make.py", MAKE.format(make=case.make, dumps=DUMPS[rival]), writer)
    except subprocess.TimeoutExpired:
        return "hung", f"no end after {SECONDS} s"
    if made.returncode != 0:
        return ("crashed" if made.returncode < 0 else "refused"), last_line(made.stderr)
    return None


def used(case: Case, rival: str, folder: str, reader: str = sys.executable) -> tuple[str, str]:
    """What becomes of the object that the folder has the bytes of."""
    try:
        done = run(folder, "use.py", USE.format(before=case.before, loads=LOADS[rival], use=case.use), reader)
    except subprocess.TimeoutExpired:
        return "hung", f"no end after {SECONDS} s"
    if done.returncode == 0:
        return "right", ""
    if done.returncode < 0:
        return "crashed", f"signal {-done.returncode}"
    # An error while loading, or one from the use of what was loaded.
    return ("wrong" if "loaded" in done.stdout else "late"), last_line(done.stderr)


def last_line(text: str) -> str:
    lines = text.strip().splitlines()
    lines = [line for line in lines if not line.startswith("while unpickling")]  # notes
    return lines[-1] if lines else ""


def main() -> None:
    module, rival, *names = sys.argv[1:]
    reader = os.environ.get("BRINERY_READER", sys.executable)
    for case in importlib.import_module(module).CASES:
        if not names or case.name in names:
            found, why = outcome(case, rival, reader)
            print(json.dumps([case.group, case.name, found, why]), flush=True)


if __name__ == "__main__":
    main()
