"""A short, seeded part of the fuzzer; `make fuzz` runs it for ten minutes."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


def test_brinery_and_the_stdlib_agree_on_twenty_thousand_cases(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "fuzz.differential", "--seed", "1", "--cases", "20000", "--findings", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "20,000 cases from seed 1" in done.stdout
