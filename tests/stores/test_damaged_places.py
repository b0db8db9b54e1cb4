"""Places of stores that others have damaged, or that a writer has left in the middle."""

from __future__ import annotations

import json
from contextlib import nullcontext
from secrets import token_bytes

import psycopg
import pytest
import redis

from brinery.errors import StoreError
from brinery.stores.addresses import split_name
from brinery.stores.backend import Backend, Range
from brinery.stores.bucket import Bucket
from brinery.stores.objects import ObjectRows
from tests.stores.places import ALL, Place, line_of

ROWS = {b"a": b"1", b"b": b"2"}


@pytest.fixture
def at_redis(redis_address: str, tmp_path_factory: pytest.TempPathFactory) -> Place:
    return Place("redis", f"{redis_address}?store={tmp_path_factory.mktemp('redis').name}")


@pytest.fixture
def at_postgres(postgres_address: str, tmp_path_factory: pytest.TempPathFactory) -> Place:
    return Place("postgres", f"{postgres_address}?store={tmp_path_factory.mktemp('postgres').name}")


@pytest.fixture
def at_objects(
    s3_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> Place:
    for variable, value in s3_environment.items():
        monkeypatch.setenv(variable, value)
    return Place("objects", f"s3://stores/{tmp_path_factory.mktemp('objects').name}")


def filled(place: Place) -> Backend:
    backend = place.open_impatiently()
    backend.put(list(ROWS.items()))
    return backend


def assert_is_repaired_by_what_is_salvaged(backend: Backend, expected: dict[bytes, bytes]) -> None:
    assert backend.problems() != []
    saved = dict(backend.salvage())
    assert saved == expected
    backend.rebuild(saved.items())
    assert backend.problems() == []
    assert dict(backend.scan(ALL)) == expected
    assert backend.put([(b"c", b"3")])
    backend.close()


def test_redis_without_the_order_of_its_keys(at_redis: Place) -> None:
    backend = filled(at_redis)
    address, name = split_name(at_redis.address)
    with redis.Redis.from_url(address) as client:
        assert client.delete(f"brinery:{{{name}}}:keys") == 1
    assert_is_repaired_by_what_is_salvaged(backend, ROWS)


def test_redis_that_forgets(at_redis: Place) -> None:
    backend = filled(at_redis)
    address, _ = split_name(at_redis.address)
    with redis.Redis.from_url(address) as client:
        client.config_set("maxmemory", "1gb")
        client.config_set("maxmemory-policy", "allkeys-lru")
        problems = backend.problems()
        client.config_set("maxmemory", "0")
    assert "may be thrown away" in problems[0]
    assert backend.problems() == []
    backend.close()


def test_a_format_of_later(at_redis: Place) -> None:
    filled(at_redis).close()
    address, name = split_name(at_redis.address)
    with redis.Redis.from_url(address) as client:
        client.hset(f"brinery:{{{name}}}:about", "format", 99)
    with pytest.raises(StoreError, match="get a later brinery"):
        at_redis.open()


def test_postgres_without_its_table(at_postgres: Place) -> None:
    backend = filled(at_postgres)
    address, name = split_name(at_postgres.address)
    with psycopg.connect(address) as connection:
        connection.execute(f'DROP TABLE "brinery_{name}"'.encode())
    with pytest.raises(StoreError, match="is damaged"):
        backend.get([b"a"])
    with pytest.raises(StoreError, match="is damaged"):
        list(backend.salvage())
    assert backend.problems() != []
    backend.rebuild(ROWS.items())
    assert dict(backend.scan(ALL)) == ROWS
    backend.close()


def test_postgres_does_not_write_what_has_failed(at_postgres: Place) -> None:
    """An error that was caught in a transaction must not make it look as if the rest had been written."""
    backend = filled(at_postgres)

    def write() -> None:
        with backend.transaction():
            backend.put([(b"c", b"3")])
            with pytest.raises(StoreError, match="key is longer"):
                backend.put([(token_bytes(10_000), b"")])

    with pytest.raises(StoreError, match="nothing of it was written"):
        write()
    assert dict(backend.scan(ALL)) == ROWS
    backend.close()


@pytest.mark.parametrize("use", ["read", "write", "transaction"])
def test_postgres_whose_connections_were_ended(at_postgres: Place, use: str) -> None:
    backend = filled(at_postgres)
    address, _ = split_name(at_postgres.address)
    with psycopg.connect(address) as connection:
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
    if use == "read":
        assert backend.get([b"a"]) == {b"a": b"1"}
    with backend.transaction() if use == "transaction" else nullcontext():
        assert backend.put([(b"c", b"3")])
    assert dict(backend.scan(ALL)) == {**ROWS, b"c": b"3"}
    backend.close()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("lease.json", b"{"),
        ("lease.json", json.dumps({"turn": 1, "journal": "journals/none"}).encode()),
        ("rows/stranger", b"x"),
    ],
)
def test_objects_that_were_changed(at_objects: Place, name: str, content: bytes) -> None:
    backend = filled(at_objects)
    Bucket(at_objects.address).put(name, content)
    assert_is_repaired_by_what_is_salvaged(backend, ROWS)


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"format": 1, "id": "zz"}'])
def test_objects_that_say_nothing_of_themselves(at_objects: Place, content: bytes) -> None:
    filled(at_objects).close()
    Bucket(at_objects.address).put("store.json", content)
    with pytest.raises(StoreError, match="is damaged, or no store"):
        at_objects.open()


def test_objects_of_which_nothing_is_said(at_objects: Place) -> None:
    filled(at_objects).close()
    Bucket(at_objects.address).remove(["store.json"])
    with pytest.raises(StoreError, match=r"store\.json is not there"):
        at_objects.open()


def test_keys_too_long_for_objects(at_objects: Place) -> None:
    backend = filled(at_objects)
    long = b"k" * 700
    with pytest.raises(StoreError, match="700 bytes makes a name of more than 1,024"):
        backend.put([(long, b"")])
    with pytest.raises(StoreError, match="700 bytes"):
        backend.put([(long, b""), (b"c", b"")])
    assert backend.get([long, b"a"]) == {b"a": b"1"}
    assert backend.put([(b"k" * 580, b"")])
    assert backend.count(ALL) == 3
    backend.close()


def test_what_counts_is_brought_in_by_who_opens_it(at_objects: Place) -> None:
    """A writer is killed after its transaction counts, and before all its rows are written."""
    size = 1500
    rows = ObjectRows(Bucket(at_objects.address))
    process = at_objects.start("write_rounds", size)
    while not rows.has_journal():
        pass
    process.kill()
    process.communicate()
    assert rows.count(Range(b"row", b"rox")) < size
    assert rows.has_journal()
    backend = at_objects.open()
    assert dict(backend.scan(ALL)) == {b"row%d" % number: b"0" for number in range(size)}
    assert not rows.has_journal()
    backend.close()


def test_compacting_removes_what_writers_have_left(at_objects: Place) -> None:
    backend = filled(at_objects)
    bucket = Bucket(at_objects.address)
    bucket.put("journals/left", b"x" * 1000)
    before = backend.size()
    backend.compact()
    assert backend.size() == before - 1000
    assert dict(backend.scan(ALL)) == ROWS
    backend.close()


def test_a_killed_writer_leaves_no_lease_for_ever(at_objects: Place) -> None:
    process = at_objects.start("wait_in_transaction")
    assert line_of(process) == "within"
    process.kill()
    process.communicate()
    backend = at_objects.open_impatiently()
    backend.compact()
    assert backend.put([(b"a", b"1")])
    assert dict(backend.scan(ALL)) == {b"a": b"1"}
    backend.close()
