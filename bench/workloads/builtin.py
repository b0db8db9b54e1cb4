"""Builtin types only."""

from __future__ import annotations

import random
import string
from typing import Any


def word(source: random.Random) -> str:
    return "".join(source.choices(string.ascii_lowercase, k=source.randint(3, 10)))


def records() -> list[dict[str, Any]]:
    source = random.Random(1)
    return [
        {
            "id": i,
            "name": word(source),
            "email": f"{word(source)}@example.org",
            "active": bool(i % 2),
            "score": source.random(),
            "tags": [word(source) for _ in range(3)],
            "address": {"city": word(source), "zip": str(10000 + i)},
        }
        for i in range(5000)
    ]


def words() -> list[str]:
    source = random.Random(2)
    return [word(source) for _ in range(150_000)]


def index() -> dict[str, int]:
    source = random.Random(3)
    return {f"{word(source)}{i}": i for i in range(60_000)}


def small_sets() -> list[set[int]]:
    source = random.Random(4)
    return [{source.randint(0, 999) for _ in range(5)} for _ in range(10_000)]


def float_matrix() -> list[list[float]]:
    source = random.Random(5)
    return [[source.random() for _ in range(200)] for _ in range(1000)]


def int_columns() -> list[list[int]]:
    source = random.Random(6)
    return [[source.randint(-(10**6), 10**6) for _ in range(20_000)] for _ in range(10)]


def blobs() -> list[bytes]:
    source = random.Random(7)
    return [source.randbytes(2048) for _ in range(3000)]


def message() -> dict[str, Any]:
    return {"id": 1234567, "type": "update", "user": "alice", "ts": 1700000000.5, "ok": True, "tags": ["new", "hot"]}
