"""`python -m bench.scan`: how fast `brinery.scan` goes through large models and folders. Writes docs/scanning.md."""

from __future__ import annotations

import io
import pickle
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from sklearn.ensemble import RandomForestClassifier

import brinery
from bench.machine import description

PAGE = Path("docs/scanning.md")
BEGIN, END = "<!-- figures:begin -->", "<!-- figures:end -->"
ROUNDS = 3
FILES = 1_000


def forest() -> bytes:
    """Of labels that nothing explains, so that the trees go down to single points."""
    source = np.random.default_rng(5)
    points = source.random((20_000, 20))
    model = RandomForestClassifier(100, random_state=5, n_jobs=2).fit(points, source.integers(0, 5, len(points)))
    return pickle.dumps(model, 5)


def archive_of_tensors() -> bytes:
    """As torch lays out its files: a pickle of the names, and a member for each storage."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("model/data.pkl", pickle.dumps({f"layer{i}": [i] for i in range(24)}, 2))
        for number in range(24):
            archive.writestr(f"model/data/{number}", np.random.default_rng(number).random(10**6).tobytes())
    return file.getvalue()


def records() -> bytes:
    return pickle.dumps([{"id": i, "name": f"user {i}", "scores": [i * 0.5, i * 2.0]} for i in range(700_000)], 5)


def best(call: Callable[[], object]) -> float:
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)


def rows(folder: Path) -> list[str]:
    found = []
    for name, make in {
        "a random forest": forest,
        "an archive of 24 tensors, as torch has them": archive_of_tensors,
        "700,000 records of plain data": records,
    }.items():
        path = folder / "model"
        path.write_bytes(make())
        size = path.stat().st_size
        verdict = brinery.scan(path).verdict
        times = [best(partial(brinery.scan, path, static=static)) for static in (False, True)]
        speeds = [f"{size / each / 1e6:.0f} MB/s" for each in times]
        found.append(f"| {name} | {size / 1e6:.0f} MB | {verdict} | {speeds[0]} | {speeds[1]} |")
        print(found[-1], file=sys.stderr)
    path.unlink()
    for number in range(FILES):
        (folder / f"{number:04}").write_bytes(pickle.dumps({"number": number, "values": list(range(50))}))
    took = best(lambda: brinery.scan(folder))
    found.append(f"| a folder of {FILES:,} small files | | clean | {FILES / took:,.0f} files/s | |")
    return found


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        table = rows(Path(folder))
    text = "\n".join(
        [
            BEGIN,
            f"Taken with `make bench-scan` on {description('numpy', 'scikit-learn')}; the best of {ROUNDS}.",
            "",
            "| | size | verdict | scan | scan, static |",
            "|---|--:|---|--:|--:|",
            *table,
            END,
        ]
    )
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(page[: page.index(BEGIN)] + text + page[page.index(END) + len(END) :], encoding="utf-8")
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
