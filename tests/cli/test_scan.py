"""The commands scan and load-check: what they print, and their status."""

import json
import os
import pickle

import pytest
from tests.trust.strangers import Point
from typer.testing import CliRunner

from brinery.cli.app import app
from brinery.trust import policy


class Attack:
    def __reduce__(self):
        return os.mkdir, ("gone-wrong",)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "bad").write_bytes(pickle.dumps(Attack()))
    (tmp_path / "ok").write_bytes(pickle.dumps([1]))
    (tmp_path / "own").write_bytes(pickle.dumps(Point(1, 2)))
    return tmp_path


def run(*arguments):
    return CliRunner().invoke(app, [str(each) for each in arguments])


def test_a_folder_is_told_file_by_file_and_the_status_is_1(folder):
    done = run("scan", folder)
    assert done.exit_code == 1
    assert "posix.mkdir('gone-wrong')" in done.stdout
    assert "3 files with pickles: 1 clean, 1 suspicious, 1 dangerous" in done.stdout
    assert str(folder / "ok") not in done.stdout
    assert str(folder / "ok") in run("scan", "--all", folder).stdout


def test_the_status_is_0_where_nothing_is_as_bad_as_asked(folder):
    assert run("scan", folder / "ok").exit_code == 0
    assert run("scan", folder / "own").exit_code == 1
    assert run("scan", folder / "own", "--fail-on", "dangerous").exit_code == 0
    assert run("scan", folder / "own", "--trust", "tests.trust.*").exit_code == 0
    assert run("scan", folder, "--fail-on", "dangerous").exit_code == 1


@pytest.mark.parametrize("arguments", [["nowhere"], [".", "--fail-on", "never"], [".", "--trust", "a b"]])
def test_the_status_is_2_where_it_makes_no_sense(arguments):
    assert run("scan", *arguments).exit_code == 2


def test_json_has_all_of_it(folder):
    told = json.loads(run("scan", folder, "--json").stdout)
    assert told["counts"] == {"clean": 1, "unreadable": 0, "suspicious": 1, "dangerous": 1}
    assert told["needs"] == ["posix.mkdir", "tests.trust.strangers.Point"]


def test_sarif_goes_to_a_file_or_to_the_terminal(folder):
    assert json.loads(run("scan", folder, "--sarif", "-").stdout)["version"] == "2.1.0"
    run("scan", folder, "--sarif", folder / "out.sarif")
    assert len(json.loads((folder / "out.sarif").read_text(encoding="utf-8"))["runs"][0]["results"]) == 2


def test_several_processes_say_the_same(folder):
    assert run("scan", folder, "-j", "2").stdout == run("scan", folder).stdout
    assert run("scan", folder, "-j", "0").exit_code == 2


def test_neither_many_findings_nor_many_calls_push_out_what_runs_code(folder):
    many = b"".join(b"cshop\nA%d\n)R0" % number for number in range(200))
    (folder / "many").write_bytes(b"\x80\x04" + many + b"cos\nsystem\n(S'evil'\ntR.")
    stdout = run("scan", folder / "many").stdout
    assert "calls os.system('evil')" in stdout
    assert "more calls, and more than these" in stdout


def test_load_check_says_of_several_pickles_that_each_would_load_by_itself(folder):
    (folder / "two").write_bytes(pickle.dumps(1) + pickle.dumps(2))
    done = run("load-check", folder / "two")
    assert done.exit_code == 0
    assert "would load, each of its pickles by itself" in done.stdout
    (folder / "more").write_bytes(pickle.dumps(1) + b"more")
    done = run("load-check", folder / "more")
    assert done.exit_code == 1
    assert "bytes behind the end" in done.stdout
    assert run("load-check", folder).exit_code == 2


@pytest.mark.parametrize("command", ["scan", "load-check"])
def test_the_status_is_2_where_the_settings_cannot_be_understood(command, folder, monkeypatch):
    monkeypatch.setattr(policy.Default, "trust", None)
    monkeypatch.setenv("BRINERY_TRUST", "a b")
    done = run(command, folder / "ok")
    assert done.exit_code == 2
    assert "BRINERY_TRUST" in done.output


def test_load_check_says_what_it_takes(folder):
    done = run("load-check", folder / "own")
    assert done.exit_code == 1
    assert "trust=['tests.trust.strangers.Point']" in done.stdout
    done = run("load-check", folder / "own", "--trust", "tests.trust.strangers.Point", "--json")
    assert (done.exit_code, json.loads(done.stdout)["loads"]) == (0, True)
    assert run("load-check", "nowhere").exit_code == 2
