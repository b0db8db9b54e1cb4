"""Processes of one machine, one after the other: POSIX record locks of a file, a byte for each key.

The system takes the locks of a process that dies. They are the process's, not the thread's, and it loses all of them
when it closes *any* descriptor of the file, so that there is one at most, for as long as somebody holds a lock or waits
for one. Source: https://pubs.opengroup.org/onlinepubs/9699919799/functions/fcntl.html
"""

from __future__ import annotations

import errno
import os
import threading
import time
from hashlib import blake2b
from pathlib import Path
from typing import Any

from brinery.caching.flight import Entry, Mark

__all__ = ["RecordLocks"]

# Processes count as waiting for each other where only some of their threads do. A thread that nobody waits for tries
# again, for so long; then it counts as one that somebody waits for.
PATIENCE = 30.0  # seconds
PAUSE = 0.02


class RecordLocks:
    """The locks of one file, for this process."""

    def __init__(self, path: Path) -> None:
        """Of that file; it is made when the first lock is taken."""
        self._path = path
        self.forget()

    def forget(self) -> None:
        """Begin anew: in a forked process, which has none of the locks. The descriptor that it inherited stays."""
        self._mutex = threading.Lock()
        self._users = 0
        self._file = -1

    def take(self, key: Any, within: frozenset[Mark]) -> Entry:
        """Wait until no other process has the lock of the key.

        Raises:
            OSError: The file cannot be opened, or not be locked.
        """
        file = self._opened()
        try:
            entry = locked(file, offset_of(key), bool(within))
        except BaseException:
            self._closed()
            raise
        if not entry.is_alone:
            self._closed()
        return entry

    def give(self, key: Any) -> None:
        """Let the next process have it."""
        import fcntl

        with self._mutex:
            file = self._file
        if file >= 0:  # as it is not in a process that was forked meanwhile
            try:
                fcntl.lockf(file, fcntl.LOCK_UN, 1, offset_of(key))
            finally:
                self._closed()

    def _opened(self) -> int:
        with self._mutex:
            if self._file < 0:
                self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
            self._users += 1
            return self._file

    def _closed(self) -> None:
        with self._mutex:
            self._users -= 1
            if not self._users:
                os.close(self._file)
                self._file = -1


def locked(file: int, offset: int, is_nested: bool) -> Entry:
    """Have the lock of a byte; not where the process that has it waits for this one."""
    import fcntl

    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, offset)
        return Entry(True, False)
    except OSError as error:
        if error.errno not in {errno.EAGAIN, errno.EACCES}:
            raise
    end = time.monotonic() + PATIENCE
    while True:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX, 1, offset)
            return Entry(True, True)
        except OSError as error:
            if error.errno != errno.EDEADLK:
                raise
        if is_nested or time.monotonic() > end:
            return Entry(False, True)
        time.sleep(PAUSE)


def offset_of(key: Any) -> int:
    """The place of a key's byte: 62 bits, as offsets are signed."""
    return int.from_bytes(blake2b(repr(key).encode(), digest_size=8).digest(), "little") >> 2
