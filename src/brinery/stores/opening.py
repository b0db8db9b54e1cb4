"""Where stores are: folders here, and servers elsewhere."""

from __future__ import annotations

import os
from pathlib import Path

from brinery.errors import StoreError
from brinery.stores.addresses import SCHEMES, is_url, split_name
from brinery.stores.backend import Backend

__all__ = ["backend_at", "folder_of", "is_url"]


def folder_of(place: str | os.PathLike[str]) -> Path | None:
    """The folder of the files of large values; None where the place is an address."""
    return None if "://" in os.fspath(place) else Path(place) / "files"


def backend_at(place: str | os.PathLike[str], *, durable: bool) -> Backend:
    """The backend of a folder or an address.

    ``redis://``, ``rediss://``, ``postgresql://`` and ``postgres://`` name the store in the query, as in
    ``redis://localhost/0?store=runs``; for ``s3://``, ``gs://`` and ``az://`` the path is the store's folder.

    Raises:
        ModuleNotFoundError: The extra for this place is not installed.
        StoreError: It cannot be used.
        OSError: A folder cannot.
    """
    text = os.fspath(place)
    if not is_url(text):
        if "://" in text:
            scheme = text.partition("://")[0]
            raise StoreError(f"stores cannot be kept in {scheme}://: take {', '.join(SCHEMES)}, or a folder")
        from brinery.stores.sqlite import SQLite

        return SQLite(Path(place) / "store.db", durable=durable)
    scheme = text.partition("://")[0].lower()
    if scheme in ("s3", "gs", "az"):
        from brinery.stores.objects import Objects

        return Objects(text)
    address, name = split_name(text)
    if scheme in ("redis", "rediss"):
        from brinery.stores.redis import Redis

        return Redis(address, name, durable=durable)
    from brinery.stores.postgres import PostgreSQL

    return PostgreSQL(address, name, durable=durable)
