"""PyTorch's tensors: data type, shape, and the elements in C order, on whichever device they are."""

from __future__ import annotations

import sys
from typing import Any

from brinery.digests.arrays import octets
from brinery.digests.form import Node, head, reference_of, text_form
from brinery.digests.rules import Rules, instance, rule


@rule("torch.Tensor", "torch.nn.parameter.Parameter", inherited=True)
def tensor(rules: Rules, obj: Any) -> Node:
    """The class, whether gradients are wanted, and the elements; not the gradients that there are."""
    torch = sys.modules["torch"]
    if obj.is_quantized:
        raise TypeError("a quantized tensor has no digest; digest its int_repr() and its scales")
    plain = obj.detach()
    if plain.layout is torch.sparse_coo:
        plain = plain.coalesce()
        return instance(type(obj), obj.requires_grad, tuple(obj.shape), plain.indices(), plain.values())
    if plain.layout is not torch.strided:
        raise TypeError(f"a tensor of the layout {plain.layout} has no digest; digest its to_dense()")
    return instance(type(obj), obj.requires_grad, Elements(plain))


class Elements:
    """The elements of a tensor, whatever its class."""

    def __init__(self, tensor: Any) -> None:
        self.tensor = tensor


@rule(Elements)
def elements(rules: Rules, obj: Elements) -> bytes:
    """The name of the data type, the shape, the bytes; all NaNs are one."""
    torch = sys.modules["torch"]
    found = obj.tensor.cpu().resolve_conj().resolve_neg().contiguous()
    shape = tuple(found.shape)
    flat = found.reshape(-1)
    if flat.is_complex():
        flat = torch.view_as_real(flat).reshape(-1)
    if flat.is_floating_point() and bool((nan := flat.isnan()).any()):
        flat = flat.masked_fill(nan, float("nan"))
    beginning = b"w" + text_form(str(found.dtype)) + head(len(shape)) + b"".join(map(head, shape))
    return reference_of(beginning, octets(flat.view(torch.uint8).numpy()))


@rule("torch.dtype", "torch.device", "torch.layout", "torch.memory_format", "torch.Size")
def setting(rules: Rules, obj: Any) -> Node:
    """The class and the text."""
    return instance(type(obj), tuple(obj) if isinstance(obj, tuple) else str(obj))
