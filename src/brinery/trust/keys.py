"""Changing the user's keys: what ``brinery keys`` does."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from brinery.errors import KeyFileError
from brinery.trust.current import forget, keyring
from brinery.trust.files import home, locked, read_checked, write_private
from brinery.trust.identity import Identity, PublicKey
from brinery.trust.keyring import Keyring
from brinery.trust.reading import OWN, PUBLIC, line_of, now, with_public

__all__ = ["find_key", "new_key", "revoke_key", "trust_key"]


def new_key() -> Identity:
    """Make a new own key, which is in use from now on. The ones before it still open what they sealed and signed.

    Raises:
        KeyFileError: The key in use comes from ``BRINERY_KEY``, or nothing can be written.
    """
    if os.environ.get("BRINERY_KEY"):
        raise KeyFileError("the key in use comes from BRINERY_KEY: unset it, or set it to another one")
    identity = Identity.new()

    def change(folder: Path) -> None:
        before = read_checked(folder / OWN, secret=True) or ""
        write_private(folder / OWN, before + line_of(identity))

    change_files(change)
    return identity


def trust_key(name: str, key: PublicKey) -> None:
    """Trust what a key signs, as if it were one's own. A name may have several.

    Raises:
        KeyFileError: The key was revoked, the name could be taken for something else, or nothing can be written.
    """
    if not name.isprintable() or name != name.strip() or not name or name.startswith("brinery-"):
        raise KeyFileError(f"{name!r} is no name for a key: it has to be printable, and not to look like a key")

    def change(ring: Keyring) -> Keyring:
        if name not in ring.trusted and find_key(ring, name):
            raise KeyFileError(f"{name} is the fingerprint of a key, and no name for another one")
        if revocation := ring.revocation_of(key):
            raise KeyFileError(f"the key was revoked on {revocation.when}: {key.text}")
        return ring.trusting(name, key)

    change_public(change)


def revoke_key(key: PublicKey) -> None:
    """Have a key count no more, for what it has signed and sealed before, too.

    When it is the own key in use, a new one takes its place, unless it comes from ``BRINERY_KEY``.

    Raises:
        KeyFileError: Nothing can be written.
    """
    if keyring().current.public == key and not os.environ.get("BRINERY_KEY"):
        new_key()
    change_public(lambda ring: ring.revoking(key, now()))


def find_key(keys: Keyring, who: str) -> tuple[PublicKey, ...]:
    """The keys that a name, a fingerprint or a key itself stands for; none if it is not known."""
    if who in keys.trusted:
        return keys.trusted[who]
    known = [each.identity.public for each in keys.own] + [key for each in keys.trusted.values() for key in each]
    found = tuple(key for key in known if who in {key.fingerprint, key.text})
    return found or ((PublicKey.from_text(who),) if who.startswith("brinery-public:") else ())


def change_public(change: Callable[[Keyring], Keyring]) -> None:
    """Write down a changed keyring, while nobody else changes it."""
    own = keyring().own

    def rewrite(folder: Path) -> None:
        write_private(folder / PUBLIC, change(with_public(folder, Keyring(own))).public_text())

    change_files(rewrite)


def change_files(change: Callable[[Path], None]) -> None:
    """Have the files changed by one process at a time, and read them again."""
    folder = home()
    try:
        with locked(folder):
            change(folder)
    except OSError as error:
        raise KeyFileError(f"keys cannot be kept in {folder}: {error.strerror}") from error
    forget()
