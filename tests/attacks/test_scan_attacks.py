"""`brinery.scan` calls no attack clean that would run something, and flags at least 99 % of them as such."""

import pytest

from tests.attacks.corpus import CORPUS


@pytest.mark.parametrize("attack", CORPUS, ids=lambda attack: attack.name)
def test_no_attack_is_clean_to_the_scanner_and_scanning_does_nothing(attack, scans):
    outcome = scans[attack.name]
    if outcome.end == "missing":
        pytest.skip(f"{outcome.detail} is not installed")
    assert (outcome.end, outcome.hit) == ("loaded", False), outcome.detail
    assert outcome.value in {"suspicious", "dangerous", "unreadable"} | ({"clean"} if attack.harmless else set())


def test_the_scanner_flags_what_would_run(scans):
    running = [scans[attack.name] for attack in CORPUS if attack.effect == "runs"]
    tried = [outcome for outcome in running if outcome.end != "missing"]
    unflagged = [outcome.name for outcome in tried if outcome.value not in {"suspicious", "dangerous"}]
    assert len(unflagged) <= len(tried) // 100, unflagged
