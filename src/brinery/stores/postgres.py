"""PostgreSQL as the place of a store: a table of keys and values.

::

    brinery         name, id, format of all stores
    brinery_NAME    key, value of one

Writers take turns by an advisory lock, which goes with their transaction: a transaction of the store's has it alone;
writes that only a store without extras can take, which most are, share it, and run side by side.

Source: https://www.postgresql.org/docs/current/explicit-locking.html (advisory locks), /transaction-iso.html (each
statement sees what was committed before it), /functions-info.html (pg_current_snapshot).
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from hashlib import blake2b
from secrets import token_bytes
from typing import TYPE_CHECKING, Any, TypeVar

from brinery.errors import StoreError
from brinery.stores.addresses import without_secrets
from brinery.stores.backend import Range, Row
from brinery.stores.paging import paged
from brinery.stores.spaces import EXTRAS
from brinery.stores.waiting import WAIT

if TYPE_CHECKING:
    from psycopg import Connection, Cursor
    from psycopg_pool import ConnectionPool

__all__ = ["PostgreSQL"]

T = TypeVar("T")

FORMAT = 1
REGISTRY = "brinery"  # so no store's table can be called
KEYS_AT_A_TIME = 5000
ROWS_AT_A_TIME = 2000
BYTES_AT_A_TIME = 16 << 20
MOST_CONNECTIONS = 10  # of a process
RECONNECTS_WITHIN = 10  # seconds
# Whoever has the first has the store alone.
LOCK, SHARED_LOCK = "SELECT pg_advisory_xact_lock(%s)", "SELECT pg_advisory_xact_lock_shared(%s)"
SALVAGED_AT_A_TIME = 200


class PostgreSQL:
    """Rows in a table of PostgreSQL.

    Nobody else sees anything of a transaction before its end, nor a part of it. Other writers wait for a transaction;
    where its process is killed the server ends it.
    """

    def __init__(self, address: str, name: str = "brinery", *, durable: bool = False) -> None:
        """Open the store of a name, or make it.

        Args:
            address: Of the database, as libpq takes it.
            name: Of the store.
            durable: Whether a write waits until the server's disk has it, which a crash of the server would need.

        Raises:
            ModuleNotFoundError: The extra ``postgres`` is not installed.
            StoreError: The server does not answer, or keeps a store of a later version.
        """
        self.place = without_secrets(address, name)
        check_address(address, self.place)
        self._address = address
        self._name = name
        self._table = f'"brinery_{name}"'
        self._turn = lock_number(name)
        self._durable = durable
        self._inherited: list[ConnectionPool] = []
        self._pool: ConnectionPool | None = None
        self._is_closed = False
        self._begin_anew()
        self.id = self._prepared()

    def _begin_anew(self) -> None:
        """In this process; after a fork connections stay where they were made, and must not be closed here."""
        if self._pool is not None:
            self._inherited.append(self._pool)
        self._process = os.getpid()
        self._lock = threading.Lock()
        self._local = threading.local()
        self._pool = None

    def _prepared(self) -> bytes:
        """The id of the store, made by who comes first."""
        from psycopg import connect

        with translated(self.place), connect(self._address, **self._options()) as connection:
            found = self._registered(connection)
            if found is None:
                with connection.transaction():
                    connection.execute(LOCK, (lock_number(""),))
                    self._make_tables(connection)
                found = self._registered(connection)
        identifier, version = found
        if version != FORMAT:
            raise StoreError(f"{self.place} is of version {version} of the format: get a later brinery")
        return bytes(identifier)

    def _options(self) -> dict[str, Any]:
        return {"autocommit": True, "connect_timeout": 10}

    def _registered(self, connection: Connection[Any]) -> Any:
        """The id and format of the store; None where it has not been made."""
        from psycopg.errors import UndefinedTable

        try:
            statement = f"SELECT id, format FROM {REGISTRY} WHERE name = %s"
            return run(connection, statement, (self._name,)).fetchone()
        except UndefinedTable:
            return None

    def _make_tables(self, connection: Connection[Any]) -> None:
        run(
            connection,
            f"CREATE TABLE IF NOT EXISTS {REGISTRY}(name text PRIMARY KEY, id bytea NOT NULL, format integer NOT NULL)",
        )
        self._make_table(connection)
        statement = f"INSERT INTO {REGISTRY} VALUES (%s, %s, %s) ON CONFLICT DO NOTHING"
        run(connection, statement, (self._name, token_bytes(16), FORMAT))

    def _make_table(self, connection: Connection[Any]) -> None:
        run(connection, f"CREATE TABLE IF NOT EXISTS {self._table}(key bytea PRIMARY KEY, value bytea NOT NULL)")

    def _own(self) -> Connection[Any] | None:
        """The connection of this thread's transaction; None outside of one."""
        if self._process != os.getpid():
            self._begin_anew()
        found: Connection[Any] | None = getattr(self._local, "connection", None)
        return found

    def _pooled(self) -> ConnectionPool:
        """The connections of this process."""
        if self._is_closed:
            raise StoreError(f"the store {self.place} is closed")
        return self._pool or self._opened()

    def _opened(self) -> ConnectionPool:
        from psycopg_pool import ConnectionPool

        settings = (
            f"SET lock_timeout = {int(WAIT * 1000)}",
            f"SET synchronous_commit = {'on' if self._durable else 'off'}",
        )

        def configure(connection: Connection[Any]) -> None:
            for setting in settings:
                run(connection, setting)

        with self._lock:
            if self._pool is None:
                self._pool = ConnectionPool(
                    self._address,
                    kwargs=self._options(),
                    configure=configure,
                    min_size=1,
                    max_size=MOST_CONNECTIONS,
                    num_workers=1,
                    timeout=WAIT,
                    open=True,
                )
            return self._pool

    def _fetched(self, statement: str, arguments: Sequence[Any] = ()) -> list[Any]:
        """The rows that a statement answers with."""
        own = self._own()
        with translated(self.place):
            if own is not None:
                return run(own, statement, arguments).fetchall()
            return self._twice(lambda connection: run(connection, statement, arguments).fetchall())

    def _twice(self, function: Callable[[Connection[Any]], T]) -> T:
        """What a function does with a connection, tried again if that is lost: so are all when the server restarts."""
        from psycopg import OperationalError

        pool = self._pooled()
        with pool.connection() as connection:
            try:
                return function(connection)
            except OperationalError:
                if not connection.closed:
                    raise
        pool.check()
        with pool.connection(timeout=RECONNECTS_WITHIN) as connection:
            return function(connection)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that this thread writes in the block, at once or not at all; nobody else writes meanwhile.

        Raises:
            StoreError: Others write for longer than a minute, or something that was asked in the block has failed.
        """
        own = self._own()
        with self._beginning(LOCK) if own is None else inner(own, self.place):
            yield

    @contextmanager
    def _beginning(self, lock: str) -> Iterator[None]:
        """A transaction with that lock."""
        with translated(self.place):
            pool = self._pooled()
            connection = begun(pool)
        process = os.getpid()
        try:
            with translated(self.place):
                run(connection, lock, (self._turn,))
            self._local.connection = connection
            try:
                yield
            finally:
                self._local.connection = None
            if process == os.getpid():
                commit(connection, self.place)
        finally:
            if process == os.getpid():
                # One that was left by an error is rolled back there.
                pool.putconn(connection)

    def get(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """The values of those of the keys that are there."""
        if len(keys) == 1:
            return dict(self._fetched(f"SELECT key, value FROM {self._table} WHERE key = %s", keys))
        found: dict[bytes, bytes] = {}
        statement = f"SELECT key, value FROM {self._table} WHERE key = ANY(%s)"
        for start in range(0, len(keys), KEYS_AT_A_TIME):
            found.update(self._fetched(statement, (list(keys[start : start + KEYS_AT_A_TIME]),)))
        return found

    def scan(
        self, within: Range, *, reverse: bool = False, values: bool = True, limit: int | None = None
    ) -> Iterator[Row]:
        """The rows of a range in order, at most so many."""
        what = "key, value" if values else "key, ''::bytea"
        order = "DESC" if reverse else "ASC"
        statement = f"SELECT {what} FROM {self._table} WHERE key >= %s AND key < %s ORDER BY key {order} LIMIT %s"

        def read(rest: Range, size: int) -> tuple[list[Row], bytes | None]:
            rows = self._fetched(statement, (*rest, size))
            return rows, rows[-1][0] if len(rows) == size else None

        return paged(read, within, reverse, limit)

    def count(self, within: Range) -> int:
        """How many keys are in a range."""
        return int(self._one(f"SELECT count(*) FROM {self._table} WHERE key >= %s AND key < %s", within))

    def _one(self, statement: str, arguments: Sequence[Any] = ()) -> Any:
        """The only value of the only row that a statement answers with."""
        ((value,),) = self._fetched(statement, arguments)
        return value

    def put(self, rows: Sequence[Row], gone: Sequence[bytes] = (), *, unless: Range | None = None) -> bool:
        """Write rows over what is there, and remove keys, all at once or nothing."""
        own = self._own()
        if own is not None:
            with translated(self.place):
                return self._put(own, rows, gone, unless)
        lock = SHARED_LOCK if is_plain(rows, gone, unless) else LOCK
        if len(rows) == 1 and not gone:
            return self._put_one(rows[0], unless, lock)
        with self._beginning(lock), translated(self.place):
            return self._put(self._local.connection, rows, gone, unless)

    def _put_one(self, row: Row, unless: Range | None, lock: str) -> bool:
        """Write a row; all statements go to the server together, which takes a third of the time."""

        def write(connection: Connection[Any]) -> bool:
            with connection.pipeline():
                run(connection, "BEGIN")
                run(connection, lock, (self._turn,))
                # Each statement sees what was committed before it: this one, all that who had the lock has written.
                written = run(connection, self._insert("SELECT %s, %s", unless), (*row, *(unless or ())))
                run(connection, "COMMIT")
            return written.rowcount == 1

        with translated(self.place):
            if unless is None or not is_within(row[0], unless):
                return self._twice(write)
            with self._pooled().connection() as connection:
                return write(connection)

    def _insert(self, rows: str, unless: Range | None = None) -> str:
        condition = f"WHERE NOT EXISTS (SELECT FROM {self._table} WHERE key >= %s AND key < %s)" if unless else ""
        return f"INSERT INTO {self._table} {rows} {condition} ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value"

    def _put(
        self, connection: Connection[Any], rows: Sequence[Row], gone: Sequence[bytes], unless: Range | None
    ) -> bool:
        """Write with a connection that has the lock."""
        if unless is not None:
            statement = f"SELECT EXISTS (SELECT FROM {self._table} WHERE key >= %s AND key < %s)"
            if run(connection, statement, unless).fetchone() == (True,):
                return False
        statement = self._insert("SELECT * FROM unnest(%s::bytea[], %s::bytea[])")
        # In one order, so that two who share the lock do not wait for each other; no key twice, which it does not take.
        for some in pieces(sorted(dict(rows).items())):
            run(connection, statement, tuple(list(column) for column in zip(*some, strict=True)))
        for start in range(0, len(gone), KEYS_AT_A_TIME):
            some_gone = list(gone[start : start + KEYS_AT_A_TIME])
            run(connection, f"DELETE FROM {self._table} WHERE key = ANY(%s)", (some_gone,))
        return True

    def version(self) -> object:
        """Which transactions of the server's have ended, so also when others have written; None in a transaction."""
        if self._own() is not None:
            return None
        return self._one("SELECT pg_current_snapshot()::text")

    def size(self) -> int:
        """Bytes on the server's disk, the index included."""
        return int(self._one("SELECT pg_total_relation_size(%s::regclass)", (self._table,)))

    def compact(self) -> None:
        """Let the server use again what rows have taken that are gone."""
        if self._own() is not None:
            raise StoreError(f"{self.place}: this cannot be done in a transaction")
        with translated(self.place), self._pooled().connection() as connection:
            run(connection, f"VACUUM {self._table}")

    def problems(self) -> list[str]:
        """What the server finds wrong when it reads all rows."""
        try:
            self._one(f"SELECT sum(length(key) + length(value)) FROM {self._table}")
        except StoreError as error:
            return [str(error)]
        return []

    def salvage(self) -> Iterator[Row]:
        """All rows, without the index."""
        own = self._own()
        if own is not None:
            raise StoreError(f"{self.place}: this cannot be done in a transaction")
        with translated(self.place), self._pooled().connection() as connection, connection.transaction():
            run(connection, "SET LOCAL enable_indexscan = off")
            with connection.cursor("brinery_salvage") as cursor:
                cursor.itersize = SALVAGED_AT_A_TIME
                yield from cursor.execute(query(f"SELECT key, value FROM {self._table}"))

    def rebuild(self, rows: Iterable[Row]) -> None:
        """Write these rows in the place of all that is there, in a new table."""
        with self.transaction(), translated(self.place):
            connection = self._local.connection
            fresh = list(rows)
            run(connection, f"DROP TABLE IF EXISTS {self._table}")
            self._make_table(connection)
            self._put(connection, fresh, (), None)

    def close(self) -> None:
        """Close the connections of this process."""
        self._is_closed = True
        if self._process == os.getpid() and self._pool is not None:
            self._pool.close()


