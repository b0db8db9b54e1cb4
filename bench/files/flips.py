"""`python -m bench.files.flips NAME`: what becomes of a flipped bit in a file of some format. Prints JSON."""

from __future__ import annotations

import json
import os
import resource
import sys
import tempfile
import warnings
from typing import Any

import numpy as np

from bench.files.formats import FORMATS

FLIPS = 400
MEMORY = 4 << 30


def arrays() -> dict[str, Any]:
    chance = np.random.default_rng(1)
    return {name: chance.random(20_000) for name in ("weights", "bias", "more")}


def outcome(read: Any, path: str, expected: dict[str, Any]) -> str:
    try:
        found = read(path)
        whole = found.keys() == expected.keys() and all(np.array_equal(found[key], expected[key]) for key in expected)
    except BaseException:
        return "found"
    return "harmless" if whole else "wrong"


def main() -> int:
    warnings.simplefilter("ignore")
    format = next(each for each in FORMATS if each.name == sys.argv[1])
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    expected = arrays()
    counts = {"found": 0, "wrong": 0, "harmless": 0}
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/file.npz" if "npz" in format.name else f"{folder}/file"
        format.write(expected, path)
        with open(path, "rb") as file:
            data = file.read()
        for bit in np.random.default_rng(2).integers(0, len(data) * 8, FLIPS).tolist():
            changed = bytearray(data)
            changed[bit // 8] ^= 1 << bit % 8
            os.unlink(path)
            with open(path, "wb") as file:
                file.write(changed)
            counts[outcome(format.read, path, expected)] += 1
    print(json.dumps(counts))
    return 0


if __name__ == "__main__":
    sys.exit(main())
