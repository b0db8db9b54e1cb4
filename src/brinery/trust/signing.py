"""Signatures: Ed25519 over the BLAKE3 hash of the bytes, in a trailer that names the signer's public key.

Head of the trailer: public key (32 bytes). Proof: signature.
"""

from __future__ import annotations

from brinery.errors import IntegrityError, UntrustedError
from brinery.hashing import threads_for
from brinery.trust.current import keyring
from brinery.trust.identity import Identity, PublicKey
from brinery.trust.keyring import Keyring, Origin
from brinery.trust.trailer import SIGNATURE, Trailer, around_proof, find_trailer

__all__ = ["sign", "signer_of", "verify"]

KEY_SIZE = 32
# What is signed begins with this: a signature of anything else says nothing about bytes, and the other way round.
PURPOSE = "brinery 2026-11-25 signature"


def sign(data: bytes, *, identity: Identity | None = None, context: bytes = b"") -> bytes:
    """The bytes with a signature after them. A pickle stays one: readers stop at STOP.

    Args:
        data: Any bytes.
        identity: The key to sign with; without, the user's own, which is made on first use.
        context: What the signature holds for: a name, say. Whoever verifies it has to give the same.

    >>> data, signer = verify(sign(b"anything"))
    >>> bytes(data), signer.kind
    (b'anything', 'own')
    """
    identity = identity or keyring().current
    signature = identity.sign(message_of(memoryview(data), context))
    before, after = around_proof(SIGNATURE, identity.public.raw)
    return b"".join((data, before, signature, after))


def verify(data: bytes | memoryview, *, keys: Keyring | None = None, context: bytes = b"") -> tuple[memoryview, Origin]:
    """A view of the bytes that were signed, and by whom: the user, or somebody whose key the user trusts.

    Raises:
        IntegrityError: There is no signature, or it is not of these bytes.
        UntrustedError: The signature is right, of a key that nobody has said to trust, or that was revoked.
    """
    keys = keys or keyring()
    trailer = find_trailer(memoryview(data))
    if trailer is None or trailer.kind != SIGNATURE:
        raise IntegrityError("the bytes are not signed")
    key = signer_of(trailer, context=context)
    if revocation := keys.revocation_of(key):
        raise UntrustedError(f"signed with a key that was revoked on {revocation.when}: {key.text}")
    origin = keys.origin_of(key)
    if origin is None:
        raise UntrustedError(
            f"signed with a key that is not trusted. If you know whose it is: brinery keys trust NAME {key.text}"
        )
    return trailer.payload, origin


def signer_of(trailer: Trailer, *, context: bytes = b"") -> PublicKey:
    """The key that made a signature.

    Raises:
        IntegrityError: The signature is not of these bytes.
    """
    if len(trailer.head) != KEY_SIZE:
        raise IntegrityError("the signature at the end of the bytes is damaged")
    key = PublicKey(trailer.head)
    if not key.made(trailer.proof, message_of(trailer.payload, context)):
        raise IntegrityError(
            "the signature does not fit the bytes: they were changed or put together since, or belong elsewhere"
        )
    return key


def message_of(payload: memoryview, context: bytes) -> bytes:
    """What is signed for a payload: a hash of it, and one of the context."""
    from blake3 import blake3

    threads = threads_for(len(payload))
    digests = [
        blake3(each, derive_key_context=f"{PURPOSE}: {part}", max_threads=threads).digest()
        for each, part in ((payload, "payload"), (context, "context"))
    ]
    return b"".join([PURPOSE.encode(), *digests])
