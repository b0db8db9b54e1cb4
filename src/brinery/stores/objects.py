"""Object storage as the place of a store: S3 and what speaks its language, Google's, Azure's.

::

    store.json       id and format
    lease.json       who writes, and the journal that is being brought in
    journals/TOKEN   all that a transaction writes
    rows/NAME        the value of a key

A single row is written by one request. All else takes the lease: the transaction is written to a journal, which one
conditional request then makes count by naming it in the lease; only then are the rows written, and the journal is
removed. Whoever takes the lease of a writer that was killed brings its journal in first, if it counts, so that nothing
is lost, and nothing stays half done.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html; RFC 4648, The Base16, Base32, and
Base64 Data Encodings, 7 (an alphabet in the order of its values).
"""

from __future__ import annotations

import base64
import json
import struct
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from secrets import token_bytes, token_hex
from typing import Any, NamedTuple

from brinery.errors import StoreError
from brinery.stores.backend import Range, Row
from brinery.stores.bucket import Bucket
from brinery.stores.buffered import LEASE, Buffered, Changes
from brinery.stores.waiting import waited

__all__ = ["Objects"]

FORMAT = 1
ABOUT, LEASE_NAME, JOURNALS, ROWS = "store.json", "lease.json", "journals", "rows"
LONGEST_NAME = 1024  # bytes, of all that S3 and others take
SEGMENT = 128  # letters of a name between two strokes: some keep names as files, which have at most 255
END = "-"  # of a name; before all letters and the stroke, so that the name of a key is before those it begins
BEFORE_END = ","
FIRST, MOST = 16, 256  # values that are read at a time
LENGTHS = struct.Struct("<Iq")  # of a key and a value; that of a value is -1 if the key is removed


class Objects(Buffered):
    """Rows in object storage.

    What others see is weaker than in other places, as a storage has nothing that changes several objects at once:

    - While a transaction ends, and after its process was killed just then until somebody writes or opens the store,
      readers may see some of its rows and not yet others. Nothing is seen before its end.
    - A single row that is written outside of a transaction at the same moment as somebody takes the lease may be seen
      within that transaction. It is written once more then, after it.
    - A process that is stopped for longer than its lease while its transaction ends, and goes on then, may write the
      rows it was just at over what others have written since.

    A write takes several requests, so that a store has tens of them a second, not thousands: write many rows at once.
    Google's takes one change a second of an object, so one transaction a second.
    """

    def __init__(self, address: str, *, lease: float = LEASE) -> None:
        """Open the store in a folder, or make it.

        Args:
            address: Such as ``s3://bucket/folder``.
            lease: Seconds until others may write after a writer was killed in a transaction.

        Raises:
            ModuleNotFoundError: The extra ``remote`` is not installed.
            StoreError: The storage does not answer, takes no conditions, or keeps a store of a later version.
        """
        rows = ObjectRows(Bucket(address))
        super().__init__(rows, lease)
        if rows.has_journal():
            rows.lease(lease).release()
        self._objects = rows

    def rebuild(self, rows: Iterable[Row]) -> None:
        """Write these rows in the place of all that is there. Nobody else may have it open."""
        self._objects.mend()
        super().rebuild(rows)


class State(NamedTuple):
    """What stands in the object of the lease."""

    turn: int  # one more each time, so that no two are the same
    holder: str = ""  # a token; nothing if it is free
    seconds: float = 0  # without a change, after which the holder counts as dead
    journal: str = ""  # the one that counts and has not been brought in

    def to_bytes(self) -> bytes:
        return json.dumps(self._asdict()).encode()


