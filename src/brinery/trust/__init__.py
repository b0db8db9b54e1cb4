"""Whose bytes may do what: keys, seals and signatures; policies and the vetted list."""

from brinery.trust.current import keyring
from brinery.trust.keyring import Keyring, Origin
from brinery.trust.names import is_exact
from brinery.trust.nature import why_it_runs_code
from brinery.trust.opening import Opened, opened
from brinery.trust.policy import Trust, allow, default_trust, policy_for
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
    "is_exact",
    "keyring",
    "opened",
    "policy_for",
    "sign",
    "verify",
    "why_it_runs_code",
]
