"""`brinery keys`, in a real process."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

BRINERY = str(Path(sys.executable).parent / "brinery")


@pytest.fixture
def run(tmp_path):
    def run(*arguments: str, home: str = "home", code: int = 0, **env: str) -> str:
        clean = {name: value for name, value in os.environ.items() if name != "BRINERY_KEY"}
        done = subprocess.run(
            [BRINERY, "keys", *arguments],
            capture_output=True,
            text=True,
            check=False,
            env=clean | {"BRINERY_HOME": str(tmp_path / home)} | env,
        )
        assert done.returncode == code, done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout if code == 0 else done.stderr

    return run


def test_show_makes_the_key_and_tells_its_public_half(run, tmp_path):
    told = json.loads(run("show", "--json"))
    assert told["public"] == run("export").strip()
    assert told["home"] == str(tmp_path / "home")
    assert told["fingerprint"] in run("show")


def test_keys_of_two_users_trust_list_and_revoke(run):
    bob = run("export", home="bob").strip()
    run("trust", "bob", bob)
    rows = json.loads(run("list", "--json"))
    assert [(row["kind"], row["name"]) for row in rows] == [("in use", None), ("trusted", "bob")]
    assert "bob" in run("list")
    run("revoke", "bob")
    assert [row["kind"] for row in json.loads(run("list", "--json"))] == ["in use", "revoked"]
    assert "revoked" in run("trust", "bob", bob, code=1)


def test_a_key_is_trusted_from_a_file(run, tmp_path):
    (tmp_path / "bob.pub").write_text(run("export", home="bob"))
    assert "bob" in run("trust", "bob", str(tmp_path / "bob.pub"))


def test_new_keeps_the_old_one(run):
    old = run("export").strip()
    new = run("new").strip()
    rows = json.loads(run("list", "--json"))
    assert [(row["kind"], row["public"]) for row in rows] == [("in use", new), ("own", old)]


def test_revoking_ones_own_makes_a_new_one(run):
    old = run("export").strip()
    run("revoke", old)
    assert run("export").strip() != old


def test_the_exported_secret_serves_elsewhere(run):
    secret = run("export", "--secret").strip()
    assert run("export", home="elsewhere", BRINERY_KEY=secret) == run("export")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("revoke", "nobody"), "nobody"),
        (("trust", "bob", "missing"), "missing"),
        (("trust", "b", "brinery-public:x"), "not a key"),
    ],
)
def test_mistakes_end_with_one_line(run, arguments, told):
    assert told in run(*arguments, code=1)
