"""Kinds of values, and functions that are no more than a class."""

from __future__ import annotations

SCALARS = frozenset({"none", "bool", "int", "float", "str", "bytes", "bytearray", "global"})
# What is made without calling anything.
PLAIN = SCALARS | {"tuple", "list", "dict", "set", "frozenset"}
# Functions that only make an instance of the class in their first argument.
MAKERS = frozenset(
    {
        "copyreg.__newobj__",
        "copyreg.__newobj_ex__",
        "copyreg._reconstructor",
        "numpy._core.multiarray._reconstruct",
        "numpy.core.multiarray._reconstruct",
    }
)
