"""SQLite as the place of a store: one file, any number of threads and processes.

Source: https://www.sqlite.org/wal.html (write-ahead logging), https://www.sqlite.org/withoutrowid.html.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from secrets import token_bytes

from brinery.errors import StoreError
from brinery.stores.backend import Entry, Row

__all__ = ["SQLite"]

FORMAT = 1
WAIT = 60.0  # seconds for other writers
SCHEMA = """
CREATE TABLE IF NOT EXISTS about(name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS entries(key BLOB PRIMARY KEY, value BLOB NOT NULL, expires REAL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS entries_by_expiry ON entries(expires) WHERE expires IS NOT NULL;
CREATE TABLE IF NOT EXISTS tags(tag TEXT, key BLOB, PRIMARY KEY(tag, key)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS tags_by_key ON tags(key);
"""
LIVE = "(expires IS NULL OR expires > ?)"
UPKEEP = "SELECT EXISTS(SELECT 1 FROM tags), EXISTS(SELECT 1 FROM entries WHERE expires <= ?)"
# To begin, to end, and to give up. One within another gives up what it has done itself; savepoints may share a name.
TRANSACTION = ("BEGIN IMMEDIATE", "COMMIT", ("ROLLBACK",))
SAVEPOINT = ("SAVEPOINT inner", "RELEASE inner", ("ROLLBACK TO inner", "RELEASE inner"))
NEVER = 0.0  # a time before anything expired
# How many keys are asked for in one statement; SQLite takes 32,766 parameters.
AT_A_TIME = 500


class SQLite:
    """Rows in a database file, for each thread a connection of its own."""

    def __init__(self, path: Path, *, durable: bool = False) -> None:
        """Open the database, or make it.

        Args:
            path: The file.
            durable: Whether a commit waits until the disk has it, which a loss of power would need; a kill does not.

        Raises:
            StoreError: It is none, or of a later version.
            OSError: It cannot be opened.
        """
        self._path = path
        self._durable = durable
        self._local = threading.local()
        self._open: list[sqlite3.Connection] = []
        self._inherited: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        self._is_closed = False
        self._process = os.getpid()
        path.parent.mkdir(parents=True, exist_ok=True)
        self.id = self._prepared()

    def _prepared(self) -> bytes:
        """Make the tables, one process at a time; the id of the store."""
        with first_opening(self._path), translated(self._path):
            connection = self._connection
            connection.execute("PRAGMA journal_mode=WAL")
            with self.transaction():
                for statement in SCHEMA.split(";"):
                    connection.execute(statement)
                connection.execute("INSERT OR IGNORE INTO about VALUES ('format', ?)", (FORMAT,))
                connection.execute("INSERT OR IGNORE INTO about VALUES ('id', ?)", (token_bytes(16),))
            found = dict(connection.execute("SELECT name, value FROM about"))
        if found["format"] != FORMAT:
            raise StoreError(f"{self._path} is of version {found['format']} of the format: get a later brinery")
        return bytes(found["id"])

    @property
    def _connection(self) -> sqlite3.Connection:
        """This thread's connection."""
        if self._is_closed:
            raise StoreError(f"the store {self._path} is closed")
        if self._process != os.getpid():
            # After a fork: connections must not be carried across (https://www.sqlite.org/howtocorrupt.html, 2.6),
            # nor closed here.
            self._inherited += self._open
            self._process, self._local, self._open, self._lock = os.getpid(), threading.local(), [], threading.Lock()
        found: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if found is None:
            found = sqlite3.connect(self._path, timeout=WAIT, isolation_level=None, check_same_thread=False)
            found.execute(f"PRAGMA synchronous={'FULL' if self._durable else 'NORMAL'}")
            found.execute("PRAGMA mmap_size=268435456")
            self._local.connection, self._local.depth = found, 0
            with self._lock:
                self._open.append(found)
        return found

    def close(self) -> None:
        """Close the connections of all threads; not those that a fork has inherited."""
        self._is_closed = True
        if self._process != os.getpid():
            return
        with self._lock:
            while self._open:
                self._open.pop().close()

    def __del__(self) -> None:
        """Close what nobody has closed."""
        if hasattr(self, "_process"):
            self.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that this thread writes in the block, at once or not at all; nobody else writes meanwhile."""
        connection = self._connection
        depth = self._local.depth
        begin, commit, rollback = SAVEPOINT if depth else TRANSACTION
        with translated(self._path):
            connection.execute(begin)
        self._local.depth = depth + 1
        try:
            yield
            with translated(self._path):
                connection.execute(commit)
        except BaseException:
            if connection.in_transaction:
                for statement in rollback:
                    connection.execute(statement)
            raise
        finally:
            self._local.depth = depth

    def get_even_expired(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """The values of the keys that are kept, whether they have expired or not."""
        return self._get(keys, NEVER)

    def get(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """The values of the keys that are there."""
        return self._get(keys, time.time())

    def _get(self, keys: Sequence[bytes], now: float) -> dict[bytes, bytes]:
        connection = self._connection
        if len(keys) == 1:
            statement = f"SELECT key, value FROM entries WHERE key = ? AND {LIVE}"
            return dict(connection.execute(statement, (keys[0], now)))
        found: dict[bytes, bytes] = {}
        for start in range(0, len(keys), AT_A_TIME):
            some = keys[start : start + AT_A_TIME]
            marks = ",".join("?" * len(some))
            found.update(
                connection.execute(f"SELECT key, value FROM entries WHERE key IN ({marks}) AND {LIVE}", (*some, now))
            )
        return found

    def put(self, entries: Iterable[Entry]) -> bool:
        """Write entries over what is under their keys, all or none; whether there is something that has expired."""
        rows, tags = [], []
        for key, value, expires, names in entries:
            rows.append((key, value, expires))
            if names:
                tags += [(name, key) for name in names]
        connection = self._connection
        begin, commit, rollback = SAVEPOINT if self._local.depth else TRANSACTION
        begun = False
        try:
            # Without transaction(), which takes as long as the rest for a single row.
            connection.execute(begin)
            begun = True
            connection.executemany("INSERT OR REPLACE INTO entries VALUES (?, ?, ?)", rows)
            has_tags, has_expired = connection.execute(UPKEEP, (time.time(),)).fetchone()
            if has_tags:
                connection.executemany("DELETE FROM tags WHERE key = ?", [row[:1] for row in rows])
            if tags:
                connection.executemany("INSERT OR IGNORE INTO tags VALUES (?, ?)", tags)
            connection.execute(commit)
        except BaseException as error:
            if begun and connection.in_transaction:
                for statement in rollback:
                    connection.execute(statement)
            if isinstance(error, sqlite3.DatabaseError):
                raise told(self._path, error) from error
            raise
        return bool(has_expired)

    def delete(self, keys: Sequence[bytes]) -> int:
        """Remove what is under the keys; how many there were."""
        connection, now = self._connection, time.time()
        with self.transaction():
            count = 0
            for key in keys:
                count += connection.execute(f"DELETE FROM entries WHERE key = ? AND {LIVE}", (key, now)).rowcount
            self._drop_tags(keys)
        return count

    def _drop_tags(self, keys: Sequence[bytes]) -> None:
        if self._connection.execute("SELECT EXISTS(SELECT 1 FROM tags)").fetchone()[0]:
            self._connection.executemany("DELETE FROM tags WHERE key = ?", [(key,) for key in keys])

    def rows(self, start: bytes, end: bytes | None, *, reverse: bool = False, values: bool = True) -> Iterator[Row]:
        """Keys from `start` on and before `end`, in order, with values or without; as they were at the beginning."""
        what = "key, value" if values else "key, NULL"
        where = "key >= ?" if end is None else "key >= ? AND key < ?"
        order = "DESC" if reverse else "ASC"
        bounds = (start,) if end is None else (start, end)
        cursor = self._connection.execute(
            f"SELECT {what} FROM entries WHERE {where} AND {LIVE} ORDER BY key {order}", (*bounds, time.time())
        )
        yield from cursor

    def tagged(self, tag: str) -> list[bytes]:
        """The keys with a tag, in order."""
        statement = f"SELECT key FROM tags JOIN entries USING (key) WHERE tag = ? AND {LIVE} ORDER BY key"
        return [key for (key,) in self._connection.execute(statement, (tag, time.time()))]

    def expires(self, key: bytes) -> float | None:
        """When the entry of a key expires, in seconds since the epoch; None for never."""
        found = self._connection.execute("SELECT expires FROM entries WHERE key = ?", (key,)).fetchone()
        return None if found is None else found[0]

    def count(self) -> int:
        """How many keys there are."""
        found: int = self._connection.execute(f"SELECT count(*) FROM entries WHERE {LIVE}", (time.time(),)).fetchone()[
            0
        ]
        return found

    def expired(self) -> list[Row]:
        """The entries that have expired and are still kept."""
        return list(self._connection.execute("SELECT key, value FROM entries WHERE expires <= ?", (time.time(),)))

    def drop(self, rows: Iterable[Row]) -> None:
        """Remove entries that are still what they were."""
        with self.transaction():
            for key, value in rows:
                gone = self._connection.execute(
                    "DELETE FROM entries WHERE key = ? AND value = ?", (key, value)
                ).rowcount
                if gone:
                    self._drop_tags([key])

    def size(self) -> int:
        """Bytes on the disk, the write-ahead log included."""
        names = (self._path, Path(f"{self._path}-wal"))
        return sum(name.stat().st_size for name in names if name.exists())

    def compact(self) -> None:
        """Give room back that nothing needs any more."""
        with translated(self._path):
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self._connection.execute("VACUUM")

    def problems(self) -> list[str]:
        """What SQLite finds wrong with the file."""
        try:
            return [text for (text,) in self._connection.execute("PRAGMA integrity_check") if text != "ok"]
        except sqlite3.DatabaseError as error:
            return [str(error)]


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Raise what SQLite says as errors of the house."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise told(path, error) from error


def told(path: Path, error: sqlite3.DatabaseError) -> StoreError:
    """What SQLite says, as an error of the house."""
    if not isinstance(error, sqlite3.OperationalError):
        return StoreError(f"{path} is damaged, or no store: {error}")
    if "locked" in str(error):
        return StoreError(f"{path}: somebody else has been writing for {WAIT:.0f} seconds")
    return StoreError(f"{path}: {error}")


@contextmanager
def first_opening(path: Path) -> Iterator[None]:
    """One process at a time: SQLite does not wait for others that change the journal's mode."""
    from brinery.files.atomic import waiting_lock

    descriptor = os.open(path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
    try:
        waiting_lock(descriptor)
        yield
    finally:
        os.close(descriptor)
