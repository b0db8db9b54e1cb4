"""NumPy's arrays and scalars: data type, shape, and the elements in C order, however they lie in memory."""

from __future__ import annotations

import sys
from typing import Any

from brinery.digests.form import Form, Node, head, reference_of, text_form, threaded_hasher
from brinery.digests.rules import Rules, instance, rule

# Data types whose elements have no bytes of a fixed meaning: objects, and texts of any length.
BY_ELEMENT = "OT"
PIECE = 1 << 22  # bytes
EXTENDED = "gG"  # long doubles, some of whose bytes are whatever was in memory


@rule("numpy.ndarray")
def array(rules: Rules, obj: Any) -> bytes | Node:
    """The form of an array, or its parts where elements are objects or structures."""
    if obj.dtype.names is not None:
        fields = [obj[name] for name in obj.dtype.names]
        return Node(b"o_", [Form(b"a"), list(obj.dtype.names), obj.shape, fields])
    kind = obj.dtype.char
    if kind in BY_ELEMENT:
        return Node(b"o_", [Form(b"a"), kind, obj.shape, obj.ravel().tolist()])
    if kind in EXTENDED:
        return Node(b"o_", [Form(b"a"), kind, obj.shape, [str(each) for each in obj.ravel()]])
    beginning = b"a" + text_form(obj.dtype.str) + head(obj.ndim) + b"".join(map(head, obj.shape))
    if obj.nbytes <= PIECE:
        return reference_of(beginning, octets(with_one_nan(obj)))
    return b"#" + hashed_array(beginning, obj)


def hashed_array(beginning: bytes, obj: Any) -> bytes:
    """The hash of a form that ends with the elements of a large array.

    They are looked through for NaNs after they were hashed, while they are in the cache, and hashed again if there were
    any: most arrays have none.
    """
    hasher = threaded_hasher()
    hasher.update(beginning)
    flat = sys.modules["numpy"].ascontiguousarray(obj).reshape(-1)
    size = PIECE // obj.itemsize or 1
    for start in range(0, flat.size, size):
        piece = flat[start : start + size]
        before = hasher.copy()
        hasher.update(octets(piece))
        clean = with_one_nan(piece)
        if clean is not piece:
            hasher = before
            hasher.update(octets(clean))
    return hasher.digest()


def octets(obj: Any) -> memoryview:
    """The elements in C order, byte by byte; copied only where they lie in another one."""
    numpy = sys.modules["numpy"]
    return memoryview(numpy.ascontiguousarray(obj).reshape(-1).view(numpy.uint8))


def with_one_nan(obj: Any) -> Any:
    """The array, or where it has NaNs a copy in which all of them have the same bits."""
    numpy = sys.modules["numpy"]
    if obj.dtype.kind not in "fc" or obj.size == 0:
        return obj
    with numpy.errstate(all="ignore"):
        # The least of numbers among which one is none is none: faster than asking each.
        if not numpy.isnan(obj.min()):
            return obj
    copy = obj.copy()
    for part in [copy] if obj.dtype.kind == "f" else [copy.real, copy.imag]:
        part[numpy.isnan(part)] = numpy.nan
    return copy


@rule("numpy.ndarray", "numpy.generic", inherited=True)
def derived_array(rules: Rules, obj: Any) -> Node:
    """A scalar, or an array of a class of its own: the class, the plain array, the attributes."""
    numpy = sys.modules["numpy"]
    attributes = None if isinstance(obj, numpy.memmap) else getattr(obj, "__dict__", None)
    plain = obj.view(numpy.ndarray) if isinstance(obj, numpy.ndarray) else numpy.asarray(obj)
    return instance(type(obj), plain, attributes=attributes)


@rule("numpy.ma.MaskedArray", "numpy.ma.core.MaskedArray")
def masked_array(rules: Rules, obj: Any) -> Node:
    """The elements, with zeros where they are masked, and the mask."""
    numpy = sys.modules["numpy"]
    mask = numpy.ma.getmaskarray(obj)
    data = numpy.array(obj.data)
    data[mask] = numpy.zeros((), data.dtype)
    return instance(type(obj), data, mask, obj.fill_value)


@rule("numpy.dtype", inherited=True)
def data_type(rules: Rules, obj: Any) -> Node:
    """The name with the byte order, or the fields; and the size of an element."""
    if obj.names is not None:
        fields = [(name, *obj.fields[name]) for name in obj.names]
        return Node(b"o_", [Form(b"gs11;numpy:dtype"), fields, obj.itemsize])
    if obj.subdtype is not None:
        return Node(b"o_", [Form(b"gs11;numpy:dtype"), *obj.subdtype])
    return Node(b"o_", [Form(b"gs11;numpy:dtype"), obj.str, obj.itemsize])


@rule("scipy.sparse._base._spbase", inherited=True)
def sparse(rules: Rules, obj: Any) -> Node:
    """The class, the shape, and the entries row by row, those of one place added up."""
    entries = obj.tocsr(copy=True)
    entries.sum_duplicates()
    return instance(type(obj), obj.shape, entries.data, entries.indices.astype("int64"), entries.indptr.astype("int64"))
