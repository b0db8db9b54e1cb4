"""Servers that keep files: SeaweedFS, which speaks S3, and web servers with and without ranges."""

from __future__ import annotations

import json
import re
import secrets
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

STARTS_WITHIN = 60  # seconds


def free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


@contextmanager
def s3_server(folder: Path) -> Iterator[dict[str, str]]:
    """A server with the folder for its disk; the environment in which it is found."""
    user, secret = "tests", secrets.token_hex(16)
    keys = {"accessKey": user, "secretKey": secret}
    allowed = {"name": user, "credentials": [keys], "actions": ["Admin", "Read", "Write", "List", "Tagging"]}
    (folder / "users.json").write_text(json.dumps({"identities": [allowed]}))
    names = ["master.port", "volume.port", "filer.port", "s3.port"]
    ports = dict(zip([*names, *(f"{name}.grpc" for name in names)], free_ports(8), strict=True))
    command = [
        str(Path(sys.executable).with_name("weed")),
        *("server", "-dir", folder, "-ip", "127.0.0.1", "-ip.bind", "127.0.0.1", "-master.telemetry=false"),
        *("-master.volumeSizeLimitMB", "64", "-volume.max", "20", "-filer", "-s3", "-s3.config", folder / "users.json"),
        *("-s3.port.iceberg", "0", "-s3.port.lance", "0"),
        *(part for name, port in ports.items() for part in (f"-{name}", str(port))),
    ]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([str(each) for each in command], stdout=log, stderr=log, cwd=folder)
    address = f"http://127.0.0.1:{ports['s3.port']}"
    try:
        wait_until_it_answers(process, address, folder / "log")
        yield {
            "AWS_ENDPOINT_URL": address,
            "AWS_ALLOW_HTTP": "true",
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": user,
            "AWS_SECRET_ACCESS_KEY": secret,
        }
    finally:
        process.kill()  # it has nothing to keep
        process.wait()


def wait_until_it_answers(process: subprocess.Popen[bytes], address: str, log: Path) -> None:
    end = time.monotonic() + STARTS_WITHIN
    while True:
        try:
            urlopen(address, timeout=5).close()
            return
        except HTTPError:
            return  # it answers that this is not allowed
        except (URLError, OSError):
            if process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"the S3 server has not started: {log.read_text()[-2000:]}") from None
            time.sleep(0.1)


class Web(ThreadingHTTPServer):
    """A web server for files in memory."""

    def __init__(self, *, ranges: bool) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files: dict[str, bytes] = {}
        self.ranges = ranges
        self.asked: list[tuple[str, str]] = []  # method and path of each request

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: Web
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.server.asked.append(("GET", self.path))
        data = self.server.files.get(self.path)
        if data is None:
            self.answer(404, b"", {})
            return
        wanted = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        if wanted is None or not self.server.ranges:
            self.answer(200, data, {})
            return
        start, end = int(wanted[1]), min(int(wanted[2]), len(data) - 1)
        self.answer(206, data[start : end + 1], {"Content-Range": f"bytes {start}-{end}/{len(data)}"})

    def do_HEAD(self) -> None:
        self.server.asked.append(("HEAD", self.path))
        self.answer(403, b"", {})

    def answer(self, status: int, data: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(data))}.items():
            self.send_header(name, value)
        self.end_headers()
        with suppress(BrokenPipeError, ConnectionResetError):  # of clients that wanted a part
            self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def web_server(*, ranges: bool) -> Iterator[Web]:
    with Web(ranges=ranges) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
