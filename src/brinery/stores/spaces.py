"""Where in a place the rows of a store are, and what is kept beside the entries.

::

    01..09  entries        key                                 value
    10      settings       name                                JSON
    11      expiry         when, key
    12      tags           tag 00 key
    13      versions       key 00 when                         value, or nothing if it was removed
    14      use            rank, key
    15      about          key                                 when it expires, size, rank, tags

A *time* is a number of microseconds since the epoch, in 8 bytes, big-endian. What is beside the entries is only there
for entries that have it; a store without expiry, tags, files, history and limit has entries and nothing else, and is as
fast as its place. None of it is believed: whether a value has expired is told by the value, which is proven.
"""

from __future__ import annotations

import json
import struct
from typing import Any, Literal, NamedTuple, get_args

from brinery.errors import StoreError
from brinery.stores.backend import Range
from brinery.stores.keys import escaped, unescaped

__all__ = [
    "ABOUT",
    "ENTRIES",
    "EVERYTHING",
    "EXTRAS",
    "NO_RANK",
    "SETTINGS",
    "TIME",
    "TOTAL",
    "VERSION",
    "VERSIONS",
    "About",
    "Policy",
    "Settings",
    "about_key",
    "expiry_key",
    "expiry_range",
    "key_of_expiry",
    "key_of_tag",
    "key_of_use",
    "key_of_version",
    "microseconds",
    "number_from",
    "number_to_bytes",
    "tag_key",
    "tag_range",
    "time_of_version",
    "use_key",
    "use_range",
    "version_key",
    "version_range",
]

Policy = Literal["lru", "lfu", "ttl", "fifo"]

ENTRIES = Range(b"\x01", b"\x10")
EXTRAS = Range(b"\x10", b"\x20")
EVERYTHING = Range(ENTRIES.start, EXTRAS.end)
SETTINGS, TOTAL = b"\x10settings", b"\x10total"
EXPIRY, TAGS, VERSION, USE, ABOUT = b"\x11", b"\x12", b"\x13", b"\x14", b"\x15"
VERSIONS = Range(VERSION, b"\x14")
TIME = struct.Struct(">Q")
RANK_SIZE = 16
NO_RANK = bytes(RANK_SIZE)
NEVER = float("inf")
CHECKSUM_SIZE = 8


def microseconds(seconds: float) -> int:
    """A time as it stands in keys."""
    return max(0, min(int(seconds * 1e6), (1 << 64) - 1))


def expiry_key(when: float, key: bytes) -> bytes:
    """The row that tells when a key expires."""
    return EXPIRY + TIME.pack(microseconds(when)) + key


def expiry_range(until: float) -> Range:
    """The rows of what has expired by then."""
    return Range(EXPIRY, EXPIRY + TIME.pack(microseconds(until)))


def key_of_expiry(row: bytes) -> bytes:
    """Which key it is that expires."""
    return row[1 + TIME.size :]


def tag_key(tag: str, key: bytes) -> bytes:
    """The row that tells that a key has a tag."""
    return TAGS + escaped(tag.encode("utf-8", "surrogatepass")) + key


def tag_range(tag: str) -> Range:
    """The rows of all keys with a tag. No key begins with FF, which would escape what ends the tag."""
    start = tag_key(tag, b"")
    return Range(start, start + b"\xff")


def key_of_tag(row: bytes, tag: str) -> bytes:
    """Which key it is that has the tag."""
    return row[len(tag_key(tag, b"")) :]


def version_key(key: bytes, when: int) -> bytes:
    """The row of what a key has had from a time on, in microseconds."""
    return VERSION + escaped(key) + TIME.pack(when)


def version_range(key: bytes, until: int | None = None) -> Range:
    """The rows of what a key has had, to the end or up to a time, that time included.

    No time begins with FF, which would escape what ends the key: from there on are keys that begin as this one.
    """
    start = VERSION + escaped(key)
    return Range(start, start + min(b"\xff", b"\xff" if until is None else TIME.pack(until) + b"\x00"))


def key_of_version(row: bytes) -> bytes:
    """Whose version it is."""
    return unescaped(row[1 : -TIME.size])


