"""PyTorch's tensors: storages of as many bytes as sizes and strides reach, read without running anything."""

from __future__ import annotations

import io
import pickle
import struct
import sys
from typing import Any

from brinery.codec import Rules, Unpickler, check
from brinery.trust.guards.checking import refuse, require

STORAGE = "torch storage"
TENSOR = "torch.Tensor"
MAGIC = 0x1950A86A20F9469CFC6C
VERSION = 1001
PICKLES = 5  # magic, version, system, the storage, and the keys of storages
NO_RULES = Rules(())
KEY, LOCATION, COUNT = 2, 3, 4  # places in what torch writes for a storage


class StorageType(str):
    """The name of a class of storages, which stands for it: nothing can be made by calling it."""

    __slots__ = ()


class StorageReader(Unpickler):
    """Reads what ``torch.save`` writes around a storage: numbers, text, and storages by their keys."""

    def find_class(self, module: str, name: str) -> Any:
        """Storages are all that may be named."""
        if module in {"torch", "torch.storage"} and name.endswith("Storage"):
            return StorageType(name)
        refuse(STORAGE, "the content", f"must not name {module}.{name}")

    def persistent_load(self, pid: Any) -> Any:
        """The tuple that tells of a storage, which is read after it."""
        return pid


def load_storage(data: Any) -> Any:
    """The storage that torch wrote into bytes; ``torch.load`` would run what else is in them.

    Raises:
        IntegrityError: It is not one storage on the CPU, or of another size than it says.
    """
    torch = sys.modules["torch"]
    require(isinstance(data, bytes | bytearray), STORAGE, "the content", "must be bytes")
    require_modest(data)
    stream = io.BytesIO(data)
    try:
        magic, version, _, found, keys = (StorageReader(stream).load() for _ in range(PICKLES))
    except (pickle.UnpicklingError, EOFError, AttributeError, TypeError, ValueError, IndexError) as error:
        refuse(STORAGE, "the content", f"is not what torch writes: {error}")
    require(magic == MAGIC and version == VERSION, STORAGE, "the content", "is not what torch writes")
    known = type(found) is tuple and len(found) >= 5 and found[0] == "storage" and type(found[1]) is StorageType
    require(known and keys == [found[KEY]], STORAGE, "the content", "must be one storage")
    require(found[LOCATION] == "cpu", STORAGE, "the device", "must be the CPU")
    require(len(found) < 6 or found[5] is None, STORAGE, "the content", "must not be a view")
    return storage_of(torch, found[1], found[COUNT], data, stream.tell())


def require_modest(data: bytes | bytearray) -> None:
    """The pickles around a storage ask for no more memory, depth or time than their bytes can justify."""
    end = 0
    for _ in range(PICKLES):
        report = check(data, NO_RULES, offset=end)
        wrong = next((each.message for each in report.findings if each.code in {"limit", "broken-stream"}), None)
        if report.end is None or wrong is not None:
            refuse(STORAGE, "the content", f"is not what torch writes: {wrong}")
        end = report.end


def storage_of(torch: Any, name: str, count: Any, data: Any, offset: int) -> Any:
    dtypes = torch.storage._storage_type_to_dtype_map()
    untyped = name == "UntypedStorage"
    require(untyped or name in dtypes, STORAGE, "the type", f"must not be {name}")
    dtype = torch.uint8 if untyped else dtypes[name]
    require(len(data) >= offset + 8, STORAGE, "the content", "ends too early")
    (written,) = struct.unpack_from("<q", data, offset)
    size = len(data) - offset - 8
    require(type(count) is int and count == written >= 0, STORAGE, "the count", f"must be {written}")
    require(size == count * dtype.itemsize, STORAGE, "the content", f"has {size} bytes for {count} items")
    content = bytearray(memoryview(data)[offset + 8 :])
    storage = torch.frombuffer(content, dtype=torch.uint8).untyped_storage() if content else torch.UntypedStorage(0)
    return storage if untyped else torch.storage.TypedStorage(wrap_storage=storage, dtype=dtype, _internal=True)


# --- tensors ----------------------------------------------------------------------------------------------------------


def make(
    storage: Any, offset: Any, size: Any, stride: Any, requires_grad: Any, hooks: Any, metadata: Any = None
) -> Any:
    require_reach(storage, storage_dtype(storage), offset, size, stride)
    require(not hooks, TENSOR, "backward_hooks", "must be empty")
    require_metadata(metadata)
    return rebuilt(
        sys.modules["torch"]._utils._rebuild_tensor_v2, storage, offset, size, stride, requires_grad, hooks, metadata
    )


def require_metadata(metadata: Any) -> None:
    known = metadata is None or (type(metadata) is dict and set(metadata) <= {"conj", "neg"})
    require(known, TENSOR, "metadata", "must be conj or neg")


def storage_dtype(storage: Any) -> Any:
    torch = sys.modules["torch"]
    require(isinstance(storage, torch.storage.TypedStorage), TENSOR, "storage", "must be a storage of a type")
    return storage.dtype