def query(statement: str) -> Any:
    """A statement as psycopg takes it, which wants them to be literal; ours are made of names that were checked."""
    return statement.encode()


def run(connection: Connection[Any], statement: str, arguments: Sequence[Any] = ()) -> Cursor[Any]:
    """Have a statement done; bytes come as they are, not as text."""
    return connection.execute(query(statement), arguments or None, binary=True)


def begun(pool: ConnectionPool) -> Connection[Any]:
    """A connection of the pool, in a transaction."""
    from psycopg import OperationalError

    connection = pool.getconn()
    try:
        run(connection, "BEGIN")
        return connection
    except OperationalError:
        pool.putconn(connection)
    # It was lost, and so are others, as when the server was started anew.
    pool.check()
    connection = pool.getconn(timeout=RECONNECTS_WITHIN)
    try:
        run(connection, "BEGIN")
    except OperationalError:
        pool.putconn(connection)
        raise
    return connection


def commit(connection: Connection[Any], place: str) -> None:
    """End a transaction.

    Raises:
        StoreError: It cannot be, or was given up by the server, which would not say so by itself.
    """
    from psycopg.pq import TransactionStatus

    if connection.info.transaction_status == TransactionStatus.INERROR:
        raise StoreError(f"{place}: something in the transaction has failed, so nothing of it was written")
    with translated(place):
        run(connection, "COMMIT")


