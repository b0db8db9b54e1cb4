"""``brinery.open_log``: objects appended to a file, for days, and read while they are."""

from __future__ import annotations

import errno
import os
import time
from array import array
from collections.abc import Iterable, Iterator
from threading import RLock
from typing import Any, Literal, overload

from brinery.errors import DecodeError, IntegrityError
from brinery.files.atomic import lock, sync
from brinery.files.records import OPCODES, PREFIX_SIZE, RECORD_HEADER, Prefix, framed, is_whole, length_at, proves
from brinery.files.remote import is_remote
from brinery.reducers import Reduction
from brinery.serializer import encode_by, rebuilt
from brinery.trust import Origin, SealKey, Trusted, keyring

__all__ = ["Log", "open_log"]

BLOCK = 1 << 20  # bytes that are read at a time to find where records begin
PROTOCOL = 5


def open_log(path: str | os.PathLike[str], mode: Literal["a", "r"] = "a", *, trust: Trusted = None) -> Log:
    """Open a log: a file that objects are appended to, one at a time, and read from at any time.

    What :meth:`Log.append` has returned for is there even if the process is killed; after :meth:`Log.sync`, even if the
    power fails. One process may append at a time; any number may read meanwhile. ``pickle.load``, called again and
    again, reads the file, too.

    Args:
        path: The file; made if it is not there.
        mode: ``"a"`` to append and read, ``"r"`` to read only.
        trust: As for :func:`brinery.loads`: what may be built of records that the user has not written.

    Raises:
        BlockingIOError: Another process appends to it.
        DecodeError: The file is no log.
        IntegrityError: A record is damaged, and others follow, so that it is no rest of a killed writer.

    >>> import tempfile
    >>> with open_log(tempfile.mkdtemp() + "/events") as log:
    ...     for step in range(3):
    ...         _ = log.append({"step": step})
    ...     log[-1], len(log)
    ({'step': 2}, 3)
    """
    if mode not in {"a", "r"}:
        raise ValueError(f"mode must be 'a' or 'r', not {mode!r}")
    if is_remote(path):
        raise ValueError(f"{path} is far away: stores of objects replace files as a whole, and a log grows")
    return Log(path, mode, trust)


