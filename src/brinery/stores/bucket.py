"""Objects in a folder of an object storage, with what a store needs of it: conditions on what is written.

Source: obstore, https://developmentseed.org/obstore; RFC 9110, HTTP Semantics, 13.1.1 (If-Match), 13.1.2
(If-None-Match).
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import Any, NamedTuple, TypeVar

from brinery.errors import StoreError
from brinery.files.remote import store_of, translated
from brinery.stores.addresses import without_secrets

__all__ = ["Bucket", "Found", "Listed"]

REQUESTS = 16  # at a time
REMOVED_AT_A_TIME = 1000

T = TypeVar("T")
Result = TypeVar("Result")


class Found(NamedTuple):
    """An object."""

    data: bytes
    tag: dict[str, str]  # of this version of it alone


class Listed(NamedTuple):
    """An object in a list."""

    name: str
    size: int


class Bucket:
    """The objects below a folder; their names are told without it."""

    used_in: int | None = None  # the process in which obstore runs

    def __init__(self, address: str) -> None:
        """At an address such as ``s3://bucket/folder``.

        Raises:
            ModuleNotFoundError: The extra ``remote`` is not installed.
            StoreError: It names no folder.
        """
        self.place = without_secrets(address).rstrip("/")
        self._is_closed = False
        self._lock = threading.Lock()
        scheme, _, rest = self.place.partition("://")
        if not rest.partition("/")[2].strip("/"):
            raise StoreError(f"{self.place} names no folder for the store: {scheme}://BUCKET/FOLDER does")
        check_library(scheme)
        with self._translated():
            self._store, folder = store_of(self.place)
        self._folder = folder.strip("/")
        self._threads: ThreadPoolExecutor | None = None

    def _check_process(self) -> None:
        """Obstore's threads stay in the process that has started them: after a fork requests would wait for ever."""
        if Bucket.used_in not in (None, os.getpid()):
            raise StoreError(
                f"{self.place}: obstore cannot be used in a process that was forked from one that has used it: "
                'start processes by multiprocessing.get_context("spawn"), or "forkserver"'
            )
        Bucket.used_in = os.getpid()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Raise what goes wrong as errors of the house."""
        from obstore.exceptions import NotSupportedError, PreconditionError

        if self._is_closed:
            raise StoreError(f"the store {self.place} is closed")
        self._check_process()
        try:
            with translated(self.place):
                yield
        except (NotSupportedError, NotImplementedError, PreconditionError) as error:
            raise StoreError(f"{self.place} does not take what a store asks for: {type(error).__name__}") from error
        except OSError as error:
            raise StoreError(
                f"{self.place}: {error.strerror}. Look whether the bucket is there, and may be read and written"
            ) from error

    def path(self, name: str) -> str:
        """The whole name of an object."""
        return f"{self._folder}/{name}"

    def get(self, name: str) -> Found | None:
        """An object; None where there is none."""
        import obstore

        with self._translated():
            try:
                answer = obstore.get(self._store, self.path(name))
                return Found(bytes(answer.bytes()), tag_of(answer.meta))
            except FileNotFoundError:
                return None

    def tag(self, name: str) -> dict[str, str] | None:
        """The tag of an object; None where there is none."""
        import obstore

        with self._translated():
            try:
                return tag_of(obstore.head(self._store, self.path(name)))
            except FileNotFoundError:
                return None

    def put(self, name: str, data: bytes) -> None:
        """Write an object over what is there."""
        import obstore

        with self._translated():
            # In one request, as others would see no part of it, but could remove parts.
            obstore.put(self._store, self.path(name), data, use_multipart=False)

    def create(self, name: str, data: bytes) -> bool:
        """Write an object, if there is none; whether it is this that is there."""
        from obstore.exceptions import AlreadyExistsError

        try:
            return self._put_if(name, data, "create") is not None
        except AlreadyExistsError:
            # The answer to the first try may have been lost.
            found = self.get(name)
            return found is not None and found.data == data

    def replace(self, name: str, data: bytes, tag: dict[str, str]) -> dict[str, str] | None:
        """Write an object over that of a tag; its own tag, None if that is not there any more."""
        from obstore.exceptions import PreconditionError

        try:
            return self._put_if(name, data, tag)
        except (PreconditionError, FileNotFoundError):
            found = self.get(name)
            return found.tag if found is not None and found.data == data else None

    def _put_if(self, name: str, data: bytes, mode: Any) -> dict[str, str]:
        import obstore
        from obstore.exceptions import AlreadyExistsError, PreconditionError

        refused: Exception | None = None
        with self._translated():
            try:
                return tag_of(obstore.put(self._store, self.path(name), data, mode=mode, use_multipart=False))
            except (AlreadyExistsError, PreconditionError, FileNotFoundError) as error:
                refused = error
        raise refused

    def remove(self, names: Sequence[str]) -> None:
        """Remove objects, whether they are there or not."""
        import obstore

        for start in range(0, len(names), REMOVED_AT_A_TIME):
            paths = [self.path(name) for name in names[start : start + REMOVED_AT_A_TIME]]
            with self._translated():
                try:
                    obstore.delete(self._store, paths)
                except FileNotFoundError:
                    # Some say so, and stop there.
                    self.each(self._remove, paths)

    def _remove(self, path: str) -> None:
        import obstore

        try:
            obstore.delete(self._store, path)
        except FileNotFoundError:
            return

    def list(self, folder: str = "", after: str = "") -> Iterator[Listed]:
        """The objects below a folder in the order of their names, those after a name."""
        import obstore

        prefix = self.path(folder) if folder else f"{self._folder}/"
        with self._translated():
            chunks = iter(obstore.list(self._store, prefix=prefix, offset=self.path(after) if after else None))
        while True:
            with self._translated():
                chunk = next(chunks, None)
            if chunk is None:
                return
            for meta in chunk:
                yield Listed(meta["path"][len(self._folder) + 1 :], meta["size"])

    def each(self, function: Callable[[T], Result], these: Iterable[T]) -> Sequence[Result]:
        """What a function answers for each of these, in order; for several at a time."""
        with self._lock:
            if self._threads is None:
                self._threads = ThreadPoolExecutor(REQUESTS, thread_name_prefix="brinery-objects")
        asked = [self._threads.submit(function, each) for each in these]
        # After an error too, nothing goes on behind the back of who has asked.
        wait(asked)
        return [each.result() for each in asked]

    def close(self) -> None:
        """Let go of it."""
        self._is_closed = True
        if self._threads is not None and Bucket.used_in == os.getpid():
            self._threads.shutdown()


def check_library(scheme: str) -> None:
    """Whether obstore is there.

    Raises:
        ModuleNotFoundError: The extra ``remote`` is not installed.
    """
    try:
        import obstore  # noqa: F401  # it is needed later
    except ModuleNotFoundError:
        raise ModuleNotFoundError(
            f"keeping stores in {scheme}:// takes obstore: pip install 'brinery[remote]'"
        ) from None


def tag_of(meta: Any) -> dict[str, str]:
    """What tells a version of an object from others: Google's conditions are on versions, those of others on tags."""
    return {name: meta[name] for name in ("e_tag", "version") if meta[name] is not None}
