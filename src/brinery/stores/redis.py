"""Redis as the place of a store, or what speaks its language (Valkey, KeyDB, Dragonfly).

::

    brinery:{NAME}:about      hash         id and format
    brinery:{NAME}:values     hash         key -> value
    brinery:{NAME}:keys       sorted set   the keys, all of one score, which puts them in the order of their bytes
    brinery:{NAME}:version    number       one more after each write
    brinery:{NAME}:lease      text         who writes, if it is a transaction; goes by itself
    brinery:{NAME}:TOKEN:...  lists        what a large write brings, before it is written; go by themselves

Each write is one script, which Redis runs while nothing else runs. The braces keep all in one slot of a cluster. How
much a crash of the server costs is for its own settings to say (``appendonly``, ``save``), and it must not be one that
throws keys away when memory is short (``maxmemory-policy`` ``allkeys-...``): :meth:`RedisRows.problems` looks.

Source: https://redis.io/docs/latest/commands/zrangebylex (order of bytes), /develop/programmability/eval-intro
(scripts), /commands/set ("Patterns": leases), /commands/waitaof.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import chain
from secrets import randbits, token_bytes, token_hex
from typing import Any

from brinery.errors import StoreError
from brinery.stores.addresses import without_secrets
from brinery.stores.backend import Range, Row
from brinery.stores.buffered import LEASE, Buffered, Changes
from brinery.stores.paging import paged
from brinery.stores.waiting import WAIT, waited

__all__ = ["Redis"]

FORMAT = 1
KEYS_AT_A_TIME = 2000
# What a script is given at once; Redis takes about a million arguments, and a gigabyte.
MOST_ARGUMENTS = 20_000
MOST_BYTES = 16 << 20
STAGED = 3600  # seconds until what nobody has written is thrown away

# Answers of scripts.
BUSY, LOST, NO, DONE = b"busy", b"lost", b"no", b"done"

# Lua takes about 7000 arguments at once.
APPLY = """
local STEP = 2000
local function write(rows)
  for first = 1, #rows, STEP do
    local last = math.min(first + STEP - 1, #rows)
    local ranks = {}
    for at = first, last, 2 do
      ranks[#ranks + 1] = 0
      ranks[#ranks + 1] = rows[at]
    end
    redis.call('HSET', KEYS[1], unpack(rows, first, last))
    redis.call('ZADD', KEYS[2], unpack(ranks))
  end
end
local function remove(gone)
  for first = 1, #gone, STEP do
    local last = math.min(first + STEP - 1, #gone)
    redis.call('HDEL', KEYS[1], unpack(gone, first, last))
    redis.call('ZREM', KEYS[2], unpack(gone, first, last))
  end
end
local function staged(key, apply)
  local size = redis.call('LLEN', key)
  for first = 0, size - 1, STEP do
    apply(redis.call('LRANGE', key, first, first + STEP - 1))
  end
  redis.call('DEL', key)
end
"""
CHECK = """
local holder = redis.call('GET', KEYS[4])
if ARGV[1] == '' then
  if holder then return 'busy' end
elseif holder ~= ARGV[1] then
  return 'lost'
end
"""
UNLESS = """
if ARGV[2] == '1' and #redis.call('ZRANGEBYLEX', KEYS[2], '[' .. ARGV[3], '(' .. ARGV[4], 'LIMIT', 0, 1) > 0 then
  return 'no'
end
"""
END = """
redis.call('INCR', KEYS[3])
if ARGV[1] ~= '' then redis.call('DEL', KEYS[4]) end
return 'done'
"""
PUT_ONE = f"""
{CHECK} {UNLESS}
redis.call('HSET', KEYS[1], ARGV[5], ARGV[6])
redis.call('ZADD', KEYS[2], 0, ARGV[5])
{END}
"""
PUT = f"""
{CHECK} {UNLESS} {APPLY}
local rows, gone = {{}}, {{}}
local end_of_rows = 5 + 2 * tonumber(ARGV[5])
for at = 6, end_of_rows do rows[#rows + 1] = ARGV[at] end
for at = end_of_rows + 1, #ARGV do gone[#gone + 1] = ARGV[at] end
write(rows)
remove(gone)
{END}
"""
PUT_STAGED = f"""
{CHECK} {UNLESS} {APPLY}
staged(KEYS[5], write)
staged(KEYS[6], remove)
{END}
"""
REPLACE = f"""
{CHECK} {APPLY}
redis.call('DEL', KEYS[1], KEYS[2])
staged(KEYS[5], write)
{END}
"""
RENEW = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end return 0"
RELEASE = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"


class Redis(Buffered):
    """Rows in Redis.

    Nobody else sees anything of a transaction before its end, nor a part of it. Other writers wait for a transaction;
    where its process is killed they wait until its lease has run out.
    """

    def __init__(self, address: str, name: str = "brinery", *, durable: bool = False, lease: float = LEASE) -> None:
        """Open the store of a name, or make it.

        Args:
            address: Of the server, as redis-py takes it.
            name: Of the store.
            durable: Whether a write waits until the server's disk has it; from Redis 7.2 on, with ``appendonly``.
            lease: Seconds until others may write after a writer was killed in a transaction.

        Raises:
            ModuleNotFoundError: The extra ``redis`` is not installed.
            StoreError: The server does not answer, or keeps a store of a later version.
        """
        super().__init__(RedisRows(address, name, durable=durable), lease)


class RedisRows:
    """Rows in Redis, which each write by itself, or with a lease."""

    def __init__(self, address: str, name: str, *, durable: bool) -> None:
        """Open the store of a name, or make it."""
        self.place = without_secrets(address, name)
        self._client = client_for(address, self.place)
        self._durable = durable
        self._is_closed = False
        self._space = f"brinery:{{{name}}}"
        self._values, self._keys, self._version, self._lease_key = (
            f"{self._space}:{part}" for part in ("values", "keys", "version", "lease")
        )
        self._scripts = {
            text: self._client.register_script(text) for text in (PUT_ONE, PUT, PUT_STAGED, REPLACE, RENEW, RELEASE)
        }
        self.id = self._prepared()

    def _prepared(self) -> bytes:
        """The id of the store, made by who comes first."""
        about = f"{self._space}:about"
        with self._translated():
            found = self._client.execute_command("HMGET", about, "id", "format")
            if None in found:
                self._client.execute_command("SET", self._version, randbits(48), "NX")
                self._client.execute_command("HSETNX", about, "format", FORMAT)
                self._client.execute_command("HSETNX", about, "id", token_bytes(16))
                found = self._client.execute_command("HMGET", about, "id", "format")
            if self._durable:
                self._wait_for_disk(self._client)
        if found[1] != b"%d" % FORMAT:
            raise StoreError(f"{self.place} is of version {found[1].decode()} of the format: get a later brinery")
        return bytes(found[0])

    def _ask(self, *command: Any) -> Any:
        """What the server answers."""
        with self._translated():
            return self._client.execute_command(*command)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Raise what goes wrong as errors of the house."""
        from redis.exceptions import RedisError

        if self._is_closed:
            raise StoreError(f"the store {self.place} is closed")
        try:
            yield
        except (RedisError, OSError) as error:
            raise StoreError(
                f"{self.place}: {error}. Look whether the server runs there, and takes the user and the password"
            ) from error

    def get(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """The values of those of the keys that are there."""
        if len(keys) == 1:
            value = self._ask("HGET", self._values, keys[0])
            return {} if value is None else {keys[0]: value}
        found: dict[bytes, bytes] = {}
        for start in range(0, len(keys), KEYS_AT_A_TIME):
            some = keys[start : start + KEYS_AT_A_TIME]
            found.update(self._values_of(some))
        return found

    def _values_of(self, keys: Sequence[bytes]) -> Iterator[Row]:
        for key, value in zip(keys, self._ask("HMGET", self._values, *keys), strict=True):
            if value is not None:
                yield key, value

    def scan(self, within: Range, *, reverse: bool, values: bool, limit: int | None) -> Iterator[Row]:
        """The rows of a range in order, at most so many."""

        def read(rest: Range, size: int) -> tuple[list[Row], bytes | None]:
            start, end = b"[" + rest.start, b"(" + rest.end
            command, bounds = ("ZREVRANGEBYLEX", (end, start)) if reverse else ("ZRANGEBYLEX", (start, end))
            keys = self._ask(command, self._keys, *bounds, "LIMIT", 0, size)
            last = keys[-1] if len(keys) == size else None
            if not values:
                return [(key, b"") for key in keys], last
            return list(self._values_of(keys)) if keys else [], last

        return paged(read, within, reverse, limit)

    def count(self, within: Range) -> int:
        """How many keys are in a range."""
        return int(self._ask("ZLEXCOUNT", self._keys, b"[" + within.start, b"(" + within.end))

    def put(self, rows: Sequence[Row], gone: Sequence[bytes], unless: Range | None) -> bool:
        """Write while nobody holds a lease."""

        def attempt() -> bytes | None:
            answer = self.write("", rows, gone, unless)
            return None if answer == BUSY else answer

        return waited(attempt, self.place) == DONE

    def write(self, token: str, rows: Sequence[Row], gone: Sequence[bytes], unless: Range | None) -> bytes:
        """Write, if nobody holds the lease or it is of that token; what the script answers."""
        condition = ("0", b"", b"") if unless is None else ("1", *unless)
        if len(rows) == 1 and not gone:
            return self._run(PUT_ONE, (), (token, *condition, *rows[0]))
        size = sum(len(key) + len(value) for key, value in rows) + sum(map(len, gone))
        if 2 * len(rows) + len(gone) <= MOST_ARGUMENTS and size <= MOST_BYTES:
            return self._run(PUT, (), (token, *condition, len(rows), *chain.from_iterable(rows), *gone))
        with self._staged(dict(rows).items(), gone) as lists:
            return self._run(PUT_STAGED, lists, (token, *condition))

    def replace(self, token: str, rows: Iterable[Row]) -> bytes:
        """Write these rows in the place of all, if the lease is of that token; what the script answers."""
        with self._staged(rows, ()) as lists:
            return self._run(REPLACE, lists, (token,))

    @contextmanager
    def _staged(self, rows: Iterable[Row], gone: Iterable[bytes]) -> Iterator[tuple[str, str]]:
        """Lists in Redis with rows and keys that go, for a script that takes them from there."""
        space = f"{self._space}:{token_hex(8)}"
        lists = f"{space}:rows", f"{space}:gone"
        for key, parts in zip(lists, (chain.from_iterable(rows), gone), strict=True):
            for some in pieces(parts):
                self._ask("RPUSH", key, *some)
                self._ask("EXPIRE", key, STAGED)
        try:
            yield lists
        finally:
            self._ask("DEL", *lists)

    def _run(self, script: str, lists: Sequence[str], arguments: Sequence[Any]) -> bytes:
        """Run a script that writes; its answer."""
        keys = (self._values, self._keys, self._version, self._lease_key, *lists)
        with self._translated():
            if not self._durable:
                return bytes(self._scripts[script](keys, arguments))
            # The disk is waited for by the connection that has written.
            with self._client.client() as connection:
                answer = bytes(self._scripts[script](keys, arguments, client=connection))
                if answer == DONE:
                    self._wait_for_disk(connection)
                return answer

    def _wait_for_disk(self, connection: Any) -> None:
        from redis.exceptions import ResponseError

        try:
            synced = connection.execute_command("WAITAOF", 1, 0, int(WAIT * 1000))
        except ResponseError as error:
            raise StoreError(
                f"{self.place} cannot wait for its disk, as durable=True asks: {error}. "
                "That takes Redis 7.2 with appendonly yes"
            ) from error
        if synced[0] < 1:
            raise StoreError(f"{self.place}: the disk has not taken what was written in {WAIT:.0f} seconds")

    def lease(self, seconds: float) -> RedisLease:
        """Wait for others, and take the lease."""
        token = token_hex(16)
        milliseconds = int(seconds * 1000)
        waited(lambda: self._ask("SET", self._lease_key, token, "NX", "PX", milliseconds), self.place)
        return RedisLease(self, token, milliseconds)

    def renew(self, token: str, milliseconds: int) -> bool:
        """Keep the lease of a token; whether it still was."""
        with self._translated():
            return bool(self._scripts[RENEW]([self._lease_key], [token, milliseconds]))

    def release(self, token: str) -> None:
        """Give the lease of a token back."""
        with self._translated():
            self._scripts[RELEASE]([self._lease_key], [token])

    def version(self) -> object:
        """The number of writes, from some number on."""
        return self._ask("GET", self._version)

    def size(self) -> int:
        """Bytes of the server's memory, about."""
        return sum(self._ask("MEMORY", "USAGE", key) or 0 for key in (self._values, self._keys))

    def problems(self) -> list[str]:
        """Whether keys and values are as many, and whether the server may throw them away."""
        found = []
        values, keys = self._ask("HLEN", self._values), self._ask("ZCARD", self._keys)
        if values != keys:
            found.append(f"{self.place} is damaged: there are {keys:,} keys, but {values:,} values")
        memory = self._ask("INFO", "memory")
        policy = memory.get("maxmemory_policy", "")
        if memory.get("maxmemory") and policy.startswith("allkeys"):
            found.append(f"{self.place} may be thrown away when memory is short: maxmemory-policy is {policy}")
        return found

    def salvage(self) -> Iterator[Row]:
        """All values, whether their keys are still in order or not."""
        cursor: Any = 0
        while True:
            cursor, parts = self._ask("HSCAN", self._values, cursor, "COUNT", 500)
            yield from parts.items() if isinstance(parts, dict) else zip(parts[::2], parts[1::2], strict=True)
            if int(cursor) == 0:
                return

    def close(self) -> None:
        """Close the connections."""
        self._is_closed = True
        self._client.close()


class RedisLease:
    """The right to write, as long as the lease in Redis has its token."""

    def __init__(self, rows: RedisRows, token: str, milliseconds: int) -> None:
        """One that was just taken."""
        self._rows = rows
        self._token = token
        self._milliseconds = milliseconds
        self._is_held = True
        self._lock = threading.Lock()

    def renew(self) -> None:
        """Have it for longer."""
        if not self._rows.renew(self._token, self._milliseconds):
            raise self._lost()

    def _lost(self) -> StoreError:
        return StoreError(
            f"{self._rows.place}: the transaction was without its lease for longer than {self._milliseconds / 1000:g} "
            "seconds, and others may have written: nothing of it was written, do it again"
        )

    def commit(self, changes: Changes) -> None:
        """Write all at once, and give the lease back."""
        rows = [(key, value) for key, value in changes.items() if value is not None]
        gone = [key for key, value in changes.items() if value is None]
        self._end(self._rows.write(self._token, rows, gone, None))

    def rebuild(self, rows: Iterable[Row]) -> None:
        """Write these rows in the place of all that is there, and give the lease back."""
        self._end(self._rows.replace(self._token, rows))

    def _end(self, answer: bytes) -> None:
        self._is_held = False
        if answer == LOST:
            raise self._lost()

    def compact(self) -> None:
        """Redis gives room back by itself."""

    def release(self) -> None:
        """Give it back."""
        if self._is_held:
            # If the server is not there any more the lease goes by itself.
            with suppress(StoreError):
                self._rows.release(self._token)


def client_for(address: str, place: str) -> Any:
    """A client that does nothing twice: after an answer that was lost, a write may be done or not.

    Raises:
        ModuleNotFoundError: The extra ``redis`` is not installed.
        StoreError: The address cannot be understood.
    """
    try:
        from redis import Redis as Client
        from redis.backoff import NoBackoff
        from redis.retry import Retry
    except ModuleNotFoundError:
        raise ModuleNotFoundError("keeping stores in redis:// takes redis-py: pip install 'brinery[redis]'") from None
    try:
        return Client.from_url(
            address, socket_timeout=WAIT, socket_connect_timeout=10, retry=Retry(NoBackoff(), 0), decode_responses=False
        )
    except (ValueError, TypeError):
        # Without what redis-py says of it, as it may quote the password.
        raise StoreError(
            f"{place}: the address cannot be understood: redis://USER:PASSWORD@HOST:PORT/NUMBER can, "
            "with signs in the password quoted as in URLs"
        ) from None


def pieces(parts: Iterable[bytes]) -> Iterator[list[bytes]]:
    """The parts, as many at a time as a request takes; rows, which are two parts, are not torn apart."""
    piece: list[bytes] = []
    size = 0
    for part in parts:
        piece.append(part)
        size += len(part)
        if len(piece) % 2 == 0 and (len(piece) >= MOST_ARGUMENTS or size >= MOST_BYTES):
            yield piece
            piece, size = [], 0
    if piece:
        yield piece
