"""One bit anywhere in the folder of a store: what is read then, and what a repair keeps."""

from __future__ import annotations

import random
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

import brinery
from brinery.errors import BrineryError
from brinery.stores import repair_store

ABSENT = object()


def content() -> dict[str, Any]:
    """Small values, some of a few pages, some in files of their own."""
    found: dict[str, Any] = {f"user:{number:04}": {"id": number, "name": f"user {number}"} for number in range(600)}
    found |= {f"text:{number}": f"{number} " * 3000 for number in range(20)}
    found |= {f"array:{number}": np.arange(20_000.0) + number for number in range(4)}
    return found


def make(folder: Path) -> dict[str, Any]:
    made = content()
    with brinery.Store(folder) as store:
        store.update(made)
        store.set("user:0001", made["user:0001"], ttl=10_000, tags=["tagged"])
        for key in list(made)[::7]:
            if key.startswith("user"):
                store[key] = made[key]
    return made


def flip(folder: Path, chance: random.Random) -> str:
    """Turn over a bit, in a file that is drawn first, or at a place that is; where."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.stat().st_size)
    weights = [1] * len(files) if chance.random() < 0.5 else [path.stat().st_size for path in files]
    (path,) = chance.choices(files, weights)
    data = bytearray(path.read_bytes())
    bit = chance.randrange(len(data) * 8)
    data[bit // 8] ^= 1 << bit % 8
    path.write_bytes(data)
    return f"bit {bit % 8} of byte {bit // 8} of {path.relative_to(folder)}"


def same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(
        np.array_equal(one, other) if isinstance(one, np.ndarray) else one == other
    )


def readings(folder: Path, made: dict[str, Any]) -> Counter[str]:
    """How many of the values are right, missing with an error, or wrong."""
    found: Counter[str] = Counter()
    try:
        with brinery.Store(folder) as store:
            for key, obj in made.items():
                try:
                    got = store[key]
                except (BrineryError, KeyError, OSError):
                    found["errors"] += 1
                else:
                    found["right" if same(got, obj) else "wrong"] += 1
    except (BrineryError, OSError):
        found["not opened"] = 1
    return found


def trial(template: Path, made: dict[str, Any], folder: Path, seed: int) -> tuple[str, Counter[str], Counter[str]]:
    """Flip a bit of a copy: where, what was read then, and what was read after a repair."""
    chance = random.Random(seed)
    shutil.copytree(template, folder)
    where = flip(folder, chance)
    before = readings(folder, made)
    repair_store(folder)
    after = readings(folder, made)
    shutil.rmtree(folder)
    return where, before, after
