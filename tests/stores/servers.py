"""Servers that keep stores: Redis and PostgreSQL."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from glob import glob
from pathlib import Path
from signal import SIGKILL, SIGQUIT, Signals
from tempfile import TemporaryDirectory

import psycopg

from tests.files.servers import STARTS_WITHIN, free_ports


@contextmanager
def redis_server(folder: Path) -> Iterator[str]:
    """A server that keeps everything in memory; its address."""
    (port,) = free_ports(1)

    def ask() -> None:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            connection.sendall(b"PING\r\n")
            if connection.recv(7) != b"+PONG\r\n":
                raise ConnectionError

    command = ["redis-server", "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no"]
    with running(command, folder / "redis.log", ask, stop=SIGKILL):
        yield f"redis://127.0.0.1:{port}/0"


@contextmanager
def postgres_server(folder: Path) -> Iterator[str]:
    """A server with its data in the folder; its address."""
    (port,) = free_ports(1)
    address = f"postgresql://tests@127.0.0.1:{port}/postgres"
    initdb = postgres_initdb()
    with ExitStack() as stack:
        user = None
        if os.geteuid() == 0:  # PostgreSQL does not run as root, and only root can enter the folders of its tests
            user = "postgres"
            folder = Path(stack.enter_context(TemporaryDirectory(dir="/tmp")))
            shutil.chown(folder, user)
        data, log = folder / "data", folder / "postgres.log"
        options = ["--auth", "trust", "--username", "tests", "--encoding", "UTF8", "--locale", "C", "--no-sync"]
        with log.open("wb") as output:
            made = subprocess.run(
                [initdb, "--pgdata", data, *options], stdout=output, stderr=output, cwd=folder, user=user, check=False
            )
        if made.returncode != 0:
            raise RuntimeError(f"initdb has failed: {log.read_text()[-2000:]}")
        command = [
            *(str(initdb.with_name("postgres")), "-D", str(data), "-p", str(port), "-k", str(folder)),
            *("-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"),
        ]
        stack.enter_context(
            running(command, log, lambda: psycopg.connect(address, connect_timeout=5).close(), stop=SIGQUIT, user=user)
        )
        yield address


def postgres_initdb() -> Path:
    """PostgreSQL's initdb, beside which its server is; Debian keeps them off the path."""
    found = shutil.which("initdb", path=os.pathsep.join([os.environ["PATH"], *glob("/usr/lib/postgresql/*/bin")]))
    if found is None:
        raise RuntimeError("PostgreSQL's initdb is missing; scripts/environment.sh installs it")
    return Path(found).resolve()


@contextmanager
def running(
    command: list[str], log: Path, ask: Callable[[], None], *, stop: Signals, user: str | None = None
) -> Iterator[None]:
    """The server that the command starts, from its first answer on; stopped without saving anything."""
    with log.open("ab") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, cwd=log.parent, user=user)
    try:
        wait_until_it_answers(process, ask, log)
        yield
    finally:
        process.send_signal(stop)
        process.wait()


def wait_until_it_answers(process: subprocess.Popen[bytes], ask: Callable[[], None], log: Path) -> None:
    end = time.monotonic() + STARTS_WITHIN
    while True:
        try:
            ask()
            return
        except (OSError, psycopg.OperationalError):
            if process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"{log.stem} has not started: {log.read_text()[-2000:]}") from None
            time.sleep(0.1)
