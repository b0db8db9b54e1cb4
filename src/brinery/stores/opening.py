"""Where stores are: folders here, and servers elsewhere."""

from __future__ import annotations

import os
from pathlib import Path

from brinery.stores.backend import Backend
from brinery.stores.sqlite import SQLite

__all__ = ["backend_at", "folder_of"]


def folder_of(place: str | os.PathLike[str]) -> Path | None:
    """The folder of the files of large values; None where the place is an address."""
    return None if "://" in os.fspath(place) else Path(place) / "files"


def backend_at(place: str | os.PathLike[str], *, durable: bool) -> Backend:
    """The backend of a folder or an address."""
    return SQLite(Path(place) / "store.db", durable=durable)
