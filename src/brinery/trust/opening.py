"""What the trailer of bytes says about where they come from: the door that loading goes through."""

from __future__ import annotations

from typing import NamedTuple

from brinery.errors import IntegrityError
from brinery.trust.current import keyring
from brinery.trust.file_trailer import is_of_file, opened_file
from brinery.trust.keyring import Keyring, Origin
from brinery.trust.seal import ID_IN_PLAIN, PLAIN_SIZE, read_head
from brinery.trust.signing import signer_of
from brinery.trust.trailer import END, SEAL, SIGNATURE, Trailer, find_trailer

__all__ = ["Opened", "opened"]


class Opened(NamedTuple):
    """Bytes without their trailer, and whose they are: None for nobody whose word counts, for the `reason` given."""

    payload: memoryview
    origin: Origin | None
    reason: str = ""


OWN = Origin("own")
LAST = slice(-len(END), None)


def opened(data: bytes | memoryview, *, keys: Keyring | None = None, context: bytes = b"") -> Opened:
    """Take off the trailer, and say who made it.

    A seal may stand around a signature: it is the fast way for the user, the signature for everyone else.

    Args:
        data: Bytes as :meth:`~brinery.trust.seal.SealKey.sealed` or :func:`~brinery.trust.signing.sign` gave them, or
            any others.
        keys: Whose word counts; without, the user's keyring.
        context: What the seal or signature was made for.

    Raises:
        IntegrityError: The trailer is of a key that is known here, and not of these bytes and context, or damaged.

    >>> made = opened(keyring().current.seal.sealed(b"N."))
    >>> bytes(made.payload), made.origin.kind
    (b'N.', 'own')
    """
    view = memoryview(data).cast("B")
    if view[LAST] != END:
        return Opened(view, None, "they are neither sealed nor signed")
    if keys is None:
        keys = keyring()
    key = keys.current.seal
    # What most bytes are, and all that the rest would find out about them.
    if not context and view[ID_IN_PLAIN] == key.id and key.is_plainly(view) and not keys.revoked:
        payload = view[:-PLAIN_SIZE]
        inner = find_signature(payload)
        return Opened(payload if inner is None else inner.payload, OWN)
    trailer = find_trailer(view)
    if trailer is None:
        return Opened(view, None, "they are neither sealed nor signed")
    if trailer.kind == SEAL:
        return opened_seal(trailer, keys, context)
    if is_of_file(trailer):
        return opened_whole_file(trailer, keys)
    return opened_signature(trailer, keys, context)


def opened_seal(trailer: Trailer, keys: Keyring, context: bytes) -> Opened:
    """The same for a seal."""
    key_id, _ = read_head(trailer)
    key = keys.seals.get(key_id)
    if key is not None and not key.fits(trailer, context=context):
        raise IntegrityError(
            "the seal does not fit the bytes: they were changed or put together since, or belong elsewhere"
        )
    inner = find_signature(trailer.payload)
    is_revoked = keys.is_revoked_seal(key_id)
    if key is not None and not is_revoked:
        return Opened(trailer.payload if inner is None else inner.payload, OWN)
    if inner is not None:
        return opened_signature(inner, keys, context)
    reason = "they are sealed with a key that was revoked" if is_revoked else "they are sealed by someone else"
    return Opened(trailer.payload, None, reason)


def opened_whole_file(trailer: Trailer, keys: Keyring) -> Opened:
    """The same for the bytes of a file."""
    made = opened_file(trailer, len(trailer.payload), keys=keys)
    made.manifest.verify(trailer.payload)
    return Opened(trailer.payload[: made.manifest.end], made.origin, made.reason)


def find_signature(payload: memoryview) -> Trailer | None:
    """The signature that a seal stands around."""
    inner = find_trailer(payload)
    return inner if inner is not None and inner.kind == SIGNATURE else None


def opened_signature(trailer: Trailer, keys: Keyring, context: bytes) -> Opened:
    """The same for a signature."""
    key = signer_of(trailer, context=context)
    if revocation := keys.revocation_of(key):
        return Opened(trailer.payload, None, f"they are signed with a key that was revoked on {revocation.when}")
    origin = keys.origin_of(key)
    reason = "" if origin else f"they are signed with a key that is not trusted: {key.text}"
    return Opened(trailer.payload, origin, reason)
