"""Every exception of the house, one tree.

::

    BrineryError
    ├── EncodeError   also pickle.PicklingError: an object cannot be turned into bytes
    ├── KeyFileError  the user's keys cannot be used
    └── DecodeError   also pickle.UnpicklingError: bytes cannot be turned into an object
        ├── UntrustedError   they would run code that nobody has vouched for
        └── IntegrityError   they are not what was sealed or signed

``brinery.pickle`` raises the stdlib's own exceptions and nothing else; the tree is for the doors that are not drop-ins.
"""

from _pickle import PicklingError, UnpicklingError

__all__ = ["BrineryError", "DecodeError", "EncodeError", "IntegrityError", "KeyFileError", "UntrustedError"]


class BrineryError(Exception):
    """Anything that brinery itself finds wrong.

    >>> issubclass(EncodeError, BrineryError)
    True
    """


class EncodeError(BrineryError, PicklingError):
    """An object cannot be turned into bytes; ``except pickle.PicklingError`` catches it too."""


class DecodeError(BrineryError, UnpicklingError):
    """Bytes cannot be turned into an object; ``except pickle.UnpicklingError`` catches it too."""


class UntrustedError(DecodeError):
    """Loading the bytes would run code that nobody has vouched for."""


class IntegrityError(DecodeError):
    """The bytes are not what was sealed or signed: changed, cut short, appended to, or put together from others."""


class KeyFileError(BrineryError):
    """The user's keys cannot be used: others can read them, or they are not what they should be."""