class Log:
    """Objects in a file, in the order in which they were appended; see :func:`open_log`."""

    def __init__(self, path: str | os.PathLike[str], mode: Literal["a", "r"], trust: Trusted) -> None:
        """Open the file, see :func:`open_log`."""
        self._path = os.fspath(path)
        self._trust = trust
        self._process = os.getpid()
        self._lock = RLock()
        self._starts = array("Q")
        self._end = PREFIX_SIZE  # of the last record that is known
        flags = os.O_RDWR | os.O_CREAT if mode == "a" else os.O_RDONLY
        flags |= getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
        self._file = os.open(path, flags, 0o666)
        self._writes = mode == "a"
        try:
            self._begin()
        except BaseException:
            self.close()
            raise

    def _begin(self) -> None:
        if self._writes and not lock(self._file):
            raise BlockingIOError(errno.EWOULDBLOCK, "another process appends to the log", self._path)
        front = read_at(self._file, PREFIX_SIZE, 0)
        prefix = Prefix.from_bytes(front)
        if prefix is None:
            if not self._writes or (front and not is_beginning(front)):
                raise DecodeError(f"{self._path} is no log: it does not begin as one")
            prefix = Prefix(os.urandom(16), keyring().current.seal.id)
            os.ftruncate(self._file, 0)
            write_all(self._file, prefix.to_bytes(), 0)
        self._prefix = prefix
        self._key: SealKey | None = None if keyring().is_revoked_seal(prefix.key) else keyring().seals.get(prefix.key)
        if self._writes:
            if self._key is None:
                raise IntegrityError(f"{self._path} was begun with a key that is not yours: begin a log of your own")
            self._refresh()
            self._remove_rest()

    def __repr__(self) -> str:
        """Where it is, and how much there is."""
        return f"<Log {self._path!r}, {len(self):,} records>"

    def __enter__(self) -> Log:
        """Itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Close the file; what was appended stays. May be called again."""
        with self._lock:
            if self._file >= 0:
                os.close(self._file)
            self._file = -1

    def __del__(self) -> None:
        """Close the file."""
        if getattr(self, "_file", -1) >= 0:
            self.close()

    def append(self, obj: Any) -> int:
        """Append an object, and answer with its number. Once it returns, the end of the process takes nothing back.

        Raises:
            EncodeError: Something in the object cannot be pickled; nothing was appended.
            OSError: There is no room; nothing was appended.
        """
        return self.extend([obj])

    def extend(self, objects: Iterable[Any]) -> int:
        """Append several objects in one go, which is faster, and answer with the number of the first one.

        Raises:
            EncodeError, OSError: As :meth:`append`; none of them was appended.
        """
        key = self._key_to_write()
        pickles = [encode_by(Reduction, obj, PROTOCOL, None, "raise")[0] for obj in objects]
        with self._lock:
            first = len(self._starts)
            records = [framed(pickle, self._place(first + at), key) for at, pickle in enumerate(pickles)]
            write_all(self._file, b"".join(records), self._end)
            for record in records:
                self._starts.append(self._end)
                self._end += len(record)
        return first

    def _key_to_write(self) -> SealKey:
        if not self._writes or self._key is None:
            raise ValueError("the log was opened for reading")
        if os.getpid() != self._process:
            raise ValueError("the log was opened in another process: a fork has to open one of its own")
        if self._file < 0:
            raise ValueError("the log is closed")
        return self._key

    def sync(self) -> None:
        """Wait until the disk has all that was appended."""
        sync(self._file)

    def __len__(self) -> int:
        """How many whole records there are now. Linear in what was appended by others since the last look."""
        with self._lock:
            self._refresh()
            return len(self._starts)

    @overload
    def __getitem__(self, index: int) -> Any: ...
    @overload
    def __getitem__(self, index: slice) -> list[Any]: ...
    def __getitem__(self, index: int | slice) -> Any:
        """The object with that number, or a list of those of a slice; from the end, if the number is negative.

        Raises:
            IndexError: There is none.
            IntegrityError: Its record is damaged; others are not concerned.
        """
        count = len(self)
        if isinstance(index, slice):
            return [self._load(each) for each in range(*index.indices(count))]
        if not -count <= index < count:
            raise IndexError(f"the log has {count:,} records, and none with the number {index}")
        return self._load(index % count)

    def __iter__(self) -> Iterator[Any]:
        """All objects from the first on, one at a time; those included that come while it goes on."""
        index = 0
        while index < len(self):
            for each in range(index, len(self._starts)):
                yield self._load(each)
                index += 1

    def follow(self, start: int = 0, *, timeout: float | None = None, interval: float = 0.05) -> Iterator[Any]:
        """The objects from a number on, and then those that are appended, as they come.

        Args:
            start: The first number.
            timeout: How long to wait for another one, in seconds, before it ends; None: for ever.
            interval: How often to look, in seconds.
        """
        waited = time.monotonic()
        while timeout is None or time.monotonic() - waited <= timeout:
            if start < len(self):
                yield self._load(start)
                start += 1
                waited = time.monotonic()
            else:
                time.sleep(interval)

    def _place(self, index: int) -> bytes:
        return self._prefix.log + index.to_bytes(8, "little")

    def _load(self, index: int) -> Any:
        with self._lock:
            start = self._starts[index]
            end = self._starts[index + 1] if index + 1 < len(self._starts) else self._end
            record = memoryview(read_all(self._file, end - start, start))
        place = self._place(index)
        if not is_whole(record, place):
            raise IntegrityError(f"{self._path}: record {index} is damaged, at byte {start:,}")
        if self._key is not None and not proves(record, place, self._key):
            raise IntegrityError(f"{self._path}: record {index} was not written there by the owner of the log's key")
        origin = OWN if self._key is not None else None
        return rebuilt(record, origin, "they are of another user's log", trust=self._trust)

    def _refresh(self) -> None:
        """Find the records that have come since the last look; the last one may not be whole yet."""
        if self._file < 0:
            raise ValueError("the log is closed")
        size = os.fstat(self._file).st_size
        while self._end + RECORD_HEADER < size:
            block = read_at(self._file, BLOCK, self._end)
            at = 0
            while (length := length_at(block[at : at + RECORD_HEADER])) is not None and self._end + length <= size:
                if self._end + length == size and not self._is_whole_at(self._end, length):
                    return
                self._starts.append(self._end)
                self._end += length
                at += length
            if at == 0:
                return

    def _is_whole_at(self, start: int, length: int) -> bool:
        record = memoryview(read_all(self._file, length, start))
        return len(record) == length and is_whole(record, self._place(len(self._starts)))

    def _remove_rest(self) -> None:
        """Remove what a killed writer has left of its last record.

        Raises:
            IntegrityError: It is no such rest, as whole records follow.
        """
        size = os.fstat(self._file).st_size
        if size == self._end:
            return
        if self._has_more(size):
            raise IntegrityError(
                f"{self._path}: record {len(self._starts)} is damaged, at byte {self._end:,}, and others follow: open "
                "it for reading, and append to another log"
            )
        os.ftruncate(self._file, self._end)

    def _has_more(self, size: int) -> bool:
        """Whether what is no record is anything but the beginning of one: a whole record begins in it, say."""
        rest = read_all(self._file, size - self._end, self._end)
        if not begins_as_record(rest):
            return True
        at = rest.find(OPCODES, 1)
        while at >= 0:
            length = length_at(rest[at : at + RECORD_HEADER])
            if length is not None and at + length <= len(rest):
                record = memoryview(rest)[at : at + length]
                # Of records in between, nobody knows how many there were.
                numbers = range(len(self._starts), len(self._starts) + at // RECORD_HEADER + 2)
                if any(is_whole(record, self._place(number)) for number in numbers):
                    return True
            at = rest.find(OPCODES, at + 1)
        return False


OWN = Origin("own")


def begins_as_record(rest: bytes) -> bool:
    """Whether it may be what a writer had written of a record; after a loss of power that may be nothing but zeros."""
    return rest.startswith(OPCODES[: len(rest)]) or not any(rest)


def is_beginning(front: bytes) -> bool:
    """Whether a file has the beginning of a prefix, which its writer was killed in."""
    return len(front) < PREFIX_SIZE and Prefix(bytes(16), bytes(8)).to_bytes()[:12].startswith(front[:12])


def write_all(file: int, data: bytes, offset: int) -> None:
    """Write at an offset, all or nothing."""
    done = 0
    try:
        while done < len(data):
            done += write_at(file, memoryview(data)[done:], offset + done)
    except BaseException:
        # What was written is no whole record; without it, the next one goes on from here.
        os.ftruncate(file, offset)
        raise


def read_at(file: int, size: int, offset: int) -> bytes:
    """Some of so many bytes."""
    if hasattr(os, "pread"):
        return os.pread(file, size, offset)
    # Windows. Readers and writers of one log take turns by its lock.
    os.lseek(file, offset, os.SEEK_SET)
    return os.read(file, size)


def write_at(file: int, data: memoryview, offset: int) -> int:
    """Write some of the bytes, and answer with how many."""
    if hasattr(os, "pwrite"):
        return os.pwrite(file, data, offset)
    os.lseek(file, offset, os.SEEK_SET)
    return os.write(file, data)


def read_all(file: int, size: int, offset: int) -> bytes:
    """So many bytes, or as many as there are."""
    parts = []
    while size and (part := read_at(file, size, offset)):
        parts.append(part)
        size -= len(part)
        offset += len(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)
