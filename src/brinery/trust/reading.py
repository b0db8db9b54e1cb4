"""The user's keys as they stand in files and environment; made on first use.

``own.keys`` (0600) has the secrets, the one in use last; ``keyring.json`` has the keys of others by name, and what was
revoked. ``BRINERY_KEY`` holds the secret for machines without such files; several, separated by commas, of which the
first is in use.
"""

from __future__ import annotations

import os
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from brinery.errors import KeyFileError
from brinery.trust.files import check_folder, home, locked, read_checked, write_private
from brinery.trust.identity import Identity
from brinery.trust.keyring import Keyring, OwnKey, read_public

__all__ = ["OWN", "PUBLIC", "Stamp", "line_of", "now", "read_keyring", "stamp_of_files", "with_public"]

OWN = "own.keys"
PUBLIC = "keyring.json"

Stamp = tuple[object, ...]


def stamp_of_files() -> Stamp:
    """What changes when the keys do."""
    folder = home()
    stamps: list[object] = []
    for name in (OWN, PUBLIC):
        try:
            status = (folder / name).stat()
        except OSError:
            stamps.append(None)
        else:
            stamps.append((status.st_mtime_ns, status.st_ino, status.st_size, status.st_mode))
    return (folder, os.environ.get("BRINERY_KEY"), *stamps)


def read_keyring() -> Keyring:
    """The user's keyring; own keys come from the environment if they are there.

    Raises:
        KeyFileError: Others can read or change the files, or they are not what they should be.
    """
    folder = home()
    check_folder(folder)
    given = os.environ.get("BRINERY_KEY")
    if given:
        with named("BRINERY_KEY"):
            own = tuple(OwnKey(Identity.from_text(word)) for word in reversed(given.split(",")))
    else:
        own = own_keys(folder)
    ring = with_public(folder, Keyring(own))
    if ring.is_revoked_seal(ring.current.seal.id):
        where = "BRINERY_KEY" if given else str(folder / OWN)
        raise KeyFileError(f"the key in use, of {where}, has been revoked: make another with  brinery keys new")
    return ring


@contextmanager
def named(source: object) -> Iterator[None]:
    """Say in errors what the text came from."""
    try:
        yield
    except KeyFileError as error:
        raise KeyFileError(f"{source}: {error}") from None


def with_public(folder: Path, ring: Keyring) -> Keyring:
    """The keyring with what the folder says of others' keys, which may be nothing."""
    path = folder / PUBLIC
    try:
        text = read_checked(path, secret=False)
    except OSError as error:
        if not os.path.lexists(path):
            return ring
        # What was revoked would count again.
        raise KeyFileError(f"{path} cannot be read: {error.strerror}") from error
    with named(path):
        return ring if text is None else Keyring(ring.own, **read_public(text))


def own_keys(folder: Path) -> tuple[OwnKey, ...]:
    """The keys of the folder's file, made if there is none; where it cannot be, one of this process."""
    path = folder / OWN
    try:
        text = read_checked(path, secret=True)
        if text is None:
            text = make_own_keys(folder)
    except OSError as error:
        return (OwnKey(key_of_process(folder, error)),)
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    if not lines:
        raise KeyFileError(f"{path} has no key in it: put back the right file, or remove it to have a new key made")
    with named(path):
        return tuple(own_key_of(line) for line in lines)


def make_own_keys(folder: Path) -> str:
    """The text of a file with a new key, or that of the process which was first."""
    with locked(folder):
        text = read_checked(folder / OWN, secret=True)
        if text is None:
            text = line_of(Identity.new())
            write_private(folder / OWN, text)
        return text


keys_of_process: dict[str, Identity] = {}


def key_of_process(folder: Path, error: OSError) -> Identity:
    """A key that ends with this process and its forks; says so once."""
    made = Identity.new()
    # Of several threads the first one's counts, and tells.
    key = keys_of_process.setdefault("only", made)
    if key is made:
        warnings.warn(
            f"no key can be kept in {folder} ({error.strerror}): what this process seals, no other will know as its "
            "own. Set BRINERY_HOME to a folder that can be written, or BRINERY_KEY to a key",
            RuntimeWarning,
            stacklevel=2,
        )
    return key


def own_key_of(line: str) -> OwnKey:
    """A line of the file of own keys: when it was made, and the secret."""
    made, _, secret = line.partition(" ")
    return OwnKey(Identity.from_text(secret), made)


def line_of(identity: Identity) -> str:
    """The line for the file of own keys."""
    return f"{now()} {identity.secret_text()}\n"


def now() -> str:
    """The time, ISO 8601 in UTC."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
