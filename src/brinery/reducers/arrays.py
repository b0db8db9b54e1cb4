"""NumPy arrays: views keep sharing what they share, and what numpy itself would copy goes as the buffer it is.

The core writes arrays natively, and asks only about those that use the memory of others and those that
numpy does not describe as a buffer. A lone array becomes what numpy itself makes of it, where that copies nothing.
"""

from __future__ import annotations

import copyreg
import sys
from typing import TYPE_CHECKING, Any

from brinery.reducers.memory import Extent, Owner, SharedMemory
from brinery.reducers.registry import rebuilds, reduces

if TYPE_CHECKING:
    from brinery.reducers.reduction import Reduction

BUFFERED_KINDS = frozenset("biufcSU")  # what numpy exports as buffers; of kind V, where it has fields
KINDS = BUFFERED_KINDS | frozenset("VmMO")


@reduces("numpy.ndarray", unless_planned=True)
def reduce_array(reduction: Reduction, array: Any) -> Any:
    memory = reduction.memory
    if not is_addressable(array) or memory.is_window(array) or type(array) in copyreg.dispatch_table:
        return NotImplemented
    plain = is_plain(array, reduction.out_of_band)
    if plain and array.base is None and memory.owner_behind(array) is None:
        return NotImplemented  # no view of it was met; when one comes, the core tells that it has been written
    extent = extent_of(array)
    owner = owner_of(array, memory)
    written = reduction.written
    if written is not None and written.flags.forc and written.dtype.hasobject == array.dtype.hasobject:
        memory.note_written(owner, written, extent_of(written))

    def window(part: Extent) -> Any:
        return memory.as_window(window_of(array, part))

    holder = memory.holder(owner, extent, window)
    if holder is None:
        if plain:
            memory.hold(owner, array if array.flags.forc else None, extent)
            return NotImplemented
        if is_sparse(array, extent, reduction.out_of_band):
            memory.hold(owner, None, extent)
            return reduce_copy(reduction, array)
        holder = memory.hold(owner, window(extent), extent)
    return reduce_to(holder.obj, holder.extent.start, array)


def is_addressable(array: Any) -> bool:
    """Whether an array is its memory: numbers, text, times and fields of them; or objects and nothing else."""
    dtype = array.dtype
    return dtype.kind in KINDS and array.nbytes > 0 and (dtype.kind == "O" or not dtype.hasobject)


def is_plain(array: Any, out_of_band: bool) -> bool:
    """Whether numpy's own reduction is right for an array that is alone, and copies no more than it must."""
    dtype, flags = array.dtype, array.flags
    buffered = dtype.kind in BUFFERED_KINDS or dtype.names is not None
    if flags.forc and buffered:
        return True
    if out_of_band and dtype.kind != "O":
        return False
    return bool(flags.writeable) and (bool(flags.forc) or extent_of(array).size >= array.nbytes)


def is_sparse(array: Any, extent: Extent, out_of_band: bool) -> bool:
    """Whether it is better to copy an array's items than to take along what lies between them."""
    return bool(extent.size > array.nbytes * (2 if out_of_band else 1))


def address_of(array: Any) -> int:
    """Where the first item is."""
    # The interface describes all fields of a structured array, which takes long.
    address: int = array.ctypes.data if array.dtype.names else array.__array_interface__["data"][0]
    return address


def extent_of(array: Any) -> Extent:
    """The memory that an array, not an empty one, uses."""
    start = end = address_of(array)
    flags = array.flags
    if flags.forc:
        return Extent(start, start + array.nbytes, flags.writeable)
    for size, stride in zip(array.shape, array.strides, strict=True):
        if stride < 0:
            start += (size - 1) * stride
        else:
            end += (size - 1) * stride
    return Extent(start, end + array.itemsize, flags.writeable)


def owner_of(array: Any, memory: SharedMemory) -> Owner:
    """The whole memory that an array uses a part of."""
    ndarray = sys.modules["numpy"].ndarray
    root = array
    while isinstance(root.base, ndarray):
        root = root.base
    return memory.owner_behind(root) or memory.note_owner(root, memory_behind(root))


def memory_behind(root: Any) -> Owner:
    """The memory of an array, as far as whatever it was taken from lets see."""
    if root.base is not None:
        try:
            exported = sys.modules["numpy"].frombuffer(root.base, dtype="u1")
        except (TypeError, ValueError, BufferError):
            pass  # a capsule, or something else with an address and nothing more
        else:
            if exported.size:
                return address_of(exported), exported.size
    extent = extent_of(root)
    return extent.start, extent.size


