"""Damage: what is read of a damaged store is right or an error, and a repair keeps all that is whole."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bench.stores import flips

import brinery
from brinery.errors import StoreError
from brinery.stores import repair_store
from brinery.stores.pages import rows_of_log, rows_of_pages
from brinery.stores.spaces import ENTRIES
from brinery.stores.sqlite import salvaged_rows


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("template") / "store"
    return folder, flips.make(folder)


@pytest.mark.parametrize("block", range(6))
def test_a_flipped_bit_gives_no_wrong_value_and_a_repair_keeps_the_others(
    template: tuple[Path, dict[str, Any]], tmp_path: Path, block: int
) -> None:
    folder, made = template
    for seed in range(block * 10, block * 10 + 10):
        where, before, after = flips.trial(folder, made, tmp_path / "copy", seed)
        assert before["wrong"] == after["wrong"] == 0, (seed, where)
        assert after["right"] >= len(made) - 1, (seed, where, before, after)


def test_all_rows_can_be_read_without_sqlite(template: tuple[Path, dict[str, Any]]) -> None:
    folder, made = template
    with brinery.Store(folder) as store:
        expected = dict(store._backend.scan(ENTRIES))
        found = {key: value for key, value in rows_of_pages(folder / "store.db") if expected.get(key) == value}
    assert found == expected
    assert len(expected) == len(made)


def test_rows_in_the_log_of_a_killed_process_are_salvaged(tmp_path: Path) -> None:
    store = brinery.Store(tmp_path)
    store.update({str(number): number for number in range(100)})
    copy = tmp_path / "copy"
    copy.mkdir()
    for path in (*tmp_path.glob("store.db*"), tmp_path / "store.id"):
        (copy / path.name).write_bytes(path.read_bytes())
    store.close()
    assert (copy / "store.db-wal").stat().st_size
    assert len(dict(rows_of_log(copy / "store.db", (copy / "store.db-wal").read_bytes()))) >= 100
    (copy / "store.db").write_bytes(b"\0" * 100 + (copy / "store.db").read_bytes()[100:])
    assert repair_store(copy).kept == 100


def test_a_store_whose_database_is_gone_is_not_taken_for_a_new_one(tmp_path: Path) -> None:
    with brinery.Store(tmp_path) as store:
        store["a"] = 1
    (tmp_path / "store.db").write_bytes(b"")
    with pytest.raises(StoreError, match="brinery store repair"):
        brinery.Store(tmp_path)


def test_a_damaged_value_is_named_and_its_last_version_stands_for_it(tmp_path: Path) -> None:
    with brinery.Store(tmp_path, keep=3) as store:
        store["a"] = np.zeros(20_000)
        store["a"] = np.ones(20_000)
        store["b"] = np.full(20_000, 2.0)
    with brinery.Store(tmp_path) as store:
        files = {float(brinery.load(path)[0]): path for path in tmp_path.glob("files/*/*.pkl")}
    for value in (1.0, 2.0):
        data = bytearray(files[value].read_bytes())
        data[len(data) // 2] ^= 1
        files[value].write_bytes(data)
    with brinery.Store(tmp_path) as store:
        assert set(store.verify().wrong) == {"a", "b"}
        seen = store.repair()
        assert set(seen.restored) == {"a"}
        assert set(seen.lost) == {"b"}
        assert store["a"][0] == 0
        assert "b" not in store
        store["c"] = 3
        assert store.verify().is_whole
    with brinery.Store(tmp_path) as store:
        assert store["c"] == 3


def test_a_sound_store_is_left_as_it_is(tmp_path: Path) -> None:
    with brinery.Store(tmp_path, keep=2, size_limit=10_000) as store:
        store.set("a", 1, ttl=1000, tags=["t"])
        assert store.repair().is_whole
        assert store.tagged("t") == ["a"]
    assert not (tmp_path / "store.damaged").exists()


def test_what_is_kept_beside_the_entries_is_made_anew(tmp_path: Path) -> None:
    with brinery.Store(tmp_path, size_limit=100_000) as store:
        store.set("a", 1, ttl=1000, tags=["t"])
        store["b"] = 2
    with closing(sqlite3.connect(tmp_path / "store.db")) as connection, connection:
        connection.execute("DELETE FROM entries WHERE key >= x'11' AND key < x'15' OR key = ?", (b"\x10total",))
    with brinery.Store(tmp_path) as store:
        assert store.repair().kept == 2
        assert store.tagged("t") == ["a"]
        assert store.expires("a") is not None
        assert store._upkeep.settings().size_limit == 100_000
    assert len(dict(salvaged_rows(tmp_path / "store.db"))) >= 2


@pytest.mark.parametrize("seed", range(24))
def test_a_flipped_bit_in_the_log_of_a_killed_process_takes_nothing_back_in_silence(tmp_path: Path, seed: int) -> None:
    store = brinery.Store(tmp_path)
    for number in range(40):
        store[number % 20] = number
    copy = tmp_path / "copy"
    copy.mkdir()
    for path in (tmp_path / "store.db", tmp_path / "store.db-wal", tmp_path / "store.id"):
        (copy / path.name).write_bytes(path.read_bytes())
    store.close()
    log = copy / "store.db-wal"
    data = bytearray(log.read_bytes())
    chance = random.Random(seed)
    bit = chance.randrange(32 * 8 if seed < 8 else len(data) * 8)
    data[bit // 8] ^= 1 << bit % 8
    log.write_bytes(data)
    expected = {number % 20: number for number in range(40)}
    try:
        with brinery.Store(copy) as opened:
            assert dict(opened) == expected
    except brinery.BrineryError:
        repair_store(copy)
        with brinery.Store(copy) as opened:
            assert len(set(dict(opened).items()) ^ set(expected.items())) <= 2
