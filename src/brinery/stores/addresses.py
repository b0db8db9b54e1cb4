"""The addresses of stores on servers, for people and for drivers."""

from __future__ import annotations

import re

from brinery.errors import StoreError

__all__ = ["SCHEMES", "checked_name", "is_url", "split_name", "without_secrets"]

SCHEMES = ("redis", "rediss", "postgresql", "postgres", "s3", "gs", "az")
ADDRESS = re.compile(rf"({'|'.join(SCHEMES)})://", re.IGNORECASE)
NAME = re.compile(r"[A-Za-z0-9_.-]{1,48}")
DEFAULT_NAME = "brinery"


def is_url(text: object) -> bool:
    """Whether it is the address of a store on a server.

    >>> is_url("redis://localhost/0"), is_url("s3://models/store"), is_url("models/store")
    (True, True, False)
    """
    return isinstance(text, str) and ADDRESS.match(text) is not None


def split_name(address: str) -> tuple[str, str]:
    """The address as the driver takes it, and the name of the store, which stands in the query.

    >>> split_name("redis://localhost/0?store=runs&protocol=3")
    ('redis://localhost/0?protocol=3', 'runs')
    >>> split_name("postgresql://localhost/results")
    ('postgresql://localhost/results', 'brinery')

    Raises:
        StoreError: It is no name that a store can have.
    """
    base, _, query = address.rpartition("?") if "?" in address else (address, "", "")
    parts = query.split("&") if query else []
    names = [part.partition("=")[2] for part in parts if part.partition("=")[0] == "store"]
    rest = "&".join(part for part in parts if part.partition("=")[0] != "store")
    name = checked_name(names[-1]) if names else DEFAULT_NAME
    return (f"{base}?{rest}" if rest else base), name


def checked_name(name: str) -> str:
    """The name of a store, which becomes part of names in its place.

    Raises:
        StoreError: It cannot.
    """
    if NAME.fullmatch(name) is None:
        raise StoreError(f"a store cannot be called {name!r}: take up to 48 of the letters A-Z, a-z, 0-9, _, . and -")
    return name


def without_secrets(address: str, name: str | None = None) -> str:
    """The address for people: without user, password and options; with the name of the store, unless it is the usual.

    >>> without_secrets("redis://user:p@ss?word@localhost:6379/0?ssl_password=x", "runs")
    'redis://localhost:6379/0?store=runs'
    """
    # A password that should have been quoted may have any of these signs: whatever is before the last @ goes.
    bare = re.sub(r"(?<=://).*@", "", address, flags=re.DOTALL).partition("?")[0]
    return bare if name in (None, DEFAULT_NAME) else f"{bare}?store={name}"