class ObjectRows:
    """Rows in object storage, one of which is written by itself, or several with a lease."""

    def __init__(self, bucket: Bucket) -> None:
        """Open the store in a folder, or make it."""
        self.bucket = bucket
        self.place = bucket.place
        self.id = self._prepared()

    def _prepared(self) -> bytes:
        """The id of the store, made by who comes first."""
        found = self.bucket.get(ABOUT)
        if found is None:
            has_rows = next(self.bucket.list(ROWS), None) is not None
            found = self.bucket.get(ABOUT)
            if found is None and has_rows:
                raise StoreError(f"{self.place} is damaged: {ABOUT} is not there")
        if found is None:
            self._make()
            found = self.bucket.get(ABOUT)
        try:
            about = json.loads(found.data) if found is not None else {}
            version, identifier = about["format"], bytes.fromhex(about["id"])
        except (ValueError, KeyError, TypeError) as error:
            raise StoreError(f"{self.place} is damaged, or no store: {ABOUT} cannot be read") from error
        if version != FORMAT:
            raise StoreError(f"{self.place} is of version {version} of the format: get a later brinery")
        return identifier

    def _make(self) -> None:
        """Make the store, if the storage does what a store is built on."""
        state, other = State(1).to_bytes(), State(0).to_bytes()
        self.bucket.create(LEASE_NAME, state)
        about = {"format": FORMAT, "id": token_bytes(16).hex()}
        self.bucket.create(ABOUT, json.dumps(about).encode())
        wrong = {"e_tag": '"0123456789abcdef0123456789abcdef"', "version": "1"}
        if self.bucket.create(LEASE_NAME, other) or self.bucket.replace(LEASE_NAME, other, wrong) is not None:
            self.bucket.remove([ABOUT, LEASE_NAME])
            raise StoreError(
                f"{self.place}: the storage writes whatever the condition is (If-None-Match, If-Match), "
                "so that several who write could not be told apart: keep the store elsewhere"
            )

    def name(self, key: bytes) -> str:
        """The name of the object of a key.

        Raises:
            StoreError: It is too long.
        """
        name = name_of_key(key)
        if not self.fits(name):
            raise StoreError(
                f"{self.place}: a key of {len(key):,} bytes makes a name of more than {LONGEST_NAME:,}, "
                "which object storage does not take"
            )
        return name

    def fits(self, name: str) -> bool:
        """Whether a name is one that object storage takes."""
        return len(self.bucket.path(name)) <= LONGEST_NAME

    def get(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """The values of those of the keys that are there."""
        names = {key: name for key in keys if self.fits(name := name_of_key(key))}
        each = map if len(names) == 1 else self.bucket.each
        found = each(self.bucket.get, names.values())
        return {key: value.data for key, value in zip(names, found, strict=True) if value is not None}

    def scan(self, within: Range, *, reverse: bool, values: bool, limit: int | None) -> Iterator[Row]:
        """The rows of a range in order, at most so many; in reverse order, all its names are read first."""
        keys = self._keys(within)
        if reverse:
            keys = reversed(list(keys))
        return islice(self._rows(keys) if values else ((key, b"") for key in keys), limit)

    def _keys(self, within: Range) -> Iterator[bytes]:
        """The keys of a range, in order."""
        # Of names that folders have, some storages leave out what is in them; no folder has this one.
        after = name_of_key(within.start).removesuffix(END) + BEFORE_END if within.start else ""
        for name, _ in self.bucket.list(ROWS, after):
            key = key_of_name(name)
            if key is None or key < within.start:
                continue
            if key >= within.end:
                return
            yield key

    def _rows(self, keys: Iterator[bytes]) -> Iterator[Row]:
        size = FIRST
        while some := list(islice(keys, size)):
            # Those that have gone meanwhile are not met.
            yield from self.get(some).items()
            size = min(2 * size, MOST)

    def count(self, within: Range) -> int:
        """How many keys are in a range, which takes a request for each thousand."""
        return sum(1 for _ in self._keys(within))

    def put(self, rows: Sequence[Row], gone: Sequence[bytes], unless: Range | None) -> bool | None:
        """Write a single row while nobody holds the lease; None where others do, or there are several."""
        if len(rows) + len(gone) != 1:
            return None
        name = self.name(rows[0][0] if rows else gone[0])
        state, tag = self.state()
        if state.holder or state.journal:
            return None
        if unless is not None and next(self._keys(unless), None) is not None:
            return False
        if rows:
            self.bucket.put(name, rows[0][1])
        else:
            self.bucket.remove([name])
        # If somebody has had the lease meanwhile, it may have been written over by what was read before it.
        return True if self.bucket.tag(LEASE_NAME) == tag else None

    def state(self) -> tuple[State, dict[str, str]]:
        """Who holds the lease, and the tag of that."""
        found = self.bucket.get(LEASE_NAME)
        if found is None:
            self.bucket.create(LEASE_NAME, State(1).to_bytes())
            found = self.bucket.get(LEASE_NAME)
        if found is None:
            raise StoreError(f"{self.place} is damaged: {LEASE_NAME} is not there")
        try:
            return State(**json.loads(found.data)), found.tag
        except (ValueError, TypeError) as error:
            raise StoreError(f"{self.place} is damaged: {LEASE_NAME} cannot be read") from error

    def has_journal(self) -> bool:
        """Whether there is one that counts and has not been brought in."""
        return bool(self.state()[0].journal)

    def lease(self, seconds: float) -> ObjectLease:
        """Wait for others, take the lease, and bring in what the one before has left."""
        token = token_hex(16)
        seen: dict[str, str] | None = None
        since = 0.0

        def attempt() -> ObjectLease | None:
            nonlocal seen, since
            state, tag = self.state()
            if state.holder and seen != tag:
                # By our own clock, as those of others may be wrong.
                seen, since = tag, time.monotonic()
            if state.holder and time.monotonic() - since < state.seconds:
                return None
            taken = State(state.turn + 1, token, seconds, state.journal)
            start = time.monotonic()
            now = self.bucket.replace(LEASE_NAME, taken.to_bytes(), tag)
            return None if now is None else ObjectLease(self, taken, now, start)

        lease = waited(attempt, self.place)
        try:
            lease.finish()
        except BaseException:
            lease.release()
            raise
        return lease

    def version(self) -> object:
        """Nothing that is cheap."""
        return None

    def size(self) -> int:
        """Bytes of all objects."""
        return sum(each.size for each in self.bucket.list())

    def problems(self) -> list[str]:
        """Names that no key has, and a journal that is not there."""
        found = [
            f"{self.place} is damaged: {name} is no row of it"
            for name, _ in self.bucket.list(ROWS)
            if key_of_name(name) is None
        ]
        return found + self.problems_of_lease()

    def mend(self) -> None:
        """Make a new lease in the place of one that cannot be read, or whose journal is not there."""
        if self.bucket.get(LEASE_NAME) is not None and not self.problems_of_lease():
            return
        self.bucket.put(LEASE_NAME, State(time.time_ns()).to_bytes())

    def problems_of_lease(self) -> list[str]:
        """Whether it can be read, and has its journal."""
        try:
            journal = self.state()[0].journal
            if journal and self.bucket.get(journal) is None and self.state()[0].journal == journal:
                return [f"{self.place} is damaged: {journal} is not there"]
        except StoreError as error:
            return [str(error)]
        return []

    def salvage(self) -> Iterator[Row]:
        """All rows there are."""
        keys = (key_of_name(name) for name, _ in self.bucket.list(ROWS))
        return self._rows(key for key in keys if key is not None)

    def write(self, changes: Iterable[tuple[bytes, bytes | None]], lease: ObjectLease) -> None:
        """Write rows and remove others, as long as the lease is held."""

        def put(row: Row) -> None:
            lease.check()
            self.bucket.put(self.name(row[0]), row[1])

        gone = []
        for some in blocks(changes, MOST):
            self.bucket.each(put, [(key, value) for key, value in some if value is not None])
            gone += [name_of_key(key) for key, value in some if value is None]
        lease.check()
        self.bucket.remove(gone)

    def close(self) -> None:
        """Let go of it."""
        self.bucket.close()


class ObjectLease:
    """The right to write, as long as nobody else has changed the object of the lease."""

    def __init__(self, rows: ObjectRows, state: State, tag: dict[str, str], start: float) -> None:
        """One that was taken at that time."""
        self._rows = rows
        self._bucket = rows.bucket
        self._state = state
        self._tag: dict[str, str] | None = tag  # None once it is lost
        self._end = start + state.seconds
        self._lock = threading.Lock()

    def _change(self, **changes: Any) -> None:
        """Change what stands in the lease, if it is still ours."""
        with self._lock:
            state = self._state._replace(turn=self._state.turn + 1, **changes)
            start = time.monotonic()
            tag = None if self._tag is None else self._bucket.replace(LEASE_NAME, state.to_bytes(), self._tag)
            if tag is None:
                self._tag = None
                raise self._lost()
            self._state, self._tag, self._end = state, tag, start + state.seconds

    def _lost(self) -> StoreError:
        end = "all of it is written by who comes next" if self._state.journal else "nothing of it was written"
        return StoreError(
            f"{self._rows.place}: the transaction was without its lease for longer than {self._state.seconds:g} "
            f"seconds, and others may have written: {end}"
        )

    def renew(self) -> None:
        """Have it for longer."""
        self._change()

    def check(self) -> None:
        """Whether it has not run out.

        Raises:
            StoreError: It has.
        """
        if self._tag is None or time.monotonic() > self._end:
            raise self._lost()

    def commit(self, changes: Changes) -> None:
        """Write a journal, make it count, and bring it in."""
        for key in changes:
            self._rows.name(key)  # none of them is too long
        journal = f"{JOURNALS}/{self._state.holder}"
        self._bucket.put(journal, journal_of(changes))
        try:
            self._change(journal=journal)
        except StoreError:
            # If the answer was lost it may count; who comes next sees that.
            if self._tag is None:
                self._bucket.remove([journal])
            raise
        self._bring_in(changes.items())

    def _bring_in(self, changes: Iterable[tuple[bytes, bytes | None]]) -> None:
        journal = self._state.journal
        self._rows.write(changes, self)
        self._change(journal="")
        self._bucket.remove([journal])

    def finish(self) -> None:
        """Bring in the journal of somebody who was killed."""
        if not self._state.journal:
            return
        found = self._bucket.get(self._state.journal)
        if found is None:
            raise StoreError(f"{self._rows.place} is damaged: {self._state.journal} is not there")
        self._bring_in(changes_of(found.data))

    def rebuild(self, rows: Iterable[Row]) -> None:
        """Write these rows in the place of all that is there."""
        changes: dict[bytes, bytes | None] = {}
        strangers = []
        for name, _ in self._bucket.list(ROWS):
            key = key_of_name(name)
            if key is None:
                strangers.append(name)
            else:
                changes[key] = None
        changes.update(rows)
        self.commit(changes)
        self._bucket.remove(strangers)

    def compact(self) -> None:
        """Remove the journals that writers have left who were killed before they counted."""
        self._bucket.remove([name for name, _ in self._bucket.list(JOURNALS)])

    def release(self) -> None:
        """Give it back."""
        if self._tag is not None:
            # If the storage is not there any more the lease runs out.
            with suppress(StoreError):
                self._change(holder="")


def name_of_key(key: bytes) -> str:
    """The name of the object of a key; names have the order of the bytes of the keys.

    >>> name_of_key(b"a") < name_of_key(b"a\\0") < name_of_key(b"b")
    True
    """
    text = base64.b32hexencode(key).decode().rstrip("=").lower() + END
    return "/".join([ROWS, *(text[start : start + SEGMENT] for start in range(0, len(text), SEGMENT))])


def key_of_name(name: str) -> bytes | None:
    """The key of an object; None if its name is none that keys have."""
    text = name.removeprefix(f"{ROWS}/").replace("/", "").removesuffix(END).upper()
    try:
        key = base64.b32hexdecode(text + "=" * (-len(text) % 8))
    except ValueError:
        return None
    return key if name_of_key(key) == name else None


def journal_of(changes: Changes) -> bytes:
    """All changes, one after the other."""
    parts = []
    for key, value in changes.items():
        parts += [LENGTHS.pack(len(key), -1 if value is None else len(value)), key, value or b""]
    return b"".join(parts)


def changes_of(journal: bytes) -> Iterator[tuple[bytes, bytes | None]]:
    """What :func:`journal_of` was given."""
    at = 0
    while at < len(journal):
        key_size, value_size = LENGTHS.unpack_from(journal, at)
        start = at + LENGTHS.size
        at = start + key_size + max(value_size, 0)
        yield journal[start : start + key_size], None if value_size < 0 else journal[start + key_size : at]


def blocks(changes: Iterable[tuple[bytes, bytes | None]], size: int) -> Iterator[list[tuple[bytes, bytes | None]]]:
    """So many at a time."""
    rest = iter(changes)
    while some := list(islice(rest, size)):
        yield some