class Span:
    """Memory for numpy to make an array of; it lives as long as the array does."""

    def __init__(self, extent: Extent, kind: str, itemsize: int, owner: Any) -> None:
        self.__array_interface__ = {
            "version": 3,
            "data": (extent.start, not extent.writable),
            "shape": (extent.size // itemsize,),
            "typestr": kind,
        }
        self.owner = owner


def window_of(array: Any, extent: Extent) -> Any:
    """An extent of the memory of an array as an array of bytes, or of objects."""
    objects = array.dtype.kind == "O"
    span = Span(extent, "|O" if objects else "|u1", array.itemsize if objects else 1, array)
    return sys.modules["numpy"].asarray(span)


def reduce_to(memory: Any, start: int, array: Any) -> Any:
    offset = address_of(array) - start
    return make_array, (memory, array.dtype, array.shape, array.strides, offset, array.flags.writeable)


def reduce_copy(reduction: Reduction, array: Any) -> Any:
    """The items of an array, without what lies between them."""
    copied = array.copy(order="K")
    window = reduction.memory.as_window(window_of(copied, extent_of(copied)))
    function, arguments = reduce_to(window, extent_of(copied).start, copied)
    return function, (*arguments[:-1], array.flags.writeable)


@rebuilds
def make_array(memory: Any, dtype: Any, shape: Any, strides: Any, offset: int, writable: bool) -> Any:
    """An array of memory that others may use as well: of an array, or of a buffer of bytes.

    Args:
        memory: What is used, not copied.
        dtype: The type of an item.
        shape: The sizes.
        strides: Bytes from one item to the next, for each dimension.
        offset: Where in the memory the first item is, in bytes.
        writable: False for an array that can't be written to although its memory could be.

    Raises:
        ValueError: The memory is too small.
    """
    import numpy

    if isinstance(memory, numpy.ndarray):
        memory = (memory if memory.flags.c_contiguous else memory.T).reshape(-1)
        if dtype.hasobject:
            return view_of_objects(memory, shape, strides, offset, writable)
        memory = memory.view(numpy.uint8)
    array: Any = numpy.ndarray(shape, dtype, memory, offset, strides)
    if not writable:
        array.flags.writeable = False
    return array


def view_of_objects(flat: Any, shape: Any, strides: Any, offset: int, writable: bool) -> Any:
    from numpy.lib.stride_tricks import as_strided

    start = end = offset
    for size, stride in zip(shape, strides, strict=True):
        start, end = start + min((size - 1) * stride, 0), end + max((size - 1) * stride, 0)
    aligned = all(each % flat.itemsize == 0 for each in (offset, *strides))
    if flat.dtype.kind != "O" or not aligned or start < 0 or end + flat.itemsize > flat.nbytes:
        raise ValueError(f"a view of {shape} objects at {offset} does not lie within {flat.nbytes} bytes of objects")
    return as_strided(flat[offset // flat.itemsize :], shape, strides, writeable=writable)


# --- subclasses ------------------------------------------------------------------------------------------------------

OWN_WAYS = ("__reduce__", "__reduce_ex__", "__getstate__", "__setstate__")


@reduces("numpy.ndarray", subclasses=True)
def reduce_array_subclass(reduction: Reduction, array: Any) -> Any:
    numpy = sys.modules["numpy"]
    cls = type(array)
    if any(getattr(cls, name) is not getattr(numpy.ndarray, name) for name in OWN_WAYS):
        return NotImplemented
    # numpy itself leaves attributes behind.
    attributes = getattr(array, "__dict__", None) or None
    base = reduction.memory.keep(array.view(numpy.ndarray))
    return make_array_subclass, (cls, base), attributes, None, None, set_array_attributes if attributes else None


@reduces("numpy.memmap", "numpy.core.memmap.memmap")
def reduce_memory_mapped_array(reduction: Reduction, array: Any) -> Any:
    # A pickle holds what the array held: the file may be gone where it is loaded, or hold something else by then.
    return make_array_subclass, (type(array), reduction.memory.keep(array.view(sys.modules["numpy"].ndarray)))


@rebuilds
def make_array_subclass(cls: Any, array: Any) -> Any:
    return array.view(cls)


@rebuilds
def set_array_attributes(array: Any, attributes: dict[str, Any]) -> None:
    vars(array).update(attributes)


@reduces("numpy.ma.MaskedArray", "numpy.ma.core.MaskedArray")
def reduce_masked_array(reduction: Reduction, array: Any) -> Any:
    data = reduction.memory.keep(array.data)
    hard = array.hardmask
    return make_masked_array, (data, array.mask, array._fill_value, hard, vars(array).get("_optinfo") or None)


@rebuilds
def make_masked_array(data: Any, mask: Any, fill_value: Any, hard: bool, information: dict[str, Any] | None) -> Any:
    """A masked array of the very data and mask."""
    from numpy import ma

    made = ma.MaskedArray(data, mask=mask, copy=False, hard_mask=hard, fill_value=fill_value)
    if information:
        made._optinfo.update(information)  # type: ignore[attr-defined]
    return made
