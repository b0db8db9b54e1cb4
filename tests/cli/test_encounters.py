"""What the tour opens that may not be opened blindly."""

import pytest

import brinery
from brinery.cli.encounters import damaged, encounters, encounters_with_files, refused
from brinery.cli.kept import encounters_with_stores

pytest.importorskip("sklearn", reason="the tour's model needs scikit-learn")


def test_what_is_honest_opens_and_what_is_not_is_refused():
    model, attack, own, flipped = encounters()
    assert all(each.good for each in (model, attack, own, flipped))
    assert "os.system" in attack.outcome
    assert own.outcome.endswith("= 42")
    assert "IntegrityError" in flipped.outcome


def test_an_attack_that_opened_would_be_seen():
    assert not refused("an attack", b"N.", brinery.UntrustedError).good


def test_files_come_back_and_damage_is_found():
    mapped, flipped, cut = encounters_with_files()
    assert all(each.good for each in (mapped, flipped, cut))
    assert "memory of an array" in flipped.outcome
    assert "the first" in cut.outcome


def test_damage_that_was_not_found_would_be_seen(tmp_path):
    (tmp_path / "file").write_bytes(b"K\x01.")
    assert not damaged("a bare pickle", tmp_path / "file").good


def test_what_is_kept_in_stores_comes_back_and_damage_is_repaired():
    found = list(encounters_with_stores())
    assert all(each.good for each in found), found
    _, killed, _, _, repaired, _ = found
    assert killed.outcome.startswith("300 of 300")
    assert "lost: numbers" in repaired.outcome
