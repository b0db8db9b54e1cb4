"""What becomes of every attack is found out once, whichever of the processes that run the tests asks first."""

import dataclasses
import fcntl
import json
import os

import pytest

from tests.attacks.corpus import CORPUS
from tests.attacks.sandbox import Outcome, outcomes


def found_once(mode, folder):
    path = folder / f"attacks-{mode}.json"
    with (folder / f"attacks-{mode}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            found = [dataclasses.asdict(each) for each in outcomes(mode, CORPUS)]
            path.write_text(json.dumps(found), encoding="utf-8")
    return {row["name"]: Outcome(**row) for row in json.loads(path.read_text(encoding="utf-8"))}


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory):
    folder = tmp_path_factory.getbasetemp()
    return folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder


@pytest.fixture(scope="session")
def loads(shared_folder):
    """The outcome of `brinery.loads` by the name of the attack."""
    return found_once("brinery", shared_folder)


@pytest.fixture(scope="session")
def scans(shared_folder):
    """The verdict of `brinery.scan` by the name of the attack."""
    return found_once("scan", shared_folder)
