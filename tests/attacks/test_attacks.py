"""Under default trust no attack runs anything, crashes, or takes more than 200 MB and 2 s: it is refused.

The limits are the sandbox's; what goes beyond them ends its child.
"""

import pytest

from tests.attacks.corpus import CORPUS


@pytest.mark.parametrize("attack", CORPUS, ids=lambda attack: attack.name)
def test_an_attack_is_refused_and_does_nothing(attack, loads):
    outcome = loads[attack.name]
    if outcome.end == "missing":
        pytest.skip(f"{outcome.detail} is not installed")
    assert not outcome.hit
    if outcome.end != "loaded" or not attack.harmless:
        assert (outcome.end, "DecodeError" in outcome.errors) == ("raised", True), outcome.detail


# Forged state names only what is vetted: a guard finds it out while the object is built, with its library imported.
@pytest.mark.parametrize("attack", [each for each in CORPUS if each.effect != "forges"], ids=lambda attack: attack.name)
def test_a_refused_attack_imports_nothing(attack, loads):
    outcome = loads[attack.name]
    if outcome.end == "missing":
        pytest.skip(f"{outcome.detail} is not installed")
    if outcome.end == "raised" and "IntegrityError" not in outcome.errors:
        assert [module for module in outcome.modules if not module.startswith("brinery.")] == []
    elif outcome.end == "loaded":
        assert attack.harmless