def time_of_version(row: bytes) -> int:
    """Since when, in microseconds."""
    found: int = TIME.unpack(row[-TIME.size :])[0]
    return found


def use_key(rank: bytes, key: bytes) -> bytes:
    """The row that tells when a key's turn to go is: lower ranks go first."""
    return USE + rank + key


def use_range() -> Range:
    """The rows of all ranks."""
    return Range(USE, ABOUT)


def key_of_use(row: bytes) -> bytes:
    """Whose turn it is."""
    return row[1 + RANK_SIZE :]


def about_key(key: bytes) -> bytes:
    """The row with what is known about a key."""
    return ABOUT + key


class About(NamedTuple):
    """What has to be known about an entry when it goes: `size` in bytes, with that of its file if it `has_file`."""

    expires: float | None
    size: int
    has_file: bool
    rank: bytes
    tags: tuple[str, ...]

    def to_bytes(self) -> bytes:
        """As it is kept."""
        head = ABOUT_HEAD.pack(NEVER if self.expires is None else self.expires, self.size, self.has_file, self.rank)
        return with_checksum(head + json.dumps(self.tags).encode() if self.tags else head)

    @classmethod
    def from_bytes(cls, data: bytes) -> About:
        """What :meth:`to_bytes` made the bytes of.

        Raises:
            StoreError: Nothing did.
        """
        data = checked(data, "what is known about a key")
        expires, size, has_file, rank = ABOUT_HEAD.unpack_from(data)
        tags = data[ABOUT_HEAD.size :]
        return cls(None if expires == NEVER else expires, size, has_file, rank, tuple(json.loads(tags)) if tags else ())


ABOUT_HEAD = struct.Struct(f"<dQ?{RANK_SIZE}s")


class Settings(NamedTuple):
    """What holds for a store, whoever opens it: how many versions it keeps, its size limit, and what goes at it.

    `age` is the count that the last entry had which went by ``"lfu"``, so that what was used often once goes, too.
    """

    keep: int = 0
    size_limit: int | None = None
    policy: Policy = "lru"
    age: int = 0

    def to_bytes(self) -> bytes:
        """As they are kept."""
        return with_checksum(json.dumps(self._asdict()).encode())

    @classmethod
    def from_bytes(cls, data: bytes | None) -> Settings:
        """What :meth:`to_bytes` made the bytes of; the settings of a store that was told nothing, if there are none.

        Raises:
            StoreError: They are damaged.
        """
        return cls() if data is None else cls(**json.loads(checked(data, "the settings")))

    def changed(self, keep: int | None, size_limit: float | None, policy: Policy | None) -> Settings:
        """With those that are given; no limit any more if it is infinite.

        Raises:
            ValueError: One of them makes no sense.
        """
        if keep is not None and keep < 0:
            raise ValueError(f"keep must be 0 or more versions, not {keep}")
        if size_limit is not None and size_limit <= 0:
            raise ValueError(f"size_limit must be a number of bytes, not {size_limit}")
        if policy is not None and policy not in get_args(Policy):
            raise ValueError(f"policy must be one of {', '.join(get_args(Policy))}, not {policy!r}")
        given: dict[str, Any] = {"keep": keep, "size_limit": size_limit, "policy": policy}
        found = self._replace(**{name: value for name, value in given.items() if value is not None})
        return found._replace(size_limit=None) if found.size_limit == NEVER else found


def number_to_bytes(number: int) -> bytes:
    """A number as it is kept."""
    return with_checksum(b"%d" % number)


def number_from(data: bytes | None) -> int:
    """What :func:`number_to_bytes` made the bytes of; 0 if there are none.

    Raises:
        StoreError: They are damaged.
    """
    return 0 if data is None else int(checked(data, "the size of the store"))


def with_checksum(data: bytes) -> bytes:
    from xxhash import xxh3_64_digest

    return data + xxh3_64_digest(data)


def checked(data: bytes, what: str) -> bytes:
    from xxhash import xxh3_64_digest

    found = data[:-CHECKSUM_SIZE]
    if xxh3_64_digest(found) != data[-CHECKSUM_SIZE:]:
        raise StoreError(f"{what} is damaged: have it made anew with Store.repair(), or brinery store repair")
    return found
