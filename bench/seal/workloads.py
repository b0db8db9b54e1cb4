"""What is written and read with and without a seal."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import brinery
from bench.speed.measure import Call
from brinery.cli.stops import orders
from brinery.codec import decode, encode
from brinery.trust import keyring, opened, sign, verify
from brinery.trust.identity import PublicKey
from brinery.trust.keys import trust_key


@dataclass(frozen=True)
class Comparison:
    """A call without what keys do, the same with it, and how often to repeat it in a round."""

    name: str
    plain: Call
    guarded: Call
    repeat: int = 1


def message() -> dict[str, Any]:
    """Some 100 bytes when written."""
    return {"id": 12345, "kind": "order", "customer": "customer 77", "paid": True, "total": 1234.5, "items": [1, 2, 3]}


def records() -> list[dict[str, Any]]:
    """Some megabyte when written."""
    return [
        {"number": number, "customer": f"customer {number % 500}", "paid": number % 3 == 0, "price": number / 7}
        for number in range(21_000)
    ]


def array() -> Any:
    """80 MB of floats."""
    return np.arange(10_000_000, dtype="f8")


def seal(obj: Any) -> bytes:
    return encode(obj, 5, tail=keyring().trailer)


def open_sealed(data: bytes) -> Any:
    return decode(opened(data).payload)


def load(path: Path) -> Any:
    return decode(path.read_bytes())


def load_sealed(path: Path) -> Any:
    return open_sealed(path.read_bytes())


def load_signed(path: Path) -> Any:
    return decode(verify(path.read_bytes())[0])


def comparisons_of_files(folder: Path, obj: Any) -> list[Comparison]:
    """Files of :func:`brinery.dump`, the user's own and somebody else's, against NumPy's without any checks."""
    np.save(folder / "numbers.npy", obj)
    brinery.dump(obj, folder / "own")
    code = "import sys, numpy, brinery; brinery.dump(numpy.load(sys.argv[1]), sys.argv[2])"
    environment = {**os.environ, "BRINERY_HOME": str(folder / "somebody")}
    subprocess.run([sys.executable, "-c", code, folder / "numbers.npy", folder / "theirs"], check=True, env=environment)
    signer = brinery.info(folder / "theirs").signer
    assert signer is not None
    trust_key("somebody", PublicKey.from_text(signer))
    unguarded = Call(np.load, (folder / "numbers.npy",))
    return [
        Comparison(
            f"np.load of an array, {obj.nbytes:,} bytes, and brinery.load of {whose}",
            unguarded,
            Call(brinery.load, (path,)),
        )
        for whose, path in (("one's own file", folder / "own"), ("somebody else's", folder / "theirs"))
    ]


def comparisons(folder: Path) -> list[Comparison]:
    made = []
    for name, obj, repeat in (
        ("message", message(), 2000),
        ("records of dicts", records(), 1),
        ("records of dataclasses", orders(), 1),
        ("array", array(), 1),
    ):
        plain, sealed = encode(obj, 5), seal(obj)
        size = f"{name}, {len(plain):,} bytes"
        made.append(Comparison(f"{size}: write", Call(encode, (obj, 5)), Call(seal, (obj,)), repeat))
        made.append(
            Comparison(f"{size}: read from memory", Call(decode, (plain,)), Call(open_sealed, (sealed,)), repeat)
        )
        if name == "array":
            paths = {kind: folder / kind for kind in ("plain", "sealed", "signed")}
            for kind, data in (("plain", plain), ("sealed", sealed), ("signed", sign(plain))):
                paths[kind].write_bytes(data)
            unguarded = Call(load, (paths["plain"],))
            made.append(Comparison(f"{size}: load a sealed file", unguarded, Call(load_sealed, (paths["sealed"],))))
            made.append(Comparison(f"{size}: load a signed file", unguarded, Call(load_signed, (paths["signed"],))))
            made += comparisons_of_files(folder, obj)
    return made
