"""What a store keeps under a key: a pickle, or the name of a file, and what proves that it belongs there.

::

    value = content proof
    proof = kind (1) MAC (16) id of the key (8) checksum (8)

The content of kind ``V`` is a pickle, which any reader of pickles takes as it stops at STOP. That of kind ``F`` is the
name of a file (16 bytes) and the hash of its manifest (32). The MAC is keyed BLAKE3 of the user who wrote it, over the
kind, the id of the store, the key and the content; the checksum is XXH3 of the same, for everybody else.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from brinery.errors import IntegrityError
from brinery.files.layout import layout_of
from brinery.files.padding import ALIGNMENT
from brinery.files.reading import load_expected
from brinery.files.streams import write_stream
from brinery.files.verifying import verify as verify_file
from brinery.files.writing import stream_of
from brinery.reducers import Reduction
from brinery.serializer import encode_by, pieces_of, rebuilt
from brinery.trust import Expected, Origin, keyring

__all__ = ["LARGE", "Content", "Values"]

INLINE, IN_FILE = b"V", b"F"
PROOF_SIZE = 33
PROTOCOL = 5
# From here on a value has a file of its own.
LARGE = 64 * 1024
NAME_SIZE = 16
OWN = Origin("own")
STRANGERS = "nobody whose word counts has written them"


class Content(NamedTuple):
    """What is proven of a value: its content, the name of its file, if it has one, and whose it is."""

    data: bytes
    file: str | None
    origin: Origin | None


class Values:
    """Turns objects into values for the keys of one store, and back."""

    def __init__(self, store: bytes, folder: Path | None, *, durable: bool, trust: Any) -> None:
        """For the store of that id; large values go into the folder, if there is one."""
        self._store = store
        self._folder = folder
        self._durable = durable
        self._trust = trust

    def write(self, key: bytes, obj: Any) -> bytes:
        """The value of an object; writes its file, if it is large.

        Raises:
            EncodeError: It cannot be pickled.
            OSError: Its file cannot be written.
        """
        buffers: list[Any] = []
        data, _ = encode_by(Reduction, obj, PROTOCOL, buffers, "raise")
        if not buffers and len(data) < LARGE:
            return self._proven(INLINE, key, data)
        # Only now, as most values are small, and have no memory that would be copied.
        pieces = pieces_of(obj, PROTOCOL, ALIGNMENT)
        if self._folder is None or sum(map(len, pieces.memory)) < LARGE:
            return self._proven(INLINE, key, b"".join(pieces.memory))
        name = new_name()
        path = self.path_of(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        known = write_stream(
            stream_of(pieces, PROTOCOL, {}), path, None, keyring().current, progress=False, durable=self._durable
        )
        return self._proven(IN_FILE, key, bytes.fromhex(name) + known)

    def _proven(self, kind: bytes, key: bytes, data: bytes) -> bytes:
        placed = self._placed(kind, key, data)
        seal = keyring().current.seal
        return b"".join((data, kind, seal.record_mac(placed, "store"), seal.id, checksum(placed)))

    def _placed(self, kind: bytes, key: bytes, data: bytes) -> bytes:
        """What is proven: the content, and all that it depends on."""
        return b"".join((kind, self._store, len(key).to_bytes(4, "little"), key, data))

    def content(self, key: bytes, value: bytes) -> Content:
        """What a value has, proven.

        Raises:
            IntegrityError: It is damaged, or of another key or store.
        """
        if len(value) <= PROOF_SIZE:
            raise IntegrityError("the value is damaged: it is too short")
        data, proof = value[:-PROOF_SIZE], value[-PROOF_SIZE:]
        kind, key_id = proof[:1], proof[17:25]
        placed = self._placed(kind, key, data)
        keys = keyring()
        seal = keys.seals.get(key_id)
        is_whole = checksum(placed) == proof[25:] if seal is None else seal.made_record(proof[1:17], placed, "store")
        if not is_whole or kind not in {INLINE, IN_FILE} or (kind == IN_FILE and len(data) != NAME_SIZE + 32):
            raise IntegrityError("the value is damaged, or of another key")
        own = seal is not None and not keys.is_revoked_seal(key_id)
        return Content(data, data[:NAME_SIZE].hex() if kind == IN_FILE else None, OWN if own else None)

    def read(self, key: bytes, value: bytes) -> Any:
        """The object of a value; arrays of large ones stay in their files until they are looked at.

        Raises:
            IntegrityError: The value is damaged, or of another key or store.
            FileNotFoundError: Its file is not there.
            UntrustedError, LimitError, DecodeError: As :func:`brinery.loads`.
        """
        data, file, origin = self.content(key, value)
        if file is not None:
            return load_expected(self.path_of(file), Expected(data[NAME_SIZE:], origin is not None), trust=self._trust)
        return rebuilt(data, origin, STRANGERS, trust=self._trust)

    def key(self, key: bytes, value: bytes, pickle: bytes) -> Any:
        """The object of a key, or a part of it, that is a pickle: as trusted as the value which it is proven with."""
        return rebuilt(pickle, self.content(key, value).origin, STRANGERS, trust=self._trust)

    def file_of(self, value: bytes) -> str | None:
        """The name of the file of a value, if it has one; nothing is proven."""
        is_in_file = value[-PROOF_SIZE : 1 - PROOF_SIZE] == IN_FILE
        return value[:NAME_SIZE].hex() if is_in_file and len(value) == NAME_SIZE + 32 + PROOF_SIZE else None

    def verify(self, key: bytes, value: bytes) -> None:
        """Look at all of a value, without building the object.

        Raises:
            IntegrityError: It is damaged, or of another key or store.
            FileNotFoundError: Its file is not there.
        """
        data, file, origin = self.content(key, value)
        if file is None:
            return
        with self.path_of(file).open("rb", buffering=0) as opened:
            if layout_of(opened, Expected(data[NAME_SIZE:], origin is not None)) is None:
                raise IntegrityError("its file is damaged: it has no manifest")
        found = verify_file(self.path_of(file), progress=False)
        if not found.is_whole:
            raise IntegrityError(f"its file is damaged: {found.problem}")

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
