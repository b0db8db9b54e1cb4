"""PyTorch tensors on the CPU: those that share a storage keep sharing it, and storages are not copied.

torch's own reduction writes each storage with ``torch.save`` into bytes, once for each tensor that uses it, whole even
for a small view, and leaves gradients behind. Tensors of other layouts and devices are left to it.
"""

from __future__ import annotations

import ctypes
import importlib
from pickle import PickleBuffer
from typing import TYPE_CHECKING, Any

from brinery.reducers.memory import Extent, Holder
from brinery.reducers.registry import rebuilds, reduces

if TYPE_CHECKING:
    from brinery.reducers.reduction import Reduction

ALIGNMENT = 64  # any item that stands at a multiple of its size in the storage does so in a part of it


def loaded_torch() -> Any:
    """The module, whose types come and go with its versions."""
    return importlib.import_module("torch")


class StorageWindow:
    """A part of a storage, as an object of the pickle."""

    def __init__(self, extent: Extent, storage: Any) -> None:
        memory = (ctypes.c_ubyte * extent.size).from_address(extent.start)
        memory.owner = storage  # type: ignore[attr-defined]  # who has the buffer keeps the storage alive
        self.buffer = memoryview(memory).cast("B")


@reduces(StorageWindow)
def reduce_storage_window(reduction: Reduction, window: StorageWindow) -> Any:
    return make_storage, (PickleBuffer(window.buffer) if reduction.protocol >= 5 else bytearray(window.buffer),)


@rebuilds
def make_storage(buffer: Any) -> Any:
    """A storage of the very memory; of a copy where the memory is read-only, which no tensor can be."""
    torch = loaded_torch()

    view = memoryview(buffer)
    return torch.frombuffer(bytearray(view) if view.readonly else view, dtype=torch.uint8).untyped_storage()


@reduces("torch.Tensor")
def reduce_tensor(reduction: Reduction, tensor: Any) -> Any:
    if not is_plain(tensor):
        return NotImplemented
    state = {"requires_grad": tensor.requires_grad, "grad": tensor.grad if tensor.is_leaf else None}
    state |= {"metadata": metadata_of(tensor), "attributes": vars(tensor)}
    state = {key: value for key, value in state.items() if value is not None and value is not False and value != {}}
    found = make_tensor, arguments_of(reduction, tensor)
    return (*found, state, None, None, set_tensor_state) if state else found


@reduces("torch.nn.Parameter", "torch.nn.parameter.Parameter")
def reduce_parameter(reduction: Reduction, parameter: Any) -> Any:
    if not is_plain(parameter):
        return NotImplemented
    state = {"grad": parameter.grad, "attributes": vars(parameter)}
    state = {key: value for key, value in state.items() if value is not None and value != {}}
    data = reduction.memory.keep(parameter.data)
    found = make_parameter, (data, parameter.requires_grad)
    return (*found, state, None, None, set_tensor_state) if state else found


def is_plain(tensor: Any) -> bool:
    """Whether a tensor is a storage, sizes and strides, and nothing else."""
    torch = loaded_torch()
    return (
        tensor.layout == torch.strided
        and tensor.device.type == "cpu"
        and not (tensor.is_quantized or tensor.is_nested)
        and not tensor._backward_hooks
    )


def metadata_of(tensor: Any) -> Any:
    """Bits that say how to read a tensor's memory: conjugated, or negated."""
    bits = {"conj": tensor.is_conj(), "neg": tensor.is_neg()}
    return {name: True for name, value in bits.items() if value} or None


def arguments_of(reduction: Reduction, tensor: Any) -> tuple[Any, ...]:
    """What to make a tensor of: a storage or a part of one, and where in it the tensor is."""
    memory = reduction.memory
    storage = tensor.untyped_storage()
    if tensor.numel() == 0 or storage.nbytes() == 0:
        return None, tensor.dtype, tuple(tensor.shape), tensor.stride(), 0
    extent = extent_of(tensor, storage.data_ptr())
    used = tensor.numel() * tensor.element_size()
    sparse = extent.size > 2 * used + ALIGNMENT and not metadata_of(tensor)
    holder = holder_of(reduction, storage, extent, sparse)
    if holder is None:
        # Better to copy the items than to take along what lies between them.
        return arguments_of(reduction, memory.keep(tensor.detach().clone()))
    offset = tensor.data_ptr() - holder.extent.start
    return holder.obj, tensor.dtype, tuple(tensor.shape), tensor.stride(), offset // tensor.element_size()


def holder_of(reduction: Reduction, storage: Any, extent: Extent, sparse: bool = False) -> Holder | None:
    """Who takes the part of the storage along; None if nobody does, and what is used of it is sparse."""
    memory = reduction.memory
    owner = storage.data_ptr(), storage.nbytes()

    def window(part: Extent) -> Any:
        return StorageWindow(part, storage)

    holder = memory.holder(owner, extent, window)
    if holder is not None:
        return holder
    if sparse:
        memory.hold(owner, None, extent)
        return None
    return memory.hold(owner, window(extent), extent)


@reduces("torch.storage.TypedStorage")
def reduce_typed_storage(reduction: Reduction, typed: Any) -> Any:
    # What torch's own reductions of quantized tensors and of subclasses hold.
    storage = typed._untyped_storage  # untyped() warns
    if storage.device.type != "cpu" or storage.nbytes() == 0:
        return NotImplemented
    start = storage.data_ptr()
    holder = holder_of(reduction, storage, Extent(start, start + storage.nbytes(), True))
    assert holder is not None
    return make_typed_storage, (holder.obj, typed.dtype)


@rebuilds
def make_typed_storage(storage: Any, dtype: Any) -> Any:
    torch = loaded_torch()

    return torch.storage.TypedStorage(wrap_storage=storage, dtype=dtype, _internal=True)


def extent_of(tensor: Any, start: int) -> Extent:
    """The memory that a tensor uses, from an aligned place of its storage on."""
    first = tensor.data_ptr()
    items = 1 + sum((size - 1) * stride for size, stride in zip(tensor.shape, tensor.stride(), strict=True))
    return Extent(first - (first - start) % ALIGNMENT, first + items * tensor.element_size(), True)


@rebuilds
def make_tensor(storage: Any, dtype: Any, shape: Any, strides: Any, offset: int) -> Any:
    """A tensor of a storage that others may use as well; an empty one of None.

    Raises:
        RuntimeError: The storage is too small.
    """
    torch = loaded_torch()

    if storage is None:
        return torch.empty_strided(shape, strides, dtype=dtype)
    return torch.empty(0, dtype=dtype).set_(storage, offset, shape, strides)


@rebuilds
def make_parameter(data: Any, requires_grad: bool) -> Any:
    torch = loaded_torch()

    return torch.nn.Parameter(data, requires_grad)


@rebuilds
def set_tensor_state(tensor: Any, state: dict[str, Any]) -> None:
    """Give a tensor what is not its items: whether it requires a gradient, the gradient, how to read it, attributes."""
    torch = loaded_torch()

    if "metadata" in state:
        torch._utils.set_tensor_metadata(tensor, state["metadata"])
    if state.get("requires_grad"):
        tensor.requires_grad_()
    tensor.grad = state.get("grad")
    vars(tensor).update(state.get("attributes", {}))
