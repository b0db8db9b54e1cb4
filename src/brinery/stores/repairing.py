"""Saving what can be saved of a damaged store, and naming what cannot."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from brinery.errors import BrineryError, DecodeError, StoreError
from brinery.stores.backend import Backend, Row
from brinery.stores.keys import shown_key
from brinery.stores.opening import folder_of
from brinery.stores.pages import rows_of_pages
from brinery.stores.spaces import (
    ABOUT,
    ENTRIES,
    EVERYTHING,
    NO_RANK,
    SETTINGS,
    TOTAL,
    VERSION,
    About,
    Settings,
    about_key,
    expiry_key,
    key_of_version,
    number_to_bytes,
    tag_key,
    use_key,
)
from brinery.stores.sqlite import noted_id, rebuild_database, salvaged_rows
from brinery.stores.upkeep import rank_of
from brinery.stores.values import Values, expires_of, file_of

__all__ = ["Repair", "repair_store", "repaired"]


class Repair(NamedTuple):
    """What a repair has found: how many values are there, what is lost by key, and what an older version stands for."""

    kept: int
    lost: dict[Any, str]
    restored: dict[Any, str]

    @property
    def is_whole(self) -> bool:
        """Whether nothing is lost, nor older than it was."""
        return not self.lost and not self.restored


def repaired(backend: Backend, values: Values) -> Repair:
    """Keep what is proven of a store that can be opened."""
    saved = Saved(values)
    is_sound = not backend.problems()
    saved.take(backend.scan(EVERYTHING) if is_sound else backend.salvage())
    rows = dict(saved.rows())
    if not is_sound or rows != dict(backend.scan(EVERYTHING)):
        backend.rebuild(rows.items())
    return saved.outcome()


def repair_store(path: str | os.PathLike[str]) -> Repair:
    """Save what can be saved of a store in a folder, also of one that cannot be opened. Nobody else may use it.

    The database as it was stays beside the new one, as ``store.damaged``, if a new one had to be made.

    Raises:
        StoreError: There is no store, or nothing of it can be proven.

    >>> import tempfile
    >>> from brinery.stores import Store
    >>> folder = tempfile.mkdtemp()
    >>> with Store(folder) as store:
    ...     store["a"] = 1
    >>> repair_store(folder)
    Repair(kept=1, lost={}, restored={})
    """
    from brinery.stores.store import Store

    database = Path(path) / "store.db"
    if not database.exists():
        raise StoreError(f"{path} holds no store")
    try:
        with Store(path) as store:
            return store.repair()
    except BrineryError:
        identifier = likely_id(database)
    files = folder_of(path)
    saved = Saved(Values(identifier, files, durable=False, trust=None))
    saved.take(salvaged_rows(database))
    rebuild_database(database, identifier, saved.rows())
    return saved.outcome()


def likely_id(database: Path) -> bytes:
    """The id under which most values are proven: of the note beside the database, and the one within.

    Raises:
        StoreError: Neither can be read.
    """
    candidates = []
    with suppress(StoreError):
        candidates.append(noted_id(database))
    with suppress(StoreError):
        candidates.append(id_within(database))
    rows = [row for row, _ in zip(entries_of(rows_of_pages(database)), range(1000), strict=False)]

    def proven(identifier: bytes) -> int:
        values = Values(identifier, None, durable=False, trust=None)
        return sum(is_proven(values, key, value) for key, value in rows)

    found = [each for each in candidates if each is not None]
    if not found:
        raise StoreError(f"nothing of {database} can be saved: its id cannot be read")
    return max(found, key=proven)


def id_within(database: Path) -> bytes | None:
    """The id that stands in the database, if it can still be found in the bytes."""
    data = database.read_bytes()
    at = data.find(b"id", 100)
    while at >= 0:
        # A record of two columns: header of 3 bytes, text of 2, blob of 16.
        if data[at - 3 : at] == b"\x03\x11\x2c":
            return data[at + 2 : at + 18]
        at = data.find(b"id", at + 1)
    return None


def entries_of(rows: Iterable[Row]) -> Iterator[Row]:
    return ((key, value) for key, value in rows if ENTRIES.start <= key < ENTRIES.end)


def is_proven(values: Values, key: bytes, value: bytes) -> bool:
    try:
        values.content(key, value)
    except DecodeError:
        return False
    return True


class Saved:
    """The rows that are right, and what is known of those that are not."""

    def __init__(self, values: Values) -> None:
        """None yet."""
        self._values = values
        self._entries: dict[bytes, bytes] = {}
        self._versions: dict[bytes, bytes] = {}
        self._abouts: dict[bytes, About] = {}
        self._settings = Settings()
        self._wrong: dict[bytes, str] = {}
        self._restored: dict[bytes, str] = {}

    def take(self, rows: Iterable[Row]) -> None:
        """Look at rows; of several for a key the last one that is right counts."""
        for key, value in rows:
            if ENTRIES.start <= key < ENTRIES.end:
                self._take_value(key, key, value, self._entries)
            elif key[:1] == VERSION and len(key) > 10:
                self._take_value(key, key_of_version(key), value, self._versions)
            else:
                self._take_note(key, value)
        self._restore()

    def _take_value(self, row: bytes, key: bytes, value: bytes, into: dict[bytes, bytes]) -> None:
        if into is self._versions and not value:
            into[row] = value
            return
        if into.get(row) == value:
            return
        try:
            self._values.verify(key, value)
        except (DecodeError, OSError) as error:
            if into is self._entries:
                self._wrong[key] = str(error)
            return
        into[row] = value
        if into is self._entries:
            self._wrong.pop(key, None)

    def _take_note(self, key: bytes, value: bytes) -> None:
        with suppress(StoreError):  # it is made anew, as far as it can be
            if key[:1] == ABOUT:
                self._abouts[key[1:]] = About.from_bytes(value)
            elif key == SETTINGS:
                self._settings = Settings.from_bytes(value)

    def _restore(self) -> None:
        """Have the last whole version stand for what is damaged."""
        for key in self._wrong.keys() & self._entries.keys():
            self._restored[key] = f"{self._wrong[key]}; an older copy was found"
        for row in sorted(self._versions):
            key = key_of_version(row)
            if key in self._wrong and self._versions[row]:
                self._entries[key] = self._versions[row]
                self._restored[key] = f"{self._wrong[key]}; what it had before is there again"
        for key in self._restored:
            del self._wrong[key]

    def outcome(self) -> Repair:
        """What there is to tell."""
        lost = {shown_key(key): problem for key, problem in self._wrong.items()}
        restored = {shown_key(key): problem for key, problem in self._restored.items()}
        return Repair(len(self._entries), lost, restored)

    def rows(self) -> Iterator[Row]:
        """All rows of the store made anew."""
        settings = self._settings
        yield from self._entries.items()
        yield from self._versions.items()
        if settings != Settings():
            yield SETTINGS, settings.to_bytes()
        total = 0
        for key, value in self._entries.items():
            found = self._abouts.get(key)
            expires = expires_of(value)
            tags = found.tags if found is not None else ()
            size = len(key) + len(value) + self._file_size(value)
            total += size
            rank = NO_RANK
            if settings.size_limit is not None:
                has_rank = found is not None and found.rank != NO_RANK
                rank = found.rank if found is not None and has_rank else rank_of(settings, expires, 1, 0.0)
            about = About(expires, size, file_of(value) is not None, rank, tags)
            if about._replace(size=0) == About(None, 0, False, NO_RANK, ()):
                continue
            yield about_key(key), about.to_bytes()
            if expires is not None:
                yield expiry_key(expires, key), b""
            for tag in tags:
                yield tag_key(tag, key), b""
            if rank != NO_RANK:
                yield use_key(rank, key), b""
        if settings.size_limit is not None:
            yield TOTAL, number_to_bytes(total)

    def _file_size(self, value: bytes) -> int:
        name = file_of(value)
        return 0 if name is None else self._values.path_of(name).stat().st_size
