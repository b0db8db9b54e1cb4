"""``brinery.dumps`` and ``brinery.loads``: nearly every object to bytes and back."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable
from typing import Any, Literal, NamedTuple, TypeVar

from brinery.codec import decode, encode, encode_pieces
from brinery.errors import DecodeError, EncodeError
from brinery.reducers import LEAVE_OUT, VALUE_MODULES, Reduction, find_moved
from brinery.reducers.registry import reduced_types
from brinery.reducers.usual import Everything
from brinery.trust import Origin, Trusted, check_remains, keyring, opened, policy_for

__all__ = ["Encoder", "dumps", "loads", "pieces_of", "rebuilt"]

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
    seal: bool | None = None,
) -> bytes:
    """The object as bytes: a standard pickle, of protocol 5 or 4.

    Functions and classes that another process could not import go with their code, see
    :mod:`brinery.reducers.rule`; locks, files and the like are made anew where they are loaded. A seal behind the
    pickle tells :func:`loads` in processes of the same user that it may do all that the bytes say.

    Args:
        obj: Nearly anything.
        protocol: 5, or 4 for readers of Python 3.7 and before.
        buffers: A list that is given the memory of large objects, such as arrays, uncopied; the same list, or what
            it holds, goes to :func:`loads`.
        unpicklable: What to do about what cannot be pickled: raise, or put a labelled stand-in in its place.
        canonical: Whether equal objects are to give equal bytes, in any process and on any version of Python, see
            docs/canonical.md. It takes longer.
        seal: Whether to seal the bytes; unless canonical ones are asked for, which would not be the same for
            everybody, they are. The memory that goes into `buffers` is not under the seal.

    Raises:
        EncodeError: Something in the object cannot be pickled; the message says what and where.
        KeyFileError: Others can read the user's keys, or they are damaged.

    >>> square = loads(dumps(lambda x: x * x))
    >>> square(7)
    49
    """
    tail = keyring().current.seal.trailer if (not canonical if seal is None else seal) else None
    if canonical:
        data = canonical_bytes(obj, protocol, buffers, unpicklable)
        return data if tail is None else data + tail(data)
    return encode_by(Reduction, obj, protocol, buffers, unpicklable, tail=tail)[0]  # type: ignore[no-any-return]


AnyReduction = TypeVar("AnyReduction", bound=Reduction)


def encode_by(
    make: Callable[[int, bool, AnyReduction | None], AnyReduction],
    obj: Any,
    protocol: int,
    buffers: list[Any] | None,
    unpicklable: str,
    *,
    tail: Callable[..., bytes] | None = None,
    encoder: Callable[..., Any] = encode,
) -> tuple[Any, AnyReduction]:
    """The object as bytes, or what `encoder` gives, taken apart by what `make` makes; and the reduction that did it.

    ``make`` is called with the protocol, whether buffers go out of band, and the reduction of the pass before; ``tail``
    with the bytes, for what to append to them.
    """
    stand_ins = stands_in(unpicklable)
    reduction: AnyReduction | None = None
    try:
        for _ in range(MOST_PASSES):
            reduction = make(protocol, buffers is not None, reduction)
            taken: list[Any] = []
            data = encoder(
                obj,
                protocol,
                reduce=reduction.reduce_or_stand_in if stand_ins else reduction.reduce,
                by_value=VALUE_MODULES,
                reduced=Everything() if stand_ins else reduced_types(),
                buffer_callback=None if buffers is None else taken.append,
                tail=tail,
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


class Encoder:
    """Encodes one object after another, each for itself; for many small ones, of which most need no reduction.

    >>> encode = Encoder()
    >>> [loads(encode(each)) for each in ({"a": 1}, [2.5])]
    [{'a': 1}, [2.5]]
    """

    def __init__(self) -> None:
        """Begin with nothing."""
        self._buffers: list[Any] = []
        self._reduction: Reduction | None = None
        self._hooks: dict[str, Any] = {
            "reduce": self._reduce,
            "by_value": VALUE_MODULES,
            "buffer_callback": self._buffers.append,
        }

    def __call__(self, obj: Any) -> bytes | None:
        """The object as bytes, unsealed; None if it has large memory, which :func:`pieces_of` takes uncopied.

        Raises:
            EncodeError: As :func:`dumps`.
        """
        try:
            data: bytes = encode(obj, 5, reduced=reduced_types(), **self._hooks)
        except (MemoryError, EncodeError):
            raise
        except Exception as error:
            raise EncodeError(explained(obj, error)) from error
        finally:
            reduction, self._reduction = self._reduction, None
            has_buffers = bool(self._buffers)
            self._buffers.clear()
        return None if has_buffers or (reduction is not None and not reduction.is_settled) else data

    def _reduce(self, obj: Any, written: Any = None) -> Any:
        if self._reduction is None:
            self._reduction = Reduction(5, out_of_band=True)
        return self._reduction.reduce(obj, written)


class Pieces(NamedTuple):
    """A pickle in pieces of memory, one after the other.

    `buffers` are the indexes of those that are the memory of arrays and the like; `globals` the module and name of each
    global.
    """

    memory: list[Any]
    buffers: list[int]
    globals: list[tuple[str, str]]


def pieces_of(obj: Any, protocol: int, alignment: int, unpicklable: Literal["raise", "stand-in"] = "raise") -> Pieces:
    """The pickle of the object, the memory of large objects uncopied, for files.

    Args:
        obj: As for :func:`dumps`.
        protocol: 5, or 4.
        alignment: Of the memory in the stream, in bytes.
        unpicklable: As for :func:`dumps`.

    Raises:
        EncodeError: As :func:`dumps`.

    >>> pieces = pieces_of([1, 2.5], 5, 64)
    >>> loads(b"".join(pieces.memory)), pieces.buffers, pieces.globals
    ([1, 2.5], [], [])
    """

    def encoder(obj: Any, protocol: int, *, buffer_callback: None, tail: None, **hooks: Any) -> Any:
        return encode_pieces(obj, protocol, **hooks, alignment=alignment)

    return Pieces(*encode_by(Reduction, obj, protocol, None, unpicklable, encoder=encoder)[0])


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


def loads(
    data: Any,
    *,
    trust: Trusted = None,
    buffers: Iterable[Any] | None = None,
) -> Any:
    """The object that :func:`dumps`, or the stdlib, made the bytes of.

    What the user sealed, or somebody signed whom the user trusts, is loaded in full. Of other bytes nothing is built
    unless all that they name is on the vetted list, or allowed: then nothing has run, and nothing has been imported.

    Args:
        data: Bytes, or anything with the buffer protocol.
        trust: What else is allowed: classes, functions, or dotted names (``"package.*"`` for all that is in a package);
            or a :class:`Trust`, which counts alone; or ``"everything"``, spelled out, which runs what the bytes name.
        buffers: What :func:`dumps` put into its list.

    Raises:
        UntrustedError: The bytes need what is neither vetted nor allowed; the message lists all of it.
        IntegrityError: The bytes are not what was sealed or signed, or have state that compiled code would go wrong on.
        LimitError: They ask for more memory, time or depth than is reasonable.
        DecodeError: The bytes are not a pickle, need what is not there (see :func:`brinery.moved`), or name code that
            fails: its own exception is the cause.

    >>> loads(b"cos\\nsystem\\n(S'echo mine'\\ntR.")  # doctest: +NORMALIZE_WHITESPACE
    Traceback (most recent call last):
        ...
    brinery.errors.UntrustedError: the bytes need what is neither vetted nor allowed
    (they are neither sealed nor signed):
      os.system    RUNS CODE: runs commands of the operating system
    They may be an attack. Only if you know who made them, and trust them with all that you have:
      trust=['os.system']
    """
    made = opened(data)
    return rebuilt(made.payload, made.origin, made.reason, trust=trust, buffers=buffers)


def rebuilt(
    payload: Any,
    origin: Origin | None,
    reason: str,
    *,
    trust: Trusted = None,
    buffers: Iterable[Any] | None = None,
) -> Any:
    """The object of a pickle without its trailer, for what :func:`brinery.trust.opened` says of it; else as `loads`.

    >>> rebuilt(b"N.", None, "nobody vouches for it") is None
    True
    """
    everything = isinstance(trust, str) and trust == "everything"
    policy = None if everything or origin is not None else policy_for(trust)
    try:
        if policy is None:
            if origin is None:
                check_remains(memoryview(payload))
            return decode(payload, buffers=buffers, missing=find_moved)
        return policy.load(payload, buffers=buffers, because=reason)
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
