"""Every exception of the house, one tree.

::

    BrineryError
    ├── EncodeError   also pickle.PicklingError: an object cannot be turned into bytes
    ├── KeyFileError  the user's keys cannot be used
    ├── StoreError    a store of objects cannot be used, or holds what it should not
    ├── PolicyError   what the user allows cannot be understood
    └── DecodeError   also pickle.UnpicklingError: bytes cannot be turned into an object
        ├── UntrustedError   they would run code that nobody has vouched for
        ├── IntegrityError   they are not what was sealed or signed, or contradict themselves
        └── LimitError       they would take more memory, time or depth than allowed

``brinery.pickle`` raises the stdlib's own exceptions and nothing else; the tree is for the doors that are not drop-ins.
"""

from _pickle import PicklingError, UnpicklingError

__all__ = [
    "BrineryError",
    "DecodeError",
    "EncodeError",
    "EnvironmentWarning",
    "IntegrityError",
    "KeyFileError",
    "LimitError",
    "LostChangeWarning",
    "PolicyError",
    "ResultWarning",
    "StoreError",
    "UntrustedError",
]


class BrineryError(Exception):
    """Anything that brinery itself finds wrong.

    >>> issubclass(EncodeError, BrineryError)
    True
    """


class EncodeError(BrineryError, PicklingError):
    """An object cannot be turned into bytes; ``except pickle.PicklingError`` catches it too."""


class DecodeError(BrineryError, UnpicklingError):
    """Bytes cannot be turned into an object; ``except pickle.UnpicklingError`` catches it too."""


class StoreError(BrineryError):
    """A store of objects cannot be used: it is closed, of a later version, or no store at all."""


class UntrustedError(DecodeError):
    """Loading the bytes would run code that nobody has vouched for.

    ``globals`` has the dotted names that are neither vetted nor allowed, in the order of the bytes, and can be; empty
    where vetted ones are used in a way that is not.
    """

    globals: tuple[str, ...] = ()


class IntegrityError(DecodeError):
    """The bytes are not what was sealed or signed: changed, cut short, appended to, or put together from others.

    Also: what they say of an object contradicts itself, so that compiled code would go wrong on it.
    """


class LimitError(DecodeError):
    """Loading the bytes would take more memory, time or depth than is allowed."""


class KeyFileError(BrineryError):
    """The user's keys cannot be used: others can read them, or they are not what they should be."""


class PolicyError(BrineryError):
    """What the user allows in all programs, by file or variable, cannot be understood."""


class EnvironmentWarning(UserWarning):
    """A file was written with packages whose versions here may make something else of it."""


class LostChangeWarning(UserWarning):
    """An object that came out of a store was changed, and not written back."""


class ResultWarning(UserWarning):
    """A result of a memoized function could not be kept, or what was kept could not be used; it was computed."""
