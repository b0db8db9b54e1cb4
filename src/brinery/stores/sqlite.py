"""SQLite as the place of a store: one file, any number of threads and processes.

Source: https://www.sqlite.org/wal.html (write-ahead logging), https://www.sqlite.org/withoutrowid.html.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from itertools import chain
from pathlib import Path
from secrets import token_bytes

from brinery.errors import StoreError
from brinery.stores.backend import Range, Row
from brinery.stores.forking import LONGEST, Gate, unforked
from brinery.stores.pages import Log, rows_of_log, rows_of_pages

__all__ = ["SQLite"]

FORMAT = 1
WAIT = 60.0  # seconds for other writers
SCHEMA = (
    "CREATE TABLE about(name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID",
    "CREATE TABLE entries(key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID",
)
# To begin, to end, and to give up. One within another gives up what it has done itself, and is named by its depth: of
# one that an error, or a signal, has met at its beginning or end it is not certain that it is there.
TRANSACTION = ("BEGIN IMMEDIATE", "COMMIT", ("ROLLBACK",))
SAVEPOINT = ("SAVEPOINT inner{0}", "RELEASE inner{0}", ("ROLLBACK TO inner{0}", "RELEASE inner{0}"))
GET_ONE = "SELECT value FROM entries WHERE key = ?"
# Half as costly as INSERT OR REPLACE, which removes the row that is there and inserts another.
OVER = "ON CONFLICT (key) DO UPDATE SET value = excluded.value"
PUT_ONE = f"INSERT INTO entries VALUES (?, ?) {OVER}"
IS_EMPTY = "NOT EXISTS (SELECT 1 FROM entries WHERE key >= ? AND key < ?)"
PUT_ONE_UNLESS = f"INSERT INTO entries SELECT ?, ? WHERE {IS_EMPTY} {OVER}"
# How many keys are asked for, or rows written, in one statement: SQLite takes 32,766 parameters.
KEYS_AT_A_TIME = 500
ROWS_AT_A_TIME = 100
# How many rows are read before others may write: a reader that is left alone holds up nobody.
PAGE = 1000
PUT_MANY = f"INSERT INTO entries VALUES {','.join(['(?, ?)'] * ROWS_AT_A_TIME)} {OVER}"


class Local(threading.local):
    """What a thread has of a database: its connection, how many transactions it is within, what keeps forks away."""

    def __init__(self) -> None:
        self.connection: sqlite3.Connection | None = None
        self.cursor: sqlite3.Cursor | None = None
        self.depth = 0
        self.gate = unforked()


class SQLite:
    """Rows in a database file, for each thread a connection of its own."""

    def __init__(self, path: Path, *, durable: bool = False) -> None:
        """Open the database, or make it.

        Args:
            path: The file. Next to it, its id is kept once more.
            durable: Whether a commit waits until the disk has it, which a loss of power would need; a kill does not.

        Raises:
            StoreError: It is none, or damaged, or of a later version.
            OSError: It cannot be opened.
        """
        self.place = os.fspath(path)
        self._path = path
        self._durable = durable
        self._local = Local()
        # With the thread that uses it, and what that holds while it is within SQLite.
        self._open: dict[sqlite3.Connection, tuple[threading.Thread, Gate]] = {}
        self._inherited: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        self._is_closed = self._is_cut = False
        self._process = os.getpid()
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self.id = self._prepared()
        except BaseException:
            self.close()
            raise

    def _prepared(self) -> bytes:
        """Make the tables, one process at a time; the id of the store."""
        noted = noted_id(self._path)
        if damaged_log(self._path).exists():
            raise damaged(self._path, "transactions in its write-ahead log cannot be read")
        with first_opening(self._path), translated(self._path):
            log = log_of(self._path)
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._check_log(log)
            with self.transaction():
                tables = {name for (name,) in self._connection.execute("SELECT name FROM sqlite_master")}
                if noted is None and not tables & {"about", "entries"}:
                    self._make_tables(token_bytes(16))
                elif not {"about", "entries"} <= tables:
                    raise self._damaged(log, "its tables are not there")
            found = dict(self._connection.execute("SELECT name, value FROM about"))
            if found.get("format") != FORMAT or not isinstance(found.get("id"), bytes):
                told = found.get("format")
                if isinstance(told, int) and told > FORMAT:
                    raise StoreError(f"{self._path} is of version {told} of the format: get a later brinery")
                raise self._damaged(log, "what it says of itself cannot be read")
            if noted is None:
                note_id(self._path, found["id"])
            elif noted != found["id"]:
                raise self._damaged(log, "its id is not the one that was noted")
        return bytes(found["id"])

    def _check_log(self, log: bytes) -> None:
        """Refuse a log of which SQLite leaves out transactions that were committed: what they wrote would be lost.

        Raises:
            StoreError: It does.
        """
        found = Log(log)
        if not found.committed:
            return
        _, read, _ = self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        # Others may have begun the log anew meanwhile, when all of it was in the database.
        if read >= 0 and found.leaves_out(read) and Log(log_of(self._path)).salt == found.salt:
            raise self._damaged(log, f"of {found.last} pages in its write-ahead log only {read} can be read")

    def _damaged(self, log: bytes, why: str) -> StoreError:
        """The error; the log, which SQLite removes when it closes the database, is kept for the repair."""
        if Log(log).committed:
            write_file(damaged_log(self._path), log)
        return damaged(self._path, why)

    def _make_tables(self, identifier: bytes) -> None:
        connection = self._connection
        for statement in SCHEMA:
            connection.execute(statement)
        connection.executemany("INSERT INTO about VALUES (?, ?)", [("format", FORMAT), ("id", identifier)])

    @property
    def _connection(self) -> sqlite3.Connection:
        """This thread's connection."""
        if self._process != os.getpid():
            self._begin_anew()
        return self._local.connection or self._connected()

    def _begin_anew(self) -> None:
        """After a fork: connections must not be carried across, nor closed here.

        Source: https://www.sqlite.org/howtocorrupt.html, 2.6.
        """
        self._is_cut = self._is_cut or any(each.in_transaction for each in self._open)
        self._inherited += self._open
        self._process, self._local, self._open, self._lock = os.getpid(), Local(), {}, threading.Lock()

    def _connected(self) -> sqlite3.Connection:
        self._check_open()
        if self._is_cut:
            raise StoreError(
                f"{self._path} cannot be used here: this process was forked within a transaction, whose lock it would "
                "take for its own. Fork outside of transactions, or start processes by spawn"
            )
        with unforked(), translated(self._path):
            found = sqlite3.connect(self._path, timeout=WAIT, isolation_level=None, check_same_thread=False)
            with self._lock:
                if self._is_closed:
                    found.close()
                self._check_open()
                for each in [each for each, (thread, _) in self._open.items() if not thread.is_alive()]:
                    del self._open[each]
                    each.close()
                self._open[found] = threading.current_thread(), unforked()
            found.execute(f"PRAGMA synchronous={'FULL' if self._durable else 'NORMAL'}")
            found.execute("PRAGMA mmap_size=268435456")
            # Pages of a transaction go to the log at its end, and are not changed there any more: see pages.Log.
            found.execute("PRAGMA cache_spill=OFF")
        self._local.connection = found
        return found

    def _check_open(self) -> None:
        if self._is_closed:
            raise StoreError(f"the store {self._path} is closed")

    def close(self) -> None:
        """Close the connections of all threads; not those that a fork has inherited."""
        self._is_closed = True
        if self._process != os.getpid():
            return
        self._local = Local()
        with self._lock:
            closing, self._open = self._open, {}
        for connection, (_, gate) in closing.items():
            # A connection that is closed under a thread that is within SQLite takes the process with it. One that is
            # in use for longer is closed when nobody has it any more.
            if gate.acquire(timeout=LONGEST):
                try:
                    connection.close()
                finally:
                    gate.release()

    def __del__(self) -> None:
        """Close what nobody has closed, nor can be using."""
        if hasattr(self, "_process") and self._process == os.getpid():
            for connection in self._open:
                connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that this thread writes in the block, at once or not at all; nobody else writes meanwhile."""
        connection = self._connection
        depth = self._local.depth
        begin, commit, rollback = SAVEPOINT if depth and connection.in_transaction else TRANSACTION
        process = os.getpid()
        with unforked():
            try:
                self._local.depth = depth + 1
                with translated(self._path):
                    connection.execute(begin.format(depth))
                yield
                if process != os.getpid():
                    raise StoreError(f"{self._path}: a transaction ends in the process that has begun it")
                with translated(self._path):
                    connection.execute(commit.format(depth))
            except BaseException:
                if process == os.getpid() and connection.in_transaction:
                    for statement in rollback:
                        give_up(connection, statement.format(depth))
                raise
            finally:
                self._local.depth = depth

    def get(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """The values of those of the keys that are there."""
        connection = self._connection
        try:
            with self._local.gate:
                if len(keys) == 1:
                    # A cursor of its own for what is asked most takes less time than to make one.
                    row = self._asking().execute(GET_ONE, keys).fetchone()
                    return {} if row is None else {keys[0]: row[0]}
                found: dict[bytes, bytes] = {}
                for start in range(0, len(keys), KEYS_AT_A_TIME):
                    some = keys[start : start + KEYS_AT_A_TIME]
                    marks = ",".join("?" * len(some))
                    found.update(connection.execute(f"SELECT key, value FROM entries WHERE key IN ({marks})", some))
        except sqlite3.DatabaseError as error:
            raise told(self._path, error) from error
        return found

    def _asking(self) -> sqlite3.Cursor:
        local = self._local
        if local.cursor is None:
            local.cursor = self._connection.cursor()
        return local.cursor

    def scan(
        self, within: Range, *, reverse: bool = False, values: bool = True, limit: int | None = None
    ) -> Iterator[Row]:
        """The rows of a range in order, at most so many."""
        what = "key, value" if values else "key, x''"
        order = "DESC" if reverse else "ASC"
        statement = f"SELECT {what} FROM entries WHERE key >= ? AND key < ? ORDER BY key {order} LIMIT ?"
        start, end = within
        left = limit
        while left is None or left > 0:
            size = PAGE if left is None else min(PAGE, left)
            with unforked(), translated(self._path):
                rows = self._connection.execute(statement, (start, end, size)).fetchall()
            yield from rows
            if len(rows) < size:
                return
            left = None if left is None else left - size
            start, end = (start, rows[-1][0]) if reverse else (rows[-1][0] + b"\x00", end)

    def count(self, within: Range) -> int:
        """How many keys are in a range."""
        with unforked(), translated(self._path):
            statement = "SELECT count(*) FROM entries WHERE key >= ? AND key < ?"
            found: int = self._connection.execute(statement, within).fetchone()[0]
        return found

    def put(self, rows: Sequence[Row], gone: Sequence[bytes] = (), *, unless: Range | None = None) -> bool:
        """Write rows over what is there, and remove keys, all at once or nothing."""
        connection = self._connection
        try:
            if len(rows) == 1 and not gone:
                # A single statement is its own transaction, and takes half as long as one with a beginning and an end.
                with self._local.gate:
                    if unless is None:
                        connection.execute(PUT_ONE, rows[0])
                        return True
                    return connection.execute(PUT_ONE_UNLESS, (*rows[0], *unless)).rowcount == 1
        except sqlite3.DatabaseError as error:
            raise told(self._path, error) from error
        with self.transaction(), translated(self._path):
            if unless is not None and not connection.execute(f"SELECT {IS_EMPTY}", unless).fetchone()[0]:
                return False
            put_all(connection, rows)
            connection.executemany("DELETE FROM entries WHERE key = ?", [(key,) for key in gone])
        return True

    def version(self) -> object:
        """Changes with every commit of this connection or another; each connection counts for itself."""
        connection = self._connection
        with unforked():
            return connection, connection.execute("PRAGMA data_version").fetchone()[0], connection.total_changes

    def size(self) -> int:
        """Bytes on the disk, the write-ahead log included."""
        names = (self._path, Path(f"{self._path}-wal"))
        return sum(name.stat().st_size for name in names if name.exists())

    def compact(self) -> None:
        """Give room back that nothing needs any more."""
        with unforked(), translated(self._path):
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self._connection.execute("VACUUM")

    def problems(self) -> list[str]:
        """What SQLite finds wrong with the file."""
        try:
            with unforked():
                return [text for (text,) in self._connection.execute("PRAGMA integrity_check") if text != "ok"]
        except sqlite3.DatabaseError as error:
            return [str(error)]

    def salvage(self) -> Iterator[Row]:
        """All rows that can be read, see :func:`salvaged_rows`."""
        return salvaged_rows(self._path)

    def rebuild(self, rows: Iterable[Row]) -> None:
        """Make the database anew, with these rows; the old file is kept beside it. Nobody else may have it open."""
        self.close()
        rebuild_database(self._path, self.id, rows)
        self._is_closed = False


def log_of(path: Path) -> bytes:
    """The write-ahead log of a database; nothing if there is none."""
    try:
        return Path(f"{path}-wal").read_bytes()
    except FileNotFoundError:
        return b""


def give_up(connection: sqlite3.Connection, statement: str) -> None:
    try:
        connection.execute(statement)
    except sqlite3.OperationalError as error:
        if "no such savepoint" not in str(error):
            raise


def put_all(connection: sqlite3.Connection, rows: Sequence[Row]) -> None:
    whole = len(rows) - len(rows) % ROWS_AT_A_TIME
    for start in range(0, whole, ROWS_AT_A_TIME):
        connection.execute(PUT_MANY, list(chain.from_iterable(rows[start : start + ROWS_AT_A_TIME])))
    connection.executemany(PUT_ONE, rows[whole:])


def salvaged_rows(path: Path) -> Iterator[Row]:
    """All rows of a database that can be read, however damaged it is: off its pages, and as SQLite reads them.

    What SQLite reads counts more than what is found without it, and what is in the log more than that.
    """
    log = log_of(path)
    yield from rows_of_pages(path)
    for order in ("ASC", "DESC"):
        with suppress(sqlite3.DatabaseError), closing(sqlite3.connect(path)) as connection:
            yield from connection.execute(f"SELECT key, value FROM entries ORDER BY key {order}")

    kept = damaged_log(path)
    yield from rows_of_log(path, kept.read_bytes() if kept.exists() else log)


def rebuild_database(path: Path, identifier: bytes, rows: Iterable[Row]) -> None:
    """Put a database of that id with these rows in the place of a damaged one, which is kept as ``.damaged``."""
    fresh = path.with_name("repaired.db")
    for name in (fresh, *companions(fresh), noted_path(fresh)):
        name.unlink(missing_ok=True)
    made = SQLite(fresh)
    try:
        with made.transaction():
            made._connection.execute("UPDATE about SET value = ? WHERE name = 'id'", (identifier,))
            block: list[Row] = []
            for row in rows:
                block.append(row)
                if len(block) == PAGE:
                    made.put(block)
                    block = []
            made.put(block)
    finally:
        made.close()
    noted_path(fresh).unlink(missing_ok=True)
    lock_path(fresh).unlink(missing_ok=True)
    with first_opening(path):
        if (log := log_of(path)) and not damaged_log(path).exists():
            # From here on, after a kill too, nobody opens it without its log; and a repair finds it.
            write_file(damaged_log(path), log)
        for name in companions(path):
            name.unlink(missing_ok=True)
        keep_beside(path, path.with_suffix(".damaged"))
        os.replace(fresh, path)
        note_id(path, identifier)
        if damaged_log(path).exists():
            os.replace(damaged_log(path), path.with_suffix(".damaged-wal"))


def keep_beside(path: Path, name: Path) -> None:
    """Give a file another name, too, or a copy where there are no links."""
    name.unlink(missing_ok=True)
    try:
        os.link(path, name)
    except OSError:
        shutil.copyfile(path, name)


def companions(path: Path) -> tuple[Path, ...]:
    """The files that SQLite keeps beside a database."""
    return Path(f"{path}-wal"), Path(f"{path}-shm")


def noted_path(path: Path) -> Path:
    return path.with_suffix(".id")


def noted_id(path: Path) -> bytes | None:
    """The id of the store as it was noted beside the database; None if it was not yet.

    Raises:
        StoreError: The note is damaged.
    """
    try:
        text = noted_path(path).read_text("ascii", "replace")
    except FileNotFoundError:
        return None
    try:
        found = bytes.fromhex(text)
    except ValueError:
        found = b""
    if len(found) != 16:
        raise damaged(path, f"the note of its id, {noted_path(path).name}, cannot be read")
    return found


def note_id(path: Path, identifier: bytes) -> None:
    write_file(noted_path(path), identifier.hex().encode())


def damaged_log(path: Path) -> Path:
    """Where a log is kept that has to be repaired, as long as it was not."""
    return path.with_suffix(".damaged-log")


def write_file(path: Path, data: bytes) -> None:
    from brinery.files.atomic import replaced

    with replaced(path) as file:
        file.write(data)


def damaged(path: Path, why: str) -> StoreError:
    return StoreError(f"{path} is damaged: {why}. Save what can be saved with: brinery store repair {path.parent}")


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Raise what SQLite says as errors of the house."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise told(path, error) from error


def told(path: Path, error: sqlite3.DatabaseError) -> StoreError:
    """What SQLite says, as an error of the house."""
    if isinstance(error, sqlite3.ProgrammingError) and "closed" in str(error):
        return StoreError(f"the store {path} is closed")
    if not isinstance(error, sqlite3.OperationalError) or "no such" in str(error) or "malformed" in str(error):
        return damaged(path, f"or it is no store: {error}")
    if "locked" in str(error):
        return StoreError(f"{path}: somebody else has been writing for {WAIT:.0f} seconds")
    return StoreError(f"{path}: {error}")


def lock_path(path: Path) -> Path:
    return path.with_suffix(".lock")


@contextmanager
def first_opening(path: Path) -> Iterator[None]:
    """One process at a time: SQLite does not wait for others that change the journal's mode."""
    from brinery.files.atomic import waiting_lock

    descriptor = os.open(lock_path(path), os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
    try:
        waiting_lock(descriptor)
        yield
    finally:
        os.close(descriptor)
