"""Files in object stores and on web servers: ``s3://``, ``gs://``, ``az://``, and ``https://`` to read.

Credentials, regions and endpoints come from where the tools of each store look for them: the environment
(``AWS_ACCESS_KEY_ID``, ``AWS_ENDPOINT_URL``, ``GOOGLE_APPLICATION_CREDENTIALS``, ``AZURE_STORAGE_ACCOUNT_NAME`` and
others), the machine's own identity, and, where boto3 is installed, its profiles.

Source: obstore, https://developmentseed.org/obstore; RFC 9110, HTTP Semantics, 14 (ranges) and 13.1.1 (If-Match).
"""

from __future__ import annotations

import errno
import io
import os
import re
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from typing import IO, Any, cast

from brinery.errors import IntegrityError
from brinery.files.memory import new_memory

__all__ = ["RemoteFile", "fetched", "fill_ranges", "is_remote", "open_remote", "shown", "uploaded"]

ADDRESS = re.compile(r"(s3|gs|az|https?)://", re.IGNORECASE)
RETRIES = {"max_retries": 5, "retry_timeout": timedelta(seconds=60)}
PART = 8 << 20  # bytes of a request
MOST_REQUESTS = 8  # at a time: one alone seldom gets all that a connection has
QUERY = re.compile(r"\?[^\s\"')]*")


def is_remote(path: object) -> bool:
    """Whether it is the address of a file somewhere else.

    >>> is_remote("s3://models/small.pkl"), is_remote("models/small.pkl"), is_remote("C://models")
    (True, False, False)
    """
    return isinstance(path, str) and ADDRESS.match(path) is not None


def shown(address: str) -> str:
    """The address without what may be a secret: the signature of an address is in its query.

    >>> shown("https://example.org/model.pkl?X-Amz-Signature=1234")
    'https://example.org/model.pkl'
    """
    return re.sub(r"(?<=://)[^/@]*@", "", address.partition("?")[0])


