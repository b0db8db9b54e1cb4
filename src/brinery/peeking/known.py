"""What well-known values amount to, for a line of text: arrays, dtypes, tensors."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from brinery.peeking import arrays, wrappers

if TYPE_CHECKING:
    from brinery.peeking.tree import Tree

Summary = tuple[str, bool]  # the text, and whether that is all there is to see


def known_summary(tree: Tree) -> Summary | None:
    """What is known of the value, if it is one of these and is as its library writes it."""
    callee = tree.callee
    if callee is None or callee.kind != "global":
        return None
    module, _, name = str(callee.value).rpartition(".")
    if name == wrappers.WRAPPER:
        return _wrapped(tree)
    if module.split(".")[0] in {"numpy", "torch"} and name in _KNOWN:
        return _KNOWN[name](tree)
    return None


def _wrapped(tree: Tree) -> Summary | None:
    wrapper = wrappers.wrapper_of(tree)
    if wrapper is None:
        return None
    return f"numpy.ndarray {arrays.shown_dtype(wrapper.dtype)} {wrapper.shape}, by joblib", True


def _reconstructed(tree: Tree) -> Summary | None:
    """An array by ``_reconstruct`` and a state of version, shape, dtype, order and bytes."""
    parts = tree.states[-1].elements() if tree.states else []
    if len(parts) != 5 or not arrays.is_shape(parts[1].key()):
        return None
    return f"{tree.type} {_dtype(parts[2])} {parts[1].key()}", parts[4].kind == "bytes"


def _from_buffer(tree: Tree) -> Summary | None:
    """An array by ``_frombuffer`` from bytes, dtype, shape and order."""
    given = tree.arguments
    if len(given) != 4 or not arrays.is_shape(given[2].key()):
        return None
    return f"numpy.ndarray {_dtype(given[1])} {given[2].key()}", given[0].kind in {"bytes", "bytearray", "buffer"}


def _dtype_summary(tree: Tree) -> Summary:
    return f"numpy.dtype {_dtype(tree)}", True


def _scalar(tree: Tree) -> Summary | None:
    given = tree.arguments
    return (f"numpy scalar {_dtype(given[0])}", True) if given and len(given[-1].content) else None


def _tensor(tree: Tree) -> Summary | None:
    given = tree.arguments
    if len(given) < 4 or given[0].kind != "persistent" or not arrays.is_shape(given[2].key()):
        return None
    storage = [part for each in given[0].elements() for part in each.elements()]
    kind = str(storage[1].value).removeprefix("torch.").removesuffix("Storage") if len(storage) > 1 else "?"
    return f"torch.Tensor {kind} {given[2].key()}, storage {_shown(storage[2]) if len(storage) > 2 else '?'}", True


def _dtype(tree: Tree) -> str:
    given = tree.arguments
    text = given[0].value if given and given[0].kind == "str" else None
    return arrays.shown_dtype(text) if text is not None else "?"


def _shown(tree: Tree) -> str:
    return repr(tree.value)[:40]


_KNOWN: dict[str, Callable[[Tree], Summary | None]] = {
    "_frombuffer": _from_buffer,
    "_reconstruct": _reconstructed,
    "_rebuild_tensor_v2": _tensor,
    "dtype": _dtype_summary,
    "scalar": _scalar,
}
