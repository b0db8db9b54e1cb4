"""Whose word counts: the user's own keys, the keys of others by name, and what was revoked."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any, Literal, NamedTuple

from brinery.errors import KeyFileError
from brinery.trust.identity import Identity, PublicKey
from brinery.trust.seal import SealKey

__all__ = ["Keyring", "Origin", "OwnKey", "Revocation", "read_public"]


class Origin(NamedTuple):
    """Whose key bytes were sealed or signed with."""

    kind: Literal["own", "trusted"]
    name: str | None = None  # of a trusted key


class OwnKey(NamedTuple):
    """One of the user's own keys, and when it was made: ISO 8601, or None where nobody has noted it."""

    identity: Identity
    made: str | None = None


class Revocation(NamedTuple):
    """A public key that counts no more, since when, and whose it was."""

    key: str
    when: str
    name: str | None = None


class Keyring:
    """What is known of keys at one time. It does not change: :mod:`brinery.trust.keys` makes new ones.

    `own` has at least one key, the one in use last; the others still open what they sealed and signed.
    """

    def __init__(
        self,
        own: tuple[OwnKey, ...],
        trusted: dict[str, tuple[PublicKey, ...]] | None = None,
        revoked: tuple[Revocation, ...] = (),
    ) -> None:
        """Keep the parts as they are."""
        self.own = own
        self.trusted = trusted or {}
        self.revoked = revoked

    @cached_property
    def current(self) -> Identity:
        """The key that seals and signs."""
        return self.own[-1].identity

    @cached_property
    def trailer(self) -> Callable[..., bytes]:
        """What seals with the key in use: its :meth:`~brinery.trust.seal.SealKey.trailer`, at hand."""
        return self.current.seal.trailer

    @cached_property
    def seals(self) -> dict[bytes, SealKey]:
        """The user's own sealing keys by their ids, revoked ones too."""
        return {each.identity.seal.id: each.identity.seal for each in self.own}

    @cached_property
    def _revoked_seals(self) -> set[bytes]:
        return {each.identity.seal.id for each in self.own if self.revocation_of(each.identity.public)}

    def is_revoked_seal(self, key_id: bytes) -> bool:
        """Whether seals of an own key count no more."""
        # Public halves are worked out with a library that takes some time to import.
        return bool(self.revoked) and key_id in self._revoked_seals

    def revocation_of(self, key: PublicKey) -> Revocation | None:
        """When a key was revoked, or None if it counts."""
        if not self.revoked:
            return None
        return next((each for each in self.revoked if each.key == key.text), None)

    def origin_of(self, key: PublicKey) -> Origin | None:
        """Who a public key stands for; None for nobody that is known, and for a revoked one."""
        if self.revocation_of(key) is not None:
            return None
        for name, keys in self.trusted.items():
            if key in keys:
                return Origin("trusted", name)
        if any(each.identity.public == key for each in self.own):
            return Origin("own")
        return None

    def trusting(self, name: str, key: PublicKey) -> Keyring:
        """This keyring, with one more key of that name."""
        keys = self.trusted.get(name, ())
        return self if key in keys else Keyring(self.own, self.trusted | {name: (*keys, key)}, self.revoked)

    def revoking(self, key: PublicKey, when: str) -> Keyring:
        """This keyring, with that key counting no more."""
        if self.revocation_of(key) is not None:
            return self
        name = next((name for name, keys in self.trusted.items() if key in keys), None)
        left = {name: tuple(each for each in keys if each != key) for name, keys in self.trusted.items()}
        trusted = {name: keys for name, keys in left.items() if keys}
        return Keyring(self.own, trusted, (*self.revoked, Revocation(key.text, when, name)))

    def public_text(self) -> str:
        """What of it is not secret, as JSON."""
        import json

        plain = {
            "trusted": {name: [key.text for key in keys] for name, keys in self.trusted.items()},
            "revoked": [each._asdict() for each in self.revoked],
        }
        return json.dumps(plain, indent=2) + "\n"


def read_public(text: str) -> dict[str, Any]:
    """The arguments of a keyring that :meth:`Keyring.public_text` wrote down.

    Raises:
        KeyFileError: It is not such a text.
    """
    import json

    try:
        plain = json.loads(text)
        trusted = {
            str(name): tuple(PublicKey.from_text(key) for key in keys) for name, keys in plain["trusted"].items()
        }
        revoked = tuple(Revocation(**each) for each in plain["revoked"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise KeyFileError(f"not a keyring: {error}") from error
    return {"trusted": trusted, "revoked": revoked}
