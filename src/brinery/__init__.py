"""Keep Python objects.

``brinery.pickle`` is the drop-in: the stdlib ``pickle`` module's names, semantics and errors on a faster core::

    from brinery import pickle

The rooms of the house, the ground first: ``errors`` (every exception), ``codec`` (the native core's Python face),
``pickle`` (the stdlib module's API), ``cli`` (the ``brinery`` command).
"""

from brinery.errors import BrineryError, DecodeError, EncodeError

__all__ = ["BrineryError", "DecodeError", "EncodeError", "__version__"]

__version__ = "0.1.0"
