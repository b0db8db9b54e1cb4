"""Servers that keep stores, one of each kind for all tests of a process; started when a test first asks for them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from uuid import uuid4

import pytest

from tests.files.servers import s3_server
from tests.stores.places import Place
from tests.stores.servers import postgres_server, redis_server

KINDS = ("sqlite", "redis", "postgres", "objects")
BUCKET = "stores"


@pytest.fixture(scope="session")
def redis_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with redis_server(tmp_path_factory.mktemp("redis")) as address:
        yield address


@pytest.fixture(scope="session")
def postgres_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with postgres_server(tmp_path_factory.mktemp("postgres")) as address:
        yield address


@pytest.fixture(scope="session")
def s3_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    import boto3

    with s3_server(tmp_path_factory.mktemp("s3")) as environment:
        client = boto3.client(
            "s3",
            endpoint_url=environment["AWS_ENDPOINT_URL"],
            aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
            region_name=environment["AWS_REGION"],
        )
        client.create_bucket(Bucket=BUCKET)
        client.close()
        yield environment


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Place:
    """Where there is no store yet, on a server of each kind."""
    kind, name = request.param, uuid4().hex
    if kind == "sqlite":
        return Place(kind, os.fspath(request.getfixturevalue("tmp_path") / name))
    if kind == "objects":
        for variable, value in request.getfixturevalue("s3_environment").items():
            monkeypatch.setenv(variable, value)
        return Place(kind, f"s3://{BUCKET}/folder/{name}")
    return Place(kind, f"{request.getfixturevalue(f'{kind}_address')}?store={name}")
