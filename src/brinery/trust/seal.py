"""The seal: a keyed BLAKE3 MAC after STOP, by which a user's processes know what a process of the same user wrote.

Head of the trailer: id of the key (8 bytes), spans (offset and length of each, 8 bytes little-endian). Proof: MAC.

A *span* is the memory of an array of plain numbers within the bytes. It can run nothing, and there may be a lot of it,
so that it enters the MAC by way of 128-bit XXH3 with a secret seed. The spans are what the encoder wrote as arrays,
and are under the MAC themselves, as is every length in the stream: nobody but the owner of the key can call anything a
span. Whatever else a pickle holds goes through BLAKE3.

Source: BLAKE3, https://github.com/BLAKE3-team/BLAKE3-specs (keyed hashing, key derivation).
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from typing import Any, Literal, get_args

from brinery.errors import IntegrityError
from brinery.trust.checksums import checksum
from brinery.trust.trailer import AFTER_PROOF, BEFORE_HEAD, PROOF_SIZES, SEAL, Trailer, around_proof

__all__ = ["ID_IN_PLAIN", "PLAIN_SIZE", "SealKey", "Span", "read_head"]

RecordUse = Literal["log", "store"]
Span = tuple[int, int]  # offset and length in bytes

ID_SIZE = 8
SPAN_SIZE = 16
PROOF = slice(-AFTER_PROOF - PROOF_SIZES[SEAL], -AFTER_PROOF)
# Without spans, which is what most seals are, the id has its place.
PLAIN_SIZE = BEFORE_HEAD + ID_SIZE + PROOF_SIZES[SEAL] + AFTER_PROOF
ID_IN_PLAIN = slice(BEFORE_HEAD - PLAIN_SIZE, BEFORE_HEAD + ID_SIZE - PLAIN_SIZE)
# One derived key for each use, so that what is made for one is worth nothing for another.
PURPOSE = "brinery 2026-11-25 seal: "


def read_head(seal: Trailer) -> tuple[bytes, list[Span]]:
    """The id of the key and the spans of a seal.

    Raises:
        IntegrityError: They are not of this layout.
    """
    table = seal.head[ID_SIZE:]
    if len(seal.head) < ID_SIZE or len(table) % SPAN_SIZE:
        raise IntegrityError("the seal at the end of the bytes is damaged")
    return seal.head[:ID_SIZE], list(struct.iter_unpack("<QQ", table)) if table else []


class SealKey:
    """What a user's secret gives to seal with. Neither shown nor pickled."""

    __slots__ = ("_after", "_before", "_bound", "_checksums", "_is_same", "_plain", "_records", "_seed", "id")

    def __init__(self, secret: bytes) -> None:
        """Derive what is needed from the 32 bytes of the secret."""
        from hmac import compare_digest

        from blake3 import blake3

        def derived(purpose: str) -> bytes:
            return blake3(secret, derive_key_context=PURPOSE + purpose).digest()

        self.id = derived("id")[:ID_SIZE]
        self._before, self._after = around_proof(SEAL, self.id)
        self._plain = blake3(key=derived("payload alone"))
        self._bound = blake3(key=derived("payload with spans and context"))
        self._checksums = blake3(key=derived("checksums of the buffers of a file"))
        self._records = {use: blake3(key=derived(f"records of a {use}")) for use in get_args(RecordUse)}
        self._is_same = compare_digest
        self._seed = int.from_bytes(derived("seed of spans")[:8], "little")

    def __repr__(self) -> str:
        """Say whose it is, and nothing of the key."""
        return f"<SealKey {self.id.hex()}>"

    def __reduce__(self) -> Any:
        """Refuse: keys stay where they are."""
        raise TypeError("keys cannot be pickled")

    def trailer(self, payload: bytes | memoryview, spans: Sequence[Span] = (), *, context: bytes = b"") -> bytes:
        """The trailer that seals the payload.

        Args:
            payload: The pickle, STOP included.
            spans: Offset and length of the arrays of plain numbers in it, in order.
            context: What the seal holds for: the place of a store, say. Whoever opens it has to give the same.
        """
        if spans or context:
            before, after = around_proof(SEAL, self.id + packed(spans))
            return before + self._bound_mac(memoryview(payload), spans, context) + after
        # What most are: with a key of its own it needs nothing else.
        hasher = self._plain.copy()
        hasher.update(payload)
        return self._before + hasher.digest() + self._after

    def sealed(self, payload: bytes, *, context: bytes = b"") -> bytes:
        """The payload with its seal, see :meth:`trailer`.

        >>> key = SealKey(bytes(32))
        >>> len(key.sealed(b"N.")) - len(b"N.")
        57
        """
        return payload + self.trailer(payload, context=context)

    def is_plainly(self, data: memoryview) -> bool:
        """Whether the bytes end with what this key seals all before it with, without spans and context."""
        return self._is_same(self.trailer(data[:-PLAIN_SIZE]), data[-PLAIN_SIZE:])

    def fits(self, seal: Trailer, *, context: bytes = b"") -> bool:
        """Whether this key made the seal for this payload and context. Takes the same time wherever they differ."""
        _, spans = read_head(seal)
        if not are_within(spans, len(seal.payload)):
            return False
        ours = self.trailer(seal.payload, spans, context=context)
        return self._is_same(ours[PROOF], seal.proof)

    def new_checksum(self) -> Any:
        """What makes a checksum of numbers that can run nothing, fed by ``update()``, read by ``digest()``.

        To be shown to nobody: see :meth:`proof_of`.
        """
        from xxhash import xxh3_128

        return xxh3_128(seed=self._seed)

    def proof_of(self, checksums: bytes) -> bytes:
        """What proves to the owner of this key that memory has these checksums, one after the other."""
        hasher = self._checksums.copy()
        hasher.update(checksums)
        digest: bytes = hasher.digest()
        return digest

    def proves(self, proof: bytes, checksums: bytes) -> bool:
        """Whether a proof is of these checksums."""
        return self._is_same(self.proof_of(checksums), proof)

    def record_mac(self, placed: bytes | memoryview, use: RecordUse) -> bytes:
        """The MAC of a record with its place in a log or a store before it, 16 bytes."""
        hasher = self._records[use].copy()
        hasher.update(placed)
        digest: bytes = hasher.digest(16)
        return digest

    def made_record(self, mac: bytes, placed: bytes | memoryview, use: RecordUse) -> bool:
        """Whether the owner of this key put a record in its place of a log or a store."""
        return self._is_same(self.record_mac(placed, use), mac)

    def _bound_mac(self, payload: memoryview, spans: Sequence[Span], context: bytes) -> bytes:
        # The lengths come last and have a fixed size, so that no two inputs are the same bytes.
        hasher = self._bound.copy()
        checksums, position = [], 0
        for offset, length in spans:
            hasher.update(payload[position:offset])
            position = offset + length
            checksums.append(checksum(payload[offset:position], self._seed))
        hasher.update(payload[position:])
        lengths = struct.pack("<QQQ", len(payload), len(spans), len(context))
        hasher.update(b"".join([*checksums, packed(spans), context, lengths]))
        return hasher.digest()


def packed(spans: Iterable[Span]) -> bytes:
    """The spans as they stand in the trailer."""
    return b"".join(struct.pack("<QQ", *span) for span in spans)


def are_within(spans: Iterable[Span], size: int) -> bool:
    """Whether the spans come one after the other within so many bytes."""
    position = 0
    for offset, length in spans:
        if offset < position:
            return False
        position = offset + length
    return position <= size
