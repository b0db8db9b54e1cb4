"""``brinery.dumps`` and ``brinery.loads``: nearly every object to bytes and back."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable
from typing import Any, Literal, TypeVar

from brinery.codec import decode, encode
from brinery.errors import DecodeError, EncodeError, UntrustedError
from brinery.reducers import LEAVE_OUT, VALUE_MODULES, Reduction, find_moved
from brinery.reducers.registry import reduced_types
from brinery.reducers.usual import Everything

__all__ = ["dumps", "loads"]

PLACE = "while pickling "
# What reduce methods make anew in each pass can keep the memory of views from settling: then it is not shared.
MOST_PASSES = 3


def dumps(
    obj: Any,
    *,
    protocol: int = 5,
    buffers: list[Any] | None = None,
    unpicklable: Literal["raise", "stand-in"] = "raise",
    canonical: bool = False,
) -> bytes:
    """The object as bytes: a standard pickle, of protocol 5 or 4.

    Functions and classes that another process could not import go with their code, see
    :mod:`brinery.reducers.rule`; locks, files and the like are made anew where they are loaded.

    Args:
        obj: Nearly anything.
        protocol: 5, or 4 for readers of Python 3.7 and before.
        buffers: A list that is given the memory of large objects, such as arrays, uncopied; the same list, or what
            it holds, goes to :func:`loads`.
        unpicklable: What to do about what cannot be pickled: raise, or put a labelled stand-in in its place.
        canonical: Whether equal objects are to give equal bytes, in any process and on any version of Python, see
            docs/canonical.md. It takes longer.

    Raises:
        EncodeError: Something in the object cannot be pickled; the message says what and where.

    >>> square = loads(dumps(lambda x: x * x), trust="everything")
    >>> square(7)
    49
    """
    if canonical:
        return canonical_bytes(obj, protocol, buffers, unpicklable)
    return encode_by(Reduction, obj, protocol, buffers, unpicklable)[0]


AnyReduction = TypeVar("AnyReduction", bound=Reduction)


def encode_by(
    make: Callable[[int, bool, AnyReduction | None], AnyReduction],
    obj: Any,
    protocol: int,
    buffers: list[Any] | None,
    unpicklable: str,
) -> tuple[bytes, AnyReduction]:
    """The object as bytes, taken apart by what `make` makes; and the reduction that did it.

    ``make`` is called with the protocol, whether buffers go out of band, and the reduction of the pass before.
    """
    stand_ins = stands_in(unpicklable)
    reduction: AnyReduction | None = None
    try:
        for _ in range(MOST_PASSES):
            reduction = make(protocol, buffers is not None, reduction)
            taken: list[Any] = []
            data = encode(
                obj,
                protocol,
                reduce=reduction.reduce_or_stand_in if stand_ins else reduction.reduce,
                by_value=VALUE_MODULES,
                reduced=Everything() if stand_ins else reduced_types(),
                buffer_callback=None if buffers is None else taken.append,
            )
            if reduction.is_settled:
                break
    except (MemoryError, EncodeError):
        raise
    except Exception as error:
        raise EncodeError(explained(obj, error)) from error
    if buffers is not None:
        buffers.extend(taken)
    assert reduction is not None
    return data, reduction


def canonical_bytes(obj: Any, protocol: int, buffers: list[Any] | None, unpicklable: str) -> bytes:
    """The object as bytes that any equal one gives, too."""
    from brinery.reducers.canonical import CanonicalReduction, encode_canonically

    taken: list[Any] = []
    reduction = CanonicalReduction(protocol, buffers is not None, stands_in(unpicklable))
    try:
        data = encode_canonically(obj, protocol, reduction, None if buffers is None else taken.append)
    except (MemoryError, EncodeError):
        raise
    except Exception as error:
        raise EncodeError(explained(obj, error)) from error
    if buffers is not None:
        buffers.extend(taken)
    return data


def stands_in(unpicklable: str) -> bool:
    if unpicklable not in {"raise", "stand-in"}:
        raise ValueError(f"unpicklable must be 'raise' or 'stand-in', not {unpicklable!r}")
    return unpicklable == "stand-in"


def place_of(obj: Any, error: BaseException) -> str:
    """Where in the object something went wrong, as the core has noted it."""
    notes = [note for note in getattr(error, "__notes__", []) if note.startswith(PLACE)]
    return notes[-1].removeprefix(PLACE) if notes else type(obj).__qualname__


def explained(obj: Any, error: Exception) -> str:
    """What went wrong, and where in the object."""
    reason = str(error) or type(error).__name__
    return (
        f"{place_of(obj, error)}: {reason}. {getattr(error, 'suggestion', LEAVE_OUT)}, "
        'tell brinery.register() how to take it apart, or ask for a stand-in: dumps(obj, unpicklable="stand-in")'
    )


def loads(data: Any, *, trust: Literal["everything"] | None = None, buffers: Iterable[Any] | None = None) -> Any:
    """The object that :func:`dumps`, or the stdlib, made the bytes of.

    Loading runs code that the bytes name, so that they have to be trusted: until policies are there, everything or
    nothing.

    Args:
        data: Bytes, or anything with the buffer protocol.
        trust: ``"everything"``, spelled out.
        buffers: What :func:`dumps` put into its list.

    Raises:
        UntrustedError: `trust` was not given.
        DecodeError: The bytes are not a pickle, need what is not there (see :func:`brinery.moved`), or name code that
            fails: its own exception is the cause.
    """
    if trust != "everything":
        raise UntrustedError(
            'loading runs code that the bytes name: say loads(data, trust="everything") if you mean it'
        )
    try:
        return decode(data, buffers=buffers, missing=find_moved)
    except (MemoryError, DecodeError):
        raise
    except Exception as error:
        raise DecodeError(undone(error)) from error


def undone(error: Exception) -> str:
    """What went wrong while loading, and where in the bytes."""
    if isinstance(error, pickle.UnpicklingError | EOFError):
        return str(error)
    places = [note for note in getattr(error, "__notes__", []) if note.startswith("while unpickling")]
    told = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return ", ".join([told, *places[-1:]])
