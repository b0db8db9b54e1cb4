"""The keyring that this process goes by; looked for again when the files may have changed."""

from __future__ import annotations

from time import monotonic

from brinery.trust.keyring import Keyring

__all__ = ["forget", "keyring"]

# Seconds for which a process goes on with what it has read, before it looks whether the files have changed.
FRESH = 1.0


class Known:
    """What this process has read, what of, and until when it need not look again."""

    ring: Keyring | None = None
    stamp: tuple[object, ...] = ()
    until: float = 0.0


def keyring() -> Keyring:
    """The user's keys. On first use one is made.

    Where nothing can be written there is a key for this process alone, with a warning.

    Raises:
        KeyFileError: Others can read or change the files, or they are not what they should be.
    """
    ring = Known.ring
    if ring is not None and monotonic() < Known.until:
        return ring
    from brinery.trust.reading import read_keyring, stamp_of_files

    stamp = stamp_of_files()
    if ring is None or stamp != Known.stamp:
        ring = read_keyring()
        # Reading may have made the files.
        Known.stamp = stamp_of_files()
        Known.ring = ring
    Known.until = monotonic() + FRESH
    return ring


def forget() -> None:
    """Read the files again when next asked."""
    Known.ring = None
