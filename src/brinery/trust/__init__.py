"""Whose bytes may do what: keys, seals and signatures; policies and the vetted list."""

from brinery.trust.current import keyring
from brinery.trust.file_trailer import OpenedFile, file_trailer, is_of_file, is_remains, opened_file
from brinery.trust.identity import Identity
from brinery.trust.keyring import Keyring, Origin
from brinery.trust.manifest import FRAME_HEADER, Chunk, Manifest, Region, RegionKind, chunk_size_for, hash_of, new_hash
from brinery.trust.names import is_exact
from brinery.trust.nature import why_it_runs_code
from brinery.trust.opening import Opened, opened
from brinery.trust.policy import Trust, Trusted, allow, default_trust, policy_for
from brinery.trust.remains import check_remains
from brinery.trust.seal import SealKey
from brinery.trust.signing import sign, verify
from brinery.trust.trailer import Trailer, find_trailer

__all__ = [
    "FRAME_HEADER",
    "Chunk",
    "Identity",
    "Keyring",
    "Manifest",
    "Opened",
    "OpenedFile",
    "Origin",
    "Region",
    "RegionKind",
    "SealKey",
    "Trailer",
    "Trust",
    "Trusted",
    "allow",
    "check_remains",
    "chunk_size_for",
    "default_trust",
    "file_trailer",
    "find_trailer",
    "hash_of",
    "is_exact",
    "is_of_file",
    "is_remains",
    "keyring",
    "new_hash",
    "opened",
    "opened_file",
    "policy_for",
    "sign",
    "verify",
    "why_it_runs_code",
]