class RemoteFile(io.RawIOBase):
    """A file elsewhere, open for reading; each read is a request of its own.

    As long as it is read it must not be replaced: a store that tells its files apart by tags refuses the rest then.
    """

    def __init__(self, store: Any, key: str, name: str, size: int, tag: str | None) -> None:
        """Of so many bytes under a key of a store."""
        super().__init__()
        self.name = name
        self.size = size
        self._store = store
        self._key = key
        self._tag = tag
        self._at = 0

    def readable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes."""
        return True

    def tell(self) -> int:
        """Where the next read begins."""
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to an offset."""
        self._at = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self.size}[whence]
        return self._at

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer, or as much of it as there is."""
        view = memoryview(buffer).cast("B")[: max(self.size - self._at, 0)]
        if view:
            self.read_at(view, self._at)
        self._at += len(view)
        return len(view)

    def read_at(self, view: memoryview, offset: int) -> None:
        """Fill the view from there on; by several threads at a time, if they like.

        Raises:
            IntegrityError: The file was replaced while it was read.
            OSError: The store does not answer, or not so.
        """
        import obstore
        from obstore.exceptions import PreconditionError

        options: Any = {"range": (offset, offset + len(view))}
        if self._tag is not None:
            options["if_match"] = self._tag
        filled = 0
        try:
            with translated(self.name):
                for piece in obstore.get(self._store, self._key, options=options).stream(min_chunk_size=1 << 20):
                    view[filled : filled + len(piece)] = piece
                    filled += len(piece)
        except (PreconditionError, ValueError):
            raise IntegrityError(f"{self.name} was replaced while it was read: try again") from None
        if filled != len(view):
            raise IntegrityError(f"{self.name} was replaced while it was read: try again")


class Fetched(io.BytesIO):
    """All of a file from a server that gives no parts."""

    def __init__(self, content: Any, name: str) -> None:
        """With the name for messages."""
        super().__init__(content)
        self.name = name


def open_remote(address: str) -> IO[bytes]:
    """A file elsewhere, open for reading.

    Raises:
        ModuleNotFoundError: The extra ``remote`` is not installed.
        OSError: There is no such file, it may not be read, or nobody answers.
    """
    store, key = store_of(address)
    import obstore
    from obstore.exceptions import NotSupportedError

    name = shown(address)
    with translated(name):
        if not is_web(address):
            found = obstore.head(store, key)
            return as_file(RemoteFile(store, key, name, found["size"], found["e_tag"]))
        # Addresses that are signed are signed for GET alone.
        try:
            answer = obstore.get(store, key, options={"range": (0, 1)})
            return as_file(RemoteFile(store, key, name, answer.meta["size"], strong(answer.meta["e_tag"])))
        except NotSupportedError:
            return Fetched(obstore.get(store, key).bytes(), name)


def fetched(file: RemoteFile, ranges: Iterable[tuple[int, int]], advance: Callable[[int], None]) -> memoryview:
    """Memory for all of a file, of which some parts are there: offset and size of each; several are fetched at once.

    Raises:
        IntegrityError, OSError: As :meth:`RemoteFile.read_at`.
    """
    memory = new_memory(file.size)
    fill_ranges(file, memory, ranges, advance)
    return memory


def fill_ranges(
    file: RemoteFile, memory: memoryview, ranges: Iterable[tuple[int, int]], advance: Callable[[int], None]
) -> None:
    """Fetch parts of a file to where they are in memory for all of it.

    Raises:
        IntegrityError, OSError: As :meth:`RemoteFile.read_at`.
    """
    wanted = [
        (start, min(PART, offset + size - start))
        for offset, size in ranges
        for start in range(offset, offset + size, PART)
    ]
    pieces = [memory[start : start + size] for start, size in wanted]
    with ThreadPoolExecutor(MOST_REQUESTS) as threads:
        for piece, _ in zip(pieces, threads.map(file.read_at, pieces, [start for start, _ in wanted]), strict=True):
            advance(len(piece))


def strong(tag: str | None) -> str | None:
    """The tag, if If-Match takes it (RFC 9110, 8.8.1)."""
    return None if tag is None or tag.startswith("W/") else tag


@contextmanager
def uploaded(address: str) -> Iterator[IO[bytes]]:
    """A file to write to, which is in the store once the block ends; after an error what was there is there.

    Raises:
        ModuleNotFoundError: The extra ``remote`` is not installed.
        ValueError: It is the address of a web server, which cannot be written to.
        OSError: The store does not take it.
    """
    if is_web(address):
        raise ValueError(f"{shown(address)} can only be read: write to s3://, gs:// or az://")
    store, key = store_of(address)
    import obstore

    writer = obstore.open_writer(store, key, buffer_size=PART)
    try:
        yield as_file(Upload(writer, shown(address)))
    except BaseException as error:
        # Left by an error, it gives up what it has uploaded.
        writer.__exit__(type(error), error, error.__traceback__)
        raise
    with translated(shown(address)):
        writer.close()


class Upload(io.RawIOBase):
    """Blocks on their way to a store."""

    def __init__(self, writer: Any, name: str) -> None:
        """Begin; nothing is seen in the store yet."""
        super().__init__()
        self.name = name
        self._writer = writer

    def writable(self) -> bool:
        """Yes."""
        return True

    def write(self, block: Any) -> int:
        """Hand over a copy of a block, as its memory may be used again before it is sent."""
        with translated(self.name):
            self._writer.write(bytes(block))
        return memoryview(block).nbytes


def as_file(file: io.RawIOBase) -> IO[bytes]:
    """The file by the name that the rest of the room has for files; raw ones have no such base class."""
    return cast("IO[bytes]", file)


def is_web(address: str) -> bool:
    return address.lower().startswith("http")


def store_of(address: str) -> tuple[Any, str]:
    """The store that an address leads to, and the key in there."""
    try:
        from obstore.store import HTTPStore, from_url
    except ModuleNotFoundError:
        raise ModuleNotFoundError(
            f"reading and writing {address.partition('://')[0]}:// takes obstore: pip install 'brinery[remote]'"
        ) from None
    options: Any = {"retry_config": RETRIES}
    with translated(shown(address)):
        if is_web(address):
            # The whole address is the store: so that its query stays.
            return HTTPStore.from_url(address, client_options={"allow_http": True}, **options), ""
        scheme, _, rest = address.partition("://")
        container, _, key = rest.partition("/")
        if not container or not key:
            raise ValueError(f"{shown(address)} names no file: {scheme}://CONTAINER/NAME does")
        if scheme.lower() == "s3":
            options |= profile()
        return from_url(f"{scheme.lower()}://{container}", **options), key


def profile() -> dict[str, Any]:
    """Credentials from the profiles of AWS's tools, where the environment has none and boto3 is there to read them."""
    if "AWS_ACCESS_KEY_ID" in os.environ:
        return {}
    try:
        from boto3 import Session  # type: ignore[import-untyped]
        from obstore.auth.boto3 import Boto3CredentialProvider
    except ModuleNotFoundError:
        return {}
    session = Session()
    if session.get_credentials() is None:
        return {}
    region = {"region": session.region_name} if session.region_name else {}
    return {"credential_provider": Boto3CredentialProvider(session), **region}


@contextmanager
def translated(name: str) -> Iterator[None]:
    """Raise what a store says as errors of the system, without the addresses in it, which may be signed."""
    from obstore import exceptions

    known: dict[type[Exception], tuple[int, str]] = {
        exceptions.PermissionDeniedError: (errno.EACCES, "this is not allowed"),
        exceptions.UnauthenticatedError: (errno.EACCES, "the credentials are not accepted"),
    }
    try:
        yield
    except (exceptions.PreconditionError, exceptions.NotSupportedError):
        raise
    except FileNotFoundError:
        raise FileNotFoundError(errno.ENOENT, "there is no such file", name) from None
    except (exceptions.BaseError, OSError) as error:
        code, told = known.get(type(error), (errno.EIO, QUERY.sub("", str(error).partition("\n")[0])))
        raise OSError(code, told, name) from None
