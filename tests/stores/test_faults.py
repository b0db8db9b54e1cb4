"""The short form of what `make bench-stores-faults` does for long."""

from __future__ import annotations

from pathlib import Path

from bench.stores.writers import killed_writers, lost_by_writers


def test_kills_lose_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    found = killed_writers(tmp_path, kills=10, seed=7)
    assert found.acknowledged > 0
    assert (found.lost, found.broken) == (0, 0)


def test_eight_processes_that_make_a_store_at_once_lose_nothing(tmp_path: Path) -> None:
    assert lost_by_writers(tmp_path / "new", processes=8, records=100) == 0
