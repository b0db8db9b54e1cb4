"""The same decorator on every place of stores: several processes, one that is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.stores.conftest import place, postgres_address, redis_address, s3_environment
from tests.stores.places import Place

__all__ = ["place", "postgres_address", "redis_address", "s3_environment"]  # fixtures

APP = """
import os, sys, time
import brinery

@brinery.memoize(store=os.environ["PLACE"])
def costly(number):
    print("computing", flush=True)
    time.sleep(float(os.environ["TAKES"]))
    return [number] * 3
"""
RUN = "import app; assert app.costly(7) == [7] * 3; print('done')"
HANGS = 60  # seconds after which something hangs


def start(folder: Path, place: Place, takes: float) -> subprocess.Popen[str]:
    (folder / "app.py").write_text(APP)
    environment = {**os.environ, "PLACE": place.address, "TAKES": str(takes)}
    command = [sys.executable, "-W", "error", "-c", RUN]
    return subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True)


def test_of_several_processes_one_computes(place: Place, tmp_path: Path) -> None:
    running = [start(tmp_path, place, 0.5) for _ in range(3)]
    told = [each.communicate(timeout=HANGS)[0] for each in running]
    assert [each.returncode for each in running] == [0, 0, 0]
    assert "".join(told).count("computing") == 1
    assert start(tmp_path, place, 0.5).communicate(timeout=HANGS)[0] == "done\n"


def test_who_is_killed_is_replaced(place: Place, tmp_path: Path) -> None:
    owner = start(tmp_path, place, HANGS)
    assert owner.stdout is not None
    assert owner.stdout.readline() == "computing\n"
    waiting = start(tmp_path, place, 0.0)
    owner.send_signal(signal.SIGKILL)
    owner.communicate()
    assert waiting.communicate(timeout=HANGS)[0] == "computing\ndone\n"
