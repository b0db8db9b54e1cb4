"""The readers that the attacks are written for, as a program would call them; each imports what it needs first."""

from __future__ import annotations

import io
import pickle as stdlib
from collections.abc import Callable
from typing import Any

Load = Callable[[bytes], Any]


def pickle() -> Load:
    return stdlib.loads


def pickle_all() -> Load:
    """A reader of logs: one pickle after the other, until there is none."""

    def load(data: bytes) -> list[Any]:
        file, made = io.BytesIO(data), []
        while file.tell() < len(data):
            made.append(stdlib.load(file))
        return made

    return load


def numpy() -> Load:
    from numpy import load as numpy_load

    def load(data: bytes) -> Any:
        made = numpy_load(io.BytesIO(data), allow_pickle=True)
        return [made[each] for each in made.files] if hasattr(made, "files") else made

    return load


def joblib() -> Load:
    from joblib import load as joblib_load

    return lambda data: joblib_load(io.BytesIO(data))


def torch() -> Load:
    from torch import load as torch_load

    return lambda data: torch_load(io.BytesIO(data), weights_only=False)


def pandas() -> Load:
    from pandas import read_pickle

    return lambda data: read_pickle(io.BytesIO(data), compression="gzip")


def zip() -> Load:
    """The first member of an archive, whatever its name."""
    from zipfile import ZipFile

    def load(data: bytes) -> Any:
        with ZipFile(io.BytesIO(data)) as archive:
            return stdlib.loads(archive.read(archive.namelist()[0]))

    return load
