"""What a store keeps under a key: a pickle, or what is said of a file, and what proves that it belongs there.

::

    value   = content [expires (8)] proof
    proof   = kind (1) MAC (16) id of the key (8) checksum (8)

The content of kind ``V`` is a pickle, which any reader of pickles takes as it stops at STOP. That of kind ``F`` is a
:class:`~brinery.stores.blobs.Blob`. With small letters it is followed by the time at which it expires, seconds since
the epoch as IEEE 754, the lowest byte first. The MAC is keyed BLAKE3 of the user who wrote it, over the kind, the id
of the store, the key and what comes before the proof; the checksum is XXH3 of the same, for everybody else.
"""

from __future__ import annotations

import struct
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from brinery.errors import IntegrityError
from brinery.files.atomic import sync_folder
from brinery.files.layout import skeleton_of
from brinery.files.padding import ALIGNMENT
from brinery.files.reading import check_places
from brinery.serializer import Encoder, pieces_of, rebuilt
from brinery.stores.blobs import NAME_SIZE, Blob, Stamp, map_blob, parts_of, proves, write_blob
from brinery.trust import Origin, SealKey, keyring

__all__ = ["LARGE", "Content", "Values", "Written", "expires_of", "file_of"]

INLINE, IN_FILE, INLINE_EXPIRING, IN_FILE_EXPIRING = b"V", b"F", b"v", b"f"
EXPIRING = (INLINE_EXPIRING, IN_FILE_EXPIRING)
FILES = (IN_FILE, IN_FILE_EXPIRING)
KINDS = frozenset((INLINE, IN_FILE, INLINE_EXPIRING, IN_FILE_EXPIRING))
PROOF_SIZE = 33
KIND, MAC, KEY_ID, CHECKSUM = slice(-33, -32), slice(-32, -16), slice(-16, -8), slice(-8, None)
EXPIRY = struct.Struct("<d")
PROTOCOL = 5
# From here on a value has a file of its own.
LARGE = 64 * 1024
OWN = Origin("own")
STRANGERS = "nobody whose word counts has written them"
# Files that are not as they were left (copies, say), and known to be what was written all the same.
MOST_VERIFIED = 100_000


# What is proven of a value: its content, whether that is in a file, whose it is, and the key that proves it. A plain
# tuple, as it is made for each value that is read.
Content = tuple[bytes, bool, Origin | None, SealKey | None]


class Written(NamedTuple):
    """A value that is to be kept under a key, and how many bytes its file has: 0 if it has none."""

    key: bytes
    value: bytes
    file_size: int


def file_of(value: bytes) -> str | None:
    """The name of the file of a value, if it has one; nothing is proven."""
    return value[:NAME_SIZE].hex() if value[KIND] in FILES and len(value) > NAME_SIZE + PROOF_SIZE else None


def expires_of(value: bytes) -> float | None:
    """When a value expires, in seconds since the epoch; nothing is proven."""
    if value[KIND] not in EXPIRING or len(value) < EXPIRY.size + PROOF_SIZE:
        return None
    found: float = EXPIRY.unpack(value[-PROOF_SIZE - EXPIRY.size : -PROOF_SIZE])[0]
    return found