@contextmanager
def inner(connection: Connection[Any], place: str) -> Iterator[None]:
    """A transaction within another; savepoints may share a name."""
    from psycopg import Error

    with translated(place):
        run(connection, "SAVEPOINT inner_one")
    try:
        yield
        with translated(place):
            run(connection, "RELEASE inner_one")
    except BaseException:
        # Where even that fails the whole transaction does.
        with suppress(Error):
            run(connection, "ROLLBACK TO inner_one")
            run(connection, "RELEASE inner_one")
        raise


def is_plain(rows: Sequence[Row], gone: Sequence[bytes], unless: Range | None) -> bool:
    """Whether it can be written while others write such: none of them sees what another writes."""
    if unless != EXTRAS or gone:
        return False
    return not any(is_within(key, EXTRAS) for key, _ in rows)


def is_within(key: bytes, within: Range) -> bool:
    return within.start <= key < within.end


def lock_number(name: str) -> int:
    """The number of the advisory lock of a store; of all stores for no name."""
    return int.from_bytes(blake2b(b"brinery " + name.encode(), digest_size=8).digest(), "big", signed=True)


def pieces(rows: list[Row]) -> Iterator[list[Row]]:
    """The rows, as many at a time as a statement takes."""
    piece: list[Row] = []
    size = 0
    for row in rows:
        piece.append(row)
        size += len(row[0]) + len(row[1])
        if len(piece) == ROWS_AT_A_TIME or size >= BYTES_AT_A_TIME:
            yield piece
            piece, size = [], 0
    if piece:
        yield piece


