"""Whose bytes may do what: keys, seals and signatures."""

from brinery.trust.current import keyring
from brinery.trust.keyring import Keyring, Origin
from brinery.trust.opening import Opened, opened
from brinery.trust.signing import sign, verify
from brinery.trust.trailer import check_rest

__all__ = ["Keyring", "Opened", "Origin", "check_rest", "keyring", "opened", "sign", "verify"]
