"""The trailer of a file: its manifest, signed by whoever wrote it, or only proven to be whole.

Head of a signed one: public key (32 bytes), manifest; proof: Ed25519 signature of both. Head of one that is not signed:
manifest; proof: its BLAKE3 hash.

In compressed files the trailer is the content of a zstd frame that readers skip.

Source: RFC 8878, Zstandard, 3.1.2 (skippable frames).
"""

from __future__ import annotations

import struct
from typing import NamedTuple, TypeGuard

from brinery.errors import IntegrityError
from brinery.trust.current import keyring
from brinery.trust.identity import Identity, PublicKey
from brinery.trust.keyring import Keyring, Origin
from brinery.trust.manifest import FRAME_HEADER, Manifest, hash_of
from brinery.trust.seal import SealKey
from brinery.trust.signing import KEY_SIZE, message_of
from brinery.trust.trailer import AFTER_PROOF, BEFORE_HEAD, MANIFEST, SIGNED_MANIFEST, Trailer, around_proof

__all__ = ["OpenedFile", "file_trailer", "is_of_file", "is_remains", "opened_file"]

# A signature of a manifest is none of other bytes, and the other way round.
CONTEXT = b"manifest of a file"
SKIPPABLE = 0x184D2A5B


class OpenedFile(NamedTuple):
    """The manifest of a file, and whose it is: None for nobody whose word counts, for the `reason` given.

    `seal` is the user's key that the manifest has a proof of the buffers for, if it does.
    """

    manifest: Manifest
    signer: PublicKey | None
    origin: Origin | None
    reason: str = ""
    seal: SealKey | None = None


def file_trailer(manifest: Manifest, identity: Identity | None) -> bytes:
    """The trailer of a file, signed with the key if there is one; in a frame if the file is compressed."""
    content = manifest.to_bytes()
    if identity is None:
        before, after = around_proof(MANIFEST, content)
        trailer = before + hash_of(content) + after
    else:
        head = identity.public.raw + content
        before, after = around_proof(SIGNED_MANIFEST, head)
        trailer = before + identity.sign(message_of(memoryview(head), CONTEXT)) + after
    return frame_header(len(trailer)) + trailer if manifest.compression else trailer


def frame_header(size: int) -> bytes:
    """What comes before so many bytes that zstd is to skip."""
    return struct.pack("<II", SKIPPABLE, size)


def is_remains(rest: memoryview) -> bool:
    """Whether what follows a compressed stream begins as the frame around a trailer does."""
    begins = bytes(rest[:4])
    return bool(begins) and frame_header(0)[:4].startswith(begins)


def is_of_file(trailer: Trailer | None) -> TypeGuard[Trailer]:
    """Whether a trailer is that of a file."""
    return trailer is not None and trailer.kind in {MANIFEST, SIGNED_MANIFEST}


def opened_file(trailer: Trailer, before: int, *, keys: Keyring | None = None) -> OpenedFile:
    """What the trailer of a file says, with so many bytes before it, which are not looked at.

    Args:
        trailer: The trailer.
        before: How many bytes come before it.
        keys: Whose word counts; by default, those of the user.

    Raises:
        IntegrityError: The trailer is damaged, or of other bytes.
    """
    if trailer.kind == MANIFEST:
        if hash_of(trailer.head) != trailer.proof:
            raise IntegrityError("the manifest at the end of the file is damaged")
        return OpenedFile(manifest_of(trailer, trailer.head, before), None, None, "the file is not signed")
    signer = PublicKey(trailer.head[:KEY_SIZE])
    if len(trailer.head) < KEY_SIZE or not signer.made(trailer.proof, message_of(memoryview(trailer.head), CONTEXT)):
        raise IntegrityError("the signature at the end of the file does not fit its manifest: one of them was changed")
    manifest = manifest_of(trailer, trailer.head[KEY_SIZE:], before)
    keys = keys or keyring()
    if revocation := keys.revocation_of(signer):
        return OpenedFile(manifest, signer, None, f"it is signed with a key that was revoked on {revocation.when}")
    origin = keys.origin_of(signer)
    reason = "" if origin else f"it is signed with a key that is not trusted: {signer.text}"
    seal = None
    if origin is not None and origin.kind == "own" and manifest.proof is not None:
        seal = keys.seals.get(bytes.fromhex(manifest.proof[0]))
    return OpenedFile(manifest, signer, origin, reason, seal)


def manifest_of(trailer: Trailer, content: bytes, before: int) -> Manifest:
    manifest = Manifest.from_bytes(content, before)
    if manifest.compression:
        size = BEFORE_HEAD + len(trailer.head) + len(trailer.proof) + AFTER_PROOF
        if trailer.payload[-FRAME_HEADER:] != frame_header(size):
            raise IntegrityError("the frame around the manifest of the file is damaged")
    return manifest