def check_address(address: str, place: str) -> None:
    """Whether psycopg is there, and understands the address.

    Raises:
        ModuleNotFoundError: The extra ``postgres`` is not installed.
        StoreError: It does not.
    """
    try:
        from psycopg import ProgrammingError
        from psycopg.conninfo import conninfo_to_dict
        from psycopg_pool import ConnectionPool  # noqa: F401  # it is needed later
    except ModuleNotFoundError:
        raise ModuleNotFoundError(
            "keeping stores in postgresql:// takes psycopg and psycopg-pool: pip install 'brinery[postgres]'"
        ) from None
    try:
        conninfo_to_dict(address)
    except ProgrammingError:
        # Without what libpq says of it, as it may quote the password.
        raise StoreError(
            f"{place}: the address cannot be understood: postgresql://USER:PASSWORD@HOST:PORT/DATABASE can, "
            "with signs in the password quoted as in URLs"
        ) from None


@contextmanager
def translated(place: str) -> Iterator[None]:
    """Raise what goes wrong as errors of the house."""
    from psycopg import Error, OperationalError
    from psycopg.errors import LockNotAvailable, ProgramLimitExceeded, UndefinedTable

    try:
        yield
    except LockNotAvailable as error:
        message = f"{place}: somebody else has been writing for {WAIT:.0f} seconds: try again later"
        raise StoreError(message) from error
    except ProgramLimitExceeded as error:
        raise StoreError(f"{place}: a key is longer than PostgreSQL takes, which is about 2,700 bytes") from error
    except UndefinedTable as error:
        raise StoreError(f"{place} is damaged: {first_line(error)}") from error
    except OperationalError as error:
        raise StoreError(
            f"{place}: {first_line(error)}. Look whether the server runs there, and takes the user and the password"
        ) from error
    except Error as error:
        raise StoreError(f"{place}: {first_line(error)}") from error


def first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
