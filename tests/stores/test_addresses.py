"""Addresses of stores on servers, and what is said where one cannot be used."""

from __future__ import annotations

import subprocess
import sys
import traceback

import pytest

from brinery.errors import StoreError
from brinery.stores.addresses import is_url, split_name, without_secrets
from brinery.stores.opening import backend_at
from tests.files.servers import free_ports

SECRETS = ["secret", "sec?ret", "sec@ret", "sec/ret", "%zzsecret", "sec:ret", "sec#ret"]


@pytest.mark.parametrize("scheme", ["redis", "rediss", "postgresql", "postgres", "s3", "gs", "az"])
def test_addresses_of_servers_are_told_from_folders(scheme: str) -> None:
    assert is_url(f"{scheme}://host/path")
    assert not is_url(f"{scheme}/host")


def test_the_name_is_taken_out_of_the_address() -> None:
    assert split_name("redis://h/0?a=1&store=x.y&b=2") == ("redis://h/0?a=1&b=2", "x.y")
    assert split_name("redis://u:p?q@h/0?store=x") == ("redis://u:p?q@h/0", "x")


@pytest.mark.parametrize("name", ["", "a" * 49, 'a"b', "a}b", "a b", "%61"])
def test_names_that_cannot_be(name: str) -> None:
    with pytest.raises(StoreError, match="cannot be called"):
        backend_at(f"postgresql://localhost/db?store={name}", durable=False)


def test_other_addresses_are_no_folders() -> None:
    with pytest.raises(StoreError, match="mysql://: take redis"):
        backend_at("mysql://localhost/db", durable=False)


@pytest.mark.parametrize("secret", SECRETS)
def test_places_have_no_passwords(secret: str) -> None:
    for scheme in ("redis", "postgresql"):
        shown = without_secrets(f"{scheme}://user:{secret}@host:1/0?password=secret&sslpassword=secret", "runs")
        assert shown == f"{scheme}://host:1/0?store=runs"


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("scheme", ["redis", "postgresql"])
def test_where_nobody_answers_it_says_so_without_the_password(scheme: str, secret: str) -> None:
    (port,) = free_ports(1)
    with pytest.raises(StoreError) as caught:
        backend_at(f"{scheme}://user:{secret}@127.0.0.1:{port}/0?store=x", durable=False)
    told = "".join(traceback.format_exception_only(caught.value)).partition("\n")[0]
    assert f"{scheme}://127.0.0.1:{port}/0?store=x" in told
    assert "sec" not in told.replace("seconds", "")
    assert "password" in told.lower()  # what to look after


def test_to_wait_for_a_disk_that_nothing_is_written_to(redis_address: str) -> None:
    with pytest.raises(StoreError, match="appendonly"):
        backend_at(redis_address, durable=True)


def test_to_wait_for_the_disk(postgres_address: str) -> None:
    backend = backend_at(f"{postgres_address}?store=durable", durable=True)
    assert backend.put([(b"a", b"1")])
    assert backend.get([b"a"]) == {b"a": b"1"}
    backend.close()


@pytest.mark.parametrize(
    ("module", "extra", "address"),
    [
        ("redis", "redis", "redis://localhost/0"),
        ("psycopg", "postgres", "postgresql://localhost/db"),
        ("psycopg_pool", "postgres", "postgres://localhost/db"),
        ("obstore", "remote", "s3://a/b"),
    ],
)
def test_a_missing_library_is_named_by_its_extra(module: str, extra: str, address: str) -> None:
    code = (
        f"import sys; sys.modules[{module!r}] = None\n"
        f"from brinery.stores.opening import backend_at; backend_at({address!r}, durable=False)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].endswith(f"pip install 'brinery[{extra}]'")


def test_a_bucket_that_is_not_there(s3_environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for variable, value in s3_environment.items():
        monkeypatch.setenv(variable, value)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    with pytest.raises(StoreError, match="names no folder"):
        backend_at("s3://bucket/", durable=False)
    with pytest.raises(StoreError, match="may be read and written"):
        backend_at("s3://bucket/folder", durable=False)
