"""Whose bytes may do what: keys, seals and signatures; policies and the vetted list."""

from brinery.trust.current import keyring
from brinery.trust.keyring import Keyring, Origin
from brinery.trust.opening import Opened, opened
from brinery.trust.policy import Trust, allow, default_trust
from brinery.trust.remains import check_remains
from brinery.trust.signing import sign, verify

__all__ = [
    "Keyring",
    "Opened",
    "Origin",
    "Trust",
    "allow",
    "check_remains",
    "default_trust",
    "keyring",
    "opened",
    "sign",
    "verify",
]
