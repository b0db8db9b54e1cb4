"""What the tour opens that may not be opened blindly."""

import pytest

import brinery
from brinery.cli.encounters import encounters, refused

pytest.importorskip("sklearn", reason="the tour's model needs scikit-learn")


def test_what_is_honest_opens_and_what_is_not_is_refused():
    model, attack, own, flipped = encounters()
    assert all(each.good for each in (model, attack, own, flipped))
    assert "os.system" in attack.outcome
    assert own.outcome.endswith("= 42")
    assert "IntegrityError" in flipped.outcome


def test_an_attack_that_opened_would_be_seen():
    assert not refused("an attack", b"N.", brinery.UntrustedError).good
