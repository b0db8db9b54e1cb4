"""The corpus itself: enough of it, each with its source, and attacks that do what they say."""

from collections import Counter

from tests.attacks.case import Attack, Marker
from tests.attacks.corpus import CORPUS, FAMILIES
from tests.attacks.proof import proven
from tests.attacks.sandbox import opened, outcomes

INNOCENT = Attack("os-system", "", "", "", lambda marker: b"N.")
FEW = [
    "os-system",
    "inst",
    "confused-memo",
    "map-into-bytes",
    "setstate-in-dict",
    "no-stop",
    "exit",
    "deep-key",
    "length-bytearray",
    "sleep",
]


def test_every_family_has_attacks_and_the_corpus_is_large_enough():
    assert len(CORPUS) >= 350
    assert all(len(family) >= 8 for family in FAMILIES)


def test_names_are_unique():
    assert [name for name, count in Counter(attack.name for attack in CORPUS).items() if count > 1] == []


def test_an_attack_tells_its_technique_and_where_it_was_published():
    assert [attack.name for attack in CORPUS if not attack.technique or not attack.source.startswith("https://")] == []


def test_a_marker_is_hit_by_a_file_that_appears_or_is_gone(tmp_path):
    created = Marker(str(tmp_path / "a")).prepare()
    assert not created.was_hit()
    (tmp_path / "a" / "ran").touch()
    assert created.was_hit()
    removed = Marker(str(tmp_path / "b")).prepare()
    (tmp_path / "b" / "victim").unlink()
    assert removed.was_hit()


def test_attacks_work_under_the_stdlib():
    attacks = [attack for attack in CORPUS if attack.name in FEW]
    found = {outcome.name: outcome for outcome in outcomes("stdlib", attacks)}
    assert {attack.name: found[attack.name] for attack in attacks if not proven(attack, found[attack.name])} == {}


def test_an_innocent_stream_touches_nothing_in_the_sandbox(tmp_path):
    outcome = opened(INNOCENT, b"\x80\x04](K\x01K\x02e.", Marker(str(tmp_path)).prepare(), "stdlib")
    assert (outcome.end, outcome.hit, outcome.modules) == ("loaded", False, [])
    assert not Marker(str(tmp_path)).was_hit()
