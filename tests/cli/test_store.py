"""Stores on the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

import brinery
from brinery.cli.app import app


def run(*arguments: Any, status: int = 0) -> str:
    done = CliRunner(env={"COLUMNS": "400"}).invoke(app, ["store", *map(str, arguments)])
    assert done.exit_code == status, done.output
    return done.output


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with brinery.Store(tmp_path) as store:
        store.update({"user:1": {"name": "Ann"}, "user:2": [1], ("order", 7): 2.5, "large": np.arange(100_000)})
    return tmp_path


def test_keys_are_listed_and_objects_shown(folder: Path) -> None:
    assert run("ls", folder).splitlines() == ["large", "user:1", "user:2", "('order', 7)"]
    assert run("ls", folder, "--prefix", "user:", "--json").splitlines() == ['"user:1"', '"user:2"']
    assert run("get", folder, "user:1").strip() == "{'name': 'Ann'}"
    assert json.loads(run("get", folder, "user:2", "--json")) == [1]
    assert run("get", folder, "('order', 7)", "--literal").strip() == "2.5"
    assert "no 'user:3'" in run("get", folder, "user:3", status=1)


def test_objects_are_put_and_removed(folder: Path) -> None:
    run("put", folder, "user:3", '{"name": "Bob"}')
    assert brinery.Store(folder)["user:3"] == {"name": "Bob"}
    run("put", folder / "new", "7", "null", "--literal")
    assert dict(brinery.Store(folder / "new")) == {7: None}
    run("rm", folder, "user:1", "user:2")
    run("rm", folder, "user:1", status=1)
    assert "no JSON" in run("put", folder, "a", "{", status=2)
    assert "no Python literal" in run("rm", folder, "a b", "-l", status=2)


def test_damage_is_named(folder: Path) -> None:
    assert "4 values are whole, 0 are not" in run("verify", folder)
    (file,) = folder.glob("files/*/*.pkl")
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    assert "'large': its file" in run("verify", folder, status=1).replace("\n", "")
    assert json.loads(run("verify", folder, "--json", status=1))["good"] == 3
    assert "given back" in run("gc", folder)


def test_what_is_no_store_says_so(tmp_path: Path) -> None:
    assert "holds no store" in run("ls", tmp_path, status=2)


def test_what_is_damaged_is_repaired_and_what_is_lost_named(folder: Path) -> None:
    assert "4 values are kept, 0 are lost" in run("repair", folder)
    (file,) = folder.glob("files/*/*.pkl")
    file.write_bytes(file.read_bytes()[:-1])
    (folder / "store.db").write_bytes(b"\0" * 16 + (folder / "store.db").read_bytes()[16:])
    told = run("repair", folder, status=1)
    assert "'large'" in told
    assert "3 values are kept, 1 are lost" in told
    assert json.loads(run("repair", folder, "--json")) == {"kept": 3, "lost": {}, "restored": {}}
    assert "4 values" not in run("verify", folder)


def test_everything_goes_to_one_file_and_back(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    run("put", folder, "tagged", "[1]", "--tag", "red", "--ttl", "1000")
    assert "5 entries written" in run("export", folder, elsewhere / "all.log")
    assert "is there already" in run("export", folder, elsewhere / "all.log", status=1)
    assert "5 entries read" in run("import", elsewhere / "store", elsewhere / "all.log")
    with brinery.Store(folder) as one, brinery.Store(elsewhere / "store") as other:
        assert list(one) == list(other)
        assert other["large"].tobytes() == one["large"].tobytes()
        assert other.tagged("red") == ["tagged"]
        assert 900 < (other.expires("tagged") or 0) <= 1000
    assert "is no log" in run("import", elsewhere / "store", folder / "store.db", status=1)
