"""`python -m bench.stores [--quick]`: stores against those of others; writes docs/stores-benchmarks.md."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from tests.files.servers import s3_server
from tests.stores.servers import postgres_server, redis_server

import brinery
from bench.machine import heading
from bench.stores.rivals import RIVALS, Rival, of_brinery

PAGE = Path("docs/stores-benchmarks.md")
RECORDS = 10_000
SINGLE = 500
ARRAYS = 20
ROUNDS = 5
PACKAGES = (
    "brinery",
    "numpy",
    "diskcache",
    "sqlitedict",
    "lmdb",
    "ZODB",
    "blake3",
    "xxhash",
    "redis",
    "psycopg",
    "obstore",
)


def records() -> dict[str, dict[str, Any]]:
    """Dicts of some 116 bytes when pickled."""
    return {
        f"key-{number:06}": {
            "id": number,
            "kind": "order",
            "customer": f"customer {number % 500}",
            "paid": number % 3 == 0,
            "total": number / 7,
            "items": [1, 2, 3],
        }
        for number in range(RECORDS)
    }


def seconds(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def small(rival: Rival, objects: dict[str, Any]) -> list[float]:
    """Seconds a record: writing many, reading many, writing one, reading one."""
    keys = list(objects)
    with tempfile.TemporaryDirectory() as folder:
        store = rival.open(folder)
        put_many = seconds(lambda: rival.put_many(store, objects)) / RECORDS
        found: dict[str, Any] = {}
        get_many = seconds(lambda: found.update(rival.get_many(store, keys))) / RECORDS
        assert found == objects
        put = seconds(lambda: [rival.put(store, key, objects[key]) for key in keys[:SINGLE]]) / SINGLE
        get = seconds(lambda: [rival.get(store, key) for key in keys[:SINGLE]]) / SINGLE
        rival.close(store)
    return [put_many, get_many, put, get]


def small_table(rivals: list[Rival]) -> list[str]:
    objects = records()
    best = {rival.name: [float("inf")] * 4 for rival in rivals}
    for _ in range(ROUNDS):
        for rival in rivals:
            best[rival.name] = [min(pair) for pair in zip(best[rival.name], small(rival, objects), strict=True)]
    rows = [f"| {name} | " + " | ".join(f"{1 / each:,.0f}" for each in times) + " |" for name, times in best.items()]
    return [
        f"| {RECORDS:,} records, a second | put, all at once | get, all at once | put, one by one | get, one by one |",
        "|---|--:|--:|--:|--:|",
        *rows,
    ]


def array_times(arrays: list[Any]) -> tuple[float, float, float, float]:
    """Seconds to put all of them, to np.save all of them, to get one, and to get one for the first time."""
    with tempfile.TemporaryDirectory() as folder, brinery.Store(folder + "/store") as store:
        save = seconds(lambda: [np.save(f"{folder}/{i}.npy", each) for i, each in enumerate(arrays)])
        put = seconds(lambda: [store.set(i, each) for i, each in enumerate(arrays)])
        get = min(seconds(lambda: [store[i] for i in range(ARRAYS)]) / ARRAYS for _ in range(5))
        with brinery.Store(folder + "/store") as other:
            first = seconds(lambda: [other[i] for i in range(ARRAYS)]) / ARRAYS
    return put, save, get, first


def arrays_table() -> list[str]:
    chance = np.random.default_rng(1)
    arrays = [chance.random(1_000_000) for _ in range(ARRAYS)]
    size = ARRAYS * arrays[0].nbytes
    times = [array_times(arrays) for _ in range(3)]
    put, save, get, first = (min(each) for each in zip(*times, strict=True))
    return [
        f"| {ARRAYS} arrays of 8 MB | |",
        "|---|--:|",
        f"| brinery: put, GB/s | {size / put / 1e9:.2f} |",
        f"| np.save, GB/s | {size / save / 1e9:.2f} |",
        f"| brinery: get, us each | {get * 1e6:,.0f} |",
        f"| likewise, the first time after opening the store, us each | {first * 1e6:,.0f} |",
    ]


def elsewhere_table() -> list[str]:
    """On servers of this machine, as the tests start them."""
    objects = records()
    rows = []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        for name in ("redis", "postgres", "s3"):
            (folder / name).mkdir()
        places = {
            "Redis": stack.enter_context(redis_server(folder / "redis")),
            "PostgreSQL (without fsync)": stack.enter_context(postgres_server(folder / "postgres")),
            "SeaweedFS, by S3": stack.enter_context(s3_bucket(folder / "s3")),
        }
        for name, place in places.items():
            times = [float("inf")] * 4
            for turn in range(3):
                separator = "?store=" if "s3" not in place else "/"
                rival = replace(of_brinery(), open=lambda _, at=f"{place}{separator}{turn}": brinery.Store(at))
                times = [min(pair) for pair in zip(times, small(rival, objects), strict=True)]
            rows.append(f"| {name} | " + " | ".join(f"{1 / each:,.0f}" for each in times) + " |")
    return [
        f"| brinery on servers: {RECORDS:,} records, a second | put, all at once | get, all at once | put, one by one | get, one by one |",
        "|---|--:|--:|--:|--:|",
        *rows,
    ]


@contextmanager
def s3_bucket(folder: Path) -> Iterator[str]:
    """The address of a bucket of a server that is started for it."""
    import boto3

    with s3_server(folder) as environment:
        os.environ.update(environment)
        client = boto3.client("s3", endpoint_url=environment["AWS_ENDPOINT_URL"])
        client.create_bucket(Bucket="bench")
        client.close()
        yield "s3://bench"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="write nothing")
    options = parser.parse_args()
    lines = [
        *heading("Stores, measured", "bench-stores", *PACKAGES),
        f"The best of {ROUNDS} rounds, alternating in one process. None of them waits for the disk.",
        "",
        *small_table([make() for make in RIVALS]),
        "",
        *arrays_table(),
        "",
        *elsewhere_table(),
    ]
    print("\n".join(lines))
    if not options.quick:
        PAGE.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
