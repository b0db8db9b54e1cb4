"""``brinery peek`` and ``brinery show``, in real processes."""

import json
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

BRINERY = str(Path(sys.executable).parent / "brinery")
EVIL = b"cos\nsystem\n(S'id'\ntR."


def run(*arguments: str | Path) -> subprocess.CompletedProcess:
    return subprocess.run([BRINERY, *map(str, arguments)], capture_output=True, text=True, check=False)


@pytest.fixture
def file(tmp_path) -> Path:
    path = tmp_path / "object"
    path.write_bytes(pickle.dumps({"[bold]": list(range(50)), "nested": {"a": {"b": {"c": [[1, [2]]]}}}}))
    return path


def test_peek_prints_a_tree(file):
    done = run("peek", file)
    assert (done.returncode, done.stderr) == (0, "")
    assert "['[bold]']: list of 50" in done.stdout
    assert "... 20 more" in done.stdout
    assert "└── " in done.stdout


def test_peek_goes_as_deep_and_as_wide_as_it_is_told(file):
    assert "... 48 more" in run("peek", file, "--width", "2").stdout
    assert "['c']" not in run("peek", file, "--depth", "3").stdout
    assert len(run("peek", file, "--depth", "1").stdout.splitlines()) == 2


def test_peek_prints_json(file):
    facts = json.loads(run("peek", file, "--json").stdout)
    assert facts["ok"] is True
    assert facts["pickles"][0]["values"][0]["holds"][0]["at"] == "['[bold]']"


def test_show_lists_opcodes_globals_and_sizes(file):
    file.write_bytes(EVIL)
    done = run("show", file)
    assert done.returncode == 0
    lines = [" ".join(each.split()) for each in done.stdout.splitlines()]
    assert lines[1:4] == ["0 GLOBAL os system", "11 MARK", "12 STRING 'id'"]
    assert "0 os.system" in lines
    assert "11 GLOBAL x 1" in lines


def test_show_stops_where_it_is_told(file):
    assert "more opcodes" in run("show", file, "--limit", "3").stdout
    assert "more opcodes" not in run("show", file, "--limit", "0").stdout


def test_show_prints_json(file):
    file.write_bytes(EVIL + EVIL)
    facts = json.loads(run("show", file, "--json").stdout)
    assert [each["globals"] for each in facts["pickles"]] == [
        [{"module": "os", "name": "system", "offset": at}] for at in (0, len(EVIL))
    ]
    assert [each["name"] for each in facts["pickles"][0]["opcodes"]] == [
        "GLOBAL",
        "MARK",
        "STRING",
        "TUPLE",
        "REDUCE",
        "STOP",
    ]
    assert sum(each["size"] for each in facts["pickles"][0]["opcodes"]) == len(EVIL)


@pytest.mark.parametrize("command", ["peek", "show"])
def test_what_is_broken_ends_with_status_1_and_what_is_missing_with_2(file, command):
    file.write_bytes(EVIL[:-1])
    broken = run(command, file)
    assert broken.returncode == 1
    assert "broken at byte" in broken.stdout
    missing = run(command, file.with_name("missing"))
    assert missing.returncode == 2
    assert "cannot be read" in missing.stderr
    assert "Traceback" not in missing.stderr


@pytest.mark.parametrize("command", ["peek", "show"])
def test_nothing_of_the_file_reaches_the_terminal_raw(file, command):
    file.write_bytes(b"\x80\x04\x8c\x05\x1b[31m\x8c\x07[red]\x1bx\x93\x8c\x04\x1b[2J\x85R.")
    done = run(command, file)
    assert done.returncode == 0
    assert "\x1b" not in done.stdout
    assert "[red]" in done.stdout