def require_reach(storage: Any, dtype: Any, offset: Any, size: Any, stride: Any) -> None:
    """Whether the last item lies within the storage."""
    numbers = (offset, *size, *stride) if isinstance(size, tuple) and isinstance(stride, tuple) else (None,)
    require(all(type(each) is int and each >= 0 for each in numbers), TENSOR, "size", "must be numbers, none negative")
    require(len(size) == len(stride), TENSOR, "stride", "must be as many as the sizes")
    if 0 in size:
        return
    last = offset + sum((count - 1) * step for count, step in zip(size, stride, strict=True))
    untyped = getattr(storage, "_untyped_storage", storage)
    inside = (last + 1) * dtype.itemsize <= untyped.nbytes()
    require(inside, TENSOR, "size", f"reaches beyond the {untyped.nbytes()} bytes of its storage")


def rebuilt(function: Any, *args: Any) -> Any:
    try:
        return function(*args)
    except (RuntimeError, TypeError, ValueError, AssertionError, IndexError) as error:
        refuse(TENSOR, "the content", f"is refused by torch: {error}")


def make_parameter(data: Any, requires_grad: Any, hooks: Any) -> Any:
    torch = sys.modules["torch"]
    require(isinstance(data, torch.Tensor), TENSOR, "data", "must be a tensor")
    require(not hooks, TENSOR, "backward_hooks", "must be empty")
    return rebuilt(torch._utils._rebuild_parameter, data, requires_grad, hooks)


def make_sparse(layout: Any, data: Any) -> Any:
    """A sparse tensor whose indexes torch checks, as it does when asked to."""
    torch = sys.modules["torch"]
    require(type(data) is tuple and 3 <= len(data) <= 4, TENSOR, "data", "must be a tuple")
    require(all(isinstance(each, torch.Tensor) for each in data[:2]), TENSOR, "indices", "must be tensors")
    if layout == torch.sparse_coo:
        indices, values, size = data[:3]
        coalesced = data[3] if len(data) == 4 else None
        made = rebuilt(lambda: torch.sparse_coo_tensor(indices, values, size, check_invariants=True))
        return rebuilt(made._coalesced_, bool(coalesced)) if coalesced and is_coalesced(torch, made) else made
    require(len(data) == 4 and isinstance(data[2], torch.Tensor), TENSOR, "values", "must be a tensor")
    major, minor, values, size = data
    layouts = {torch.sparse_csr, torch.sparse_csc, torch.sparse_bsr, torch.sparse_bsc}
    require(layout in layouts, TENSOR, "layout", "must be one of sparse tensors")
    make = torch.sparse_compressed_tensor
    return rebuilt(lambda: make(major, minor, values, size, layout=layout, check_invariants=True))


def is_coalesced(torch: Any, made: Any) -> bool:
    """Whether no index is there twice, and they ascend, as the flag says that is set on the word of the file."""
    indices = made._indices()
    flat = torch.zeros(indices.shape[1], dtype=torch.int64)
    for row, size in zip(indices, made.shape, strict=False):
        flat = flat * size + row
    return bool((flat[1:] > flat[:-1]).all())


def make_quantized(
    storage: Any, offset: Any, size: Any, stride: Any, parameters: Any, requires_grad: Any, hooks: Any
) -> Any:
    """Of one scale; a scale of each channel is not checked by torch before 2.12."""
    torch = sys.modules["torch"]
    require_reach(storage, storage_dtype(storage), offset, size, stride)
    known = type(parameters) is tuple and len(parameters) == 3 and parameters[0] == torch.per_tensor_affine
    require(known and not hooks, TENSOR, "quantizer_params", "must be one scale and zero point")
    function = torch._utils._rebuild_qtensor
    return rebuilt(function, storage, offset, size, stride, parameters, requires_grad, hooks)


# --- what brinery writes ----------------------------------------------------------------------------------------------


def make_of_memory(storage: Any, dtype: Any, shape: Any, strides: Any, offset: Any) -> Any:
    from brinery.reducers.tensors import make_tensor

    torch = sys.modules["torch"]
    require(isinstance(dtype, torch.dtype), TENSOR, "dtype", "must be a dtype")
    if storage is not None:
        require(isinstance(storage, torch.UntypedStorage), TENSOR, "storage", "must be a storage")
        require_reach(storage, dtype, offset, shape, strides)
    else:
        require((type(shape) is tuple and 0 in shape) or not shape, TENSOR, "shape", "must be empty without a storage")
    return rebuilt(make_tensor, storage, dtype, shape, strides, offset)


def set_state(tensor: Any, state: Any) -> None:
    """Gradients and attributes, none of which hides a method."""
    from brinery.reducers.tensors import set_tensor_state

    torch = sys.modules["torch"]
    require(isinstance(tensor, torch.Tensor) and type(state) is dict, TENSOR, "the state", "must be a dict")
    require_metadata(state.get("metadata"))
    attributes = state.get("attributes", {})
    plain = type(attributes) is dict and not any(hasattr(torch.Tensor, str(name)) for name in attributes)
    require(plain, TENSOR, "attributes", "must not hide what tensors have")
    grad = state.get("grad")
    require(grad is None or isinstance(grad, torch.Tensor), TENSOR, "grad", "must be a tensor")
    rebuilt(set_tensor_state, tensor, state)