class Values:
    """Turns objects into values for the keys of one store, and back."""

    def __init__(self, store: bytes, folder: Path | None, *, durable: bool, trust: Any) -> None:
        """For the store of that id; large values go into the folder, if there is one."""
        self._store = store
        self._folder = folder
        self._durable = durable
        self._trust = trust
        self._verified: OrderedDict[str, Stamp] = OrderedDict()

    def write(self, items: Iterable[tuple[bytes, Any]], expires: float | None) -> Iterator[Written]:
        """The values of objects under keys, one after the other; writes the files of those that are large.

        Raises:
            EncodeError: One cannot be pickled.
            OSError: Its file cannot be written.
        """
        seal = keyring().current.seal
        prove = self.prover(seal)
        encode = Encoder()
        ending = b"" if expires is None else EXPIRY.pack(expires)
        inline, in_file = (INLINE, IN_FILE) if expires is None else EXPIRING
        for key, obj in items:
            data = encode(obj)
            if data is not None and len(data) < LARGE:
                yield Written(key, prove(inline, key, data + ending), 0)
                continue
            # Only now, as most values are small, and have no memory that would be copied.
            pieces = pieces_of(obj, PROTOCOL, ALIGNMENT)
            if self._folder is None or sum(map(len, pieces.memory)) < LARGE:
                yield Written(key, prove(inline, key, b"".join(pieces.memory) + ending), 0)
                continue
            name = new_name()
            path = self.path_of(name)
            if not path.parent.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                if self._durable:
                    sync_folder(self._folder)
            blob = write_blob(path, name, pieces, seal, durable=self._durable)
            yield Written(key, prove(in_file, key, blob.to_bytes() + ending), blob.size)

    def prover(self, seal: SealKey) -> Callable[[bytes, bytes, bytes], bytes]:
        """A function that puts the proof behind what is to be kept, of its kind and key."""
        from xxhash import xxh3_64_digest

        store, mac, key_id, join = self._store, seal.record_mac, seal.id, b"".join

        def prove(kind: bytes, key: bytes, data: bytes) -> bytes:
            placed = join((kind, store, len(key).to_bytes(4, "little"), key, data))
            return join((data, kind, mac(placed, "store"), key_id, xxh3_64_digest(placed)))

        return prove

    def content(self, key: bytes, value: bytes) -> Content:
        """What a value has, proven.

        Raises:
            IntegrityError: It is damaged, or of another key or store.
        """
        data, kind, key_id = value[:-PROOF_SIZE], value[KIND], value[KEY_ID]
        placed = b"".join((kind, self._store, len(key).to_bytes(4, "little"), key, data))
        keys = keyring()
        seal = keys.seals.get(key_id)
        if seal is None:
            is_whole = checksum(placed) == value[CHECKSUM]
        else:
            is_whole = seal.made_record(value[MAC], placed, "store")
        if not is_whole or kind not in KINDS:
            raise IntegrityError("the value is damaged, or of another key")
        if kind in EXPIRING:
            data = data[: -EXPIRY.size]
        own = seal is not None and not keys.is_revoked_seal(key_id)
        return data, kind in FILES, OWN if own else None, seal

    def read(self, key: bytes, value: bytes) -> Any:
        """The object of a value; arrays of large ones stay in their files until they are looked at.

        Raises:
            IntegrityError: The value is damaged, or of another key or store.
            FileNotFoundError: Its file is not there.
            UntrustedError, LimitError, DecodeError: As :func:`brinery.loads`.
        """
        data, is_file, origin, seal = self.content(key, value)
        if not is_file:
            return rebuilt(data, origin, STRANGERS, trust=self._trust)
        blob = Blob.from_bytes(data)
        parts = parts_of(self.mapped(blob, seal), blob.spans)
        between, buffers = parts[::2], parts[1::2]
        if origin is None:
            check_places(between, [len(each) for each in buffers])
        skeleton = skeleton_of(list(zip(between, [*(len(each) for each in buffers), 0], strict=True)))
        return rebuilt(skeleton, origin, STRANGERS, trust=self._trust, buffers=buffers)

    def mapped(self, blob: Blob, seal: SealKey | None, *, again: bool = False) -> memoryview:
        """The file of a value as memory, not read as long as nobody has written to it; else verified, once a process.

        Raises:
            IntegrityError: It is damaged.
            FileNotFoundError: It is not there.
        """
        path = self.path_of(blob.name)
        view, stamp = map_blob(path, blob)
        if again or (stamp != blob.stamp and self._verified.get(blob.name) != stamp):
            if not proves(blob, view, seal):
                raise IntegrityError(f"its file {path} is damaged")
            self._verified[blob.name] = stamp
            if len(self._verified) > MOST_VERIFIED:
                self._verified.popitem(last=False)
        return view

    def key(self, key: bytes, value: bytes, pickle: bytes) -> Any:
        """The object of a key, or a part of it, that is a pickle: as trusted as the value which it is proven with."""
        _, _, origin, _ = self.content(key, value)
        return rebuilt(pickle, origin, STRANGERS, trust=self._trust)

    def verify(self, key: bytes, value: bytes) -> None:
        """Look at all of a value, without building the object.

        Raises:
            IntegrityError: It is damaged, or of another key or store.
            FileNotFoundError: Its file is not there.
        """
        data, is_file, _, seal = self.content(key, value)
        if is_file:
            self.mapped(Blob.from_bytes(data), seal, again=True)

    def path_of(self, name: str) -> Path:
        """Where the file of that name is."""
        if self._folder is None:
            raise IntegrityError("the value is in a file, and the store has no folder for such")
        return self._folder / name[:2] / f"{name[2:]}.pkl"


def new_name() -> str:
    from secrets import token_hex

    return token_hex(NAME_SIZE)


def checksum(placed: bytes) -> bytes:
    from xxhash import xxh3_64_digest

    digest: bytes = xxh3_64_digest(placed)
    return digest
