"""The class whose instances stand before the arrays in joblib's files."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from brinery.peeking.arrays import is_shape

if TYPE_CHECKING:
    from brinery.peeking.tree import Tree

WRAPPER = "NumpyArrayWrapper"
_MODULE = "joblib.numpy_pickle"  # and copies of it in other packages, as scikit-learn had
_FLAGS = 7  # which item of the state of a dtype they are
_REFCOUNTED = 1  # the flag of a dtype that holds objects: NPY_ITEM_REFCOUNT


@dataclasses.dataclass(frozen=True, slots=True)
class Wrapper:
    """What a wrapper says of its array."""

    shape: tuple[int, ...]
    dtype: str
    aligned: bool
    holds_objects: bool  # a pickle follows rather than numbers


def wrapper_of(tree: Tree) -> Wrapper | None:
    """What the instance says, if it is a wrapper and says it all."""
    if not tree.type.endswith(f"{_MODULE}.{WRAPPER}"):
        return None
    found = {name.value: value for name, value in tree.attributes() if name.kind == "str"}
    if not {"shape", "dtype"} <= found.keys():
        return None
    shape, dtype = found["shape"].key(), found["dtype"].arguments
    if not is_shape(shape) or not dtype or dtype[0].kind != "str":
        return None
    alignment = found.get("numpy_array_alignment_bytes")
    aligned = alignment is not None and alignment.kind != "none"
    return Wrapper(shape, dtype[0].value, aligned, _holds_objects(found["dtype"]))


def _holds_objects(dtype: Tree) -> bool:
    for state in dtype.states:
        parts = state.elements()
        if len(parts) > _FLAGS and parts[_FLAGS].kind == "int":
            return bool(parts[_FLAGS].value & _REFCOUNTED)
    return False
