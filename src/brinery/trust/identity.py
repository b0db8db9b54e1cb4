"""The two halves of a user's key: the secret one that signs and seals, and the public one that others trust.

Source: Ed25519, RFC 8032.
"""

from __future__ import annotations

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any, NamedTuple

from brinery.errors import KeyFileError
from brinery.trust.seal import SealKey

__all__ = ["Identity", "PublicKey"]

SECRET = "brinery-secret:"
PUBLIC = "brinery-public:"
KEY_SIZE = 32


def as_text(prefix: str, raw: bytes) -> str:
    """A key as one word."""
    return prefix + urlsafe_b64encode(raw).decode().rstrip("=")


def from_text(prefix: str, text: str) -> bytes:
    """The key that is one word. The error does not repeat it."""
    word = text.strip()
    try:
        if not word.startswith(prefix):
            raise ValueError
        raw = urlsafe_b64decode(word.removeprefix(prefix) + "=")
        if len(raw) != KEY_SIZE or as_text(prefix, raw) != word:
            raise ValueError
    except ValueError:
        raise KeyFileError(f"not a key: one begins with {prefix} and has 43 letters and digits after it") from None
    return raw


class PublicKey(NamedTuple):
    """The half of a key that others know.

    >>> PublicKey(bytes(32)).text
    'brinery-public:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'
    """

    raw: bytes

    @classmethod
    def from_text(cls, text: str) -> PublicKey:
        """The key of a text.

        Raises:
            KeyFileError: It is none.
        """
        return cls(from_text(PUBLIC, text))

    @property
    def text(self) -> str:
        """The key as one word, to send to others."""
        return as_text(PUBLIC, self.raw)

    @property
    def fingerprint(self) -> str:
        """Sixteen hexadecimal digits to compare by eye: of the key's BLAKE3 hash."""
        from blake3 import blake3

        return blake3(self.raw).hexdigest(8)

    def made(self, signature: bytes, message: bytes) -> bool:
        """Whether the owner of the key signed the message."""
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, message)
        except InvalidSignature:
            return False
        return True


class Identity:
    """A user's own key. What it shows of itself is public; it is not pickled."""

    __slots__ = ("_public", "_secret", "seal")

    def __init__(self, secret: bytes) -> None:
        """Take 32 bytes as the secret."""
        self._secret = secret
        self._public: PublicKey | None = None
        self.seal = SealKey(secret)

    @classmethod
    def new(cls) -> Identity:
        """A new key, from the system's source of randomness."""
        return cls(os.urandom(KEY_SIZE))

    @classmethod
    def from_text(cls, text: str) -> Identity:
        """The key that :meth:`secret_text` gave.

        Raises:
            KeyFileError: It is none.
        """
        return cls(from_text(SECRET, text))

    def secret_text(self) -> str:
        """The secret as one word: whoever has it can sign and seal as this user."""
        return as_text(SECRET, self._secret)

    @property
    def public(self) -> PublicKey:
        """The half to give away."""
        if self._public is None:
            self._public = PublicKey(self._private().public_key().public_bytes_raw())
        return self._public

    def sign(self, message: bytes) -> bytes:
        """The Ed25519 signature of the message, 64 bytes."""
        signature: bytes = self._private().sign(message)
        return signature

    def _private(self) -> Any:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return Ed25519PrivateKey.from_private_bytes(self._secret)

    def __repr__(self) -> str:
        """Name the key by its public half."""
        return f"<Identity {self.public.fingerprint}>"

    def __reduce__(self) -> Any:
        """Refuse: keys stay where they are."""
        raise TypeError("keys cannot be pickled")
