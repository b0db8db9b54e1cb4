"""The scanner says what the loader does; `make fuzz-honesty` tries for longer."""

import subprocess
import sys
from pathlib import Path


def test_what_is_said_to_load_loads_and_nothing_else_does():
    command = [sys.executable, "-m", "fuzz.honesty", "--seed", "7", "--cases", "6000"]
    root = Path(__file__).parent.parent.parent
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=root)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert done.stdout.endswith("6,000 cases from seed 7, 0 findings\n")
