"""Files that others wrote: pickles, compressed or not, and NumPy's."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from brinery.errors import DecodeError, IntegrityError, LimitError
from brinery.files.compression import frame_end
from brinery.files.joblibs import is_joblib, load_joblib
from brinery.peeking.budget import Budget
from brinery.peeking.compressed import is_compressed, unfolded
from brinery.peeking.formats import format_of
from brinery.peeking.npy import content_of
from brinery.peeking.parts import Problem
from brinery.serializer import loads
from brinery.trust import is_remains

__all__ = ["load_foreign"]

# Something compressed within something compressed, and a pickle in there.
MOST_LAYERS = 3
UNLIMITED = 1 << 62


def load_foreign(data: memoryview, trust: Any) -> Any:
    """The object of bytes that have no manifest of their own at their end.

    Raises:
        DecodeError: They are of no format that is known here; or as :func:`brinery.loads`.
        LimitError: They unfold to more than is reasonable.
    """
    content, _ = unfolded_layers(data, is_limited=not (isinstance(trust, str) and trust == "everything"))
    format = format_of(content)
    if format == "npy":
        return load_npy(content, trust)
    if format == "zip":
        return load_npz(content, trust)
    check_is_pickle(format)
    if is_joblib(content):
        return load_joblib(content, trust)
    return loads(content, trust=trust)


def pickle_in(data: memoryview) -> tuple[memoryview, str]:
    """The pickle of a file, and what it was compressed with, or "".

    Raises:
        DecodeError: The file is of another format.
        LimitError: It unfolds to more than is reasonable.
    """
    content, layer = unfolded_layers(data, is_limited=True)
    check_is_pickle(format_of(content))
    return content, layer


def unfolded_layers(data: memoryview, *, is_limited: bool) -> tuple[memoryview, str]:
    """What compressed data unfolds to, and the format of the outermost layer, or ""."""
    outermost = ""
    for _ in range(MOST_LAYERS):
        format = format_of(data)
        if not is_compressed(format):
            break
        if format == "zstd":
            check_behind_frame(data)
        outermost = outermost or format
        data, wrong = unfolded(data, format, Budget(len(data), None if is_limited else UNLIMITED))
        if wrong is not None:
            code, message = wrong
            raise (LimitError if code == "limit" else DecodeError)(message)
    return data, outermost


def check_is_pickle(format: str) -> None:
    if format not in {"pickle", ""}:
        raise DecodeError(f"this is a {format} file, which brinery does not load: brinery peek shows what is in it")


def check_behind_frame(data: memoryview) -> None:
    """Refuse a zstd file that :func:`dump` wrote, if the trailer behind its frame is not whole any more.

    Raises:
        IntegrityError: It is one.
    """
    end = frame_end(data)
    if end is not None and is_remains(data[end:]):
        raise IntegrityError("the trailer of the file is damaged, was cut short or appended to")


def load_npz(data: memoryview, trust: Any) -> dict[str, Any]:
    """The arrays of a file of NumPy's, by their names.

    Raises:
        DecodeError: It is another kind of archive.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            if any(each.filename.endswith("/data.pkl") for each in members):
                raise DecodeError(
                    "this is an archive of torch: torch.load(path, weights_only=True) reads it, and brinery scan says "
                    "what it would run otherwise"
                )
            if not members or not all(each.filename.endswith(".npy") for each in members):
                raise DecodeError("this is an archive, and none of NumPy's: brinery peek shows what is in it")
            budget = Budget(len(data), UNLIMITED if isinstance(trust, str) and trust == "everything" else None)
            if sum(each.file_size for each in members) > budget.unfolded:
                raise LimitError(f"the archive unfolds to more than {budget.unfolded:,} bytes")
            return {
                each.filename.removesuffix(".npy"): load_npy(memoryview(archive.read(each)), trust) for each in members
            }
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise DecodeError(f"the archive is damaged: {error}") from None


def load_npy(data: memoryview, trust: Any) -> Any:
    """The array of a file of NumPy's; of one that holds objects, its pickle, judged as any other.

    Raises:
        DecodeError: It is damaged.
    """
    import numpy

    found = content_of(data, "")
    if isinstance(found, Problem):
        raise DecodeError(found.message)
    _, content, is_pickle = found
    if is_pickle:
        return loads(content, trust=trust)
    try:
        return numpy.load(io.BytesIO(data), allow_pickle=False)
    except ValueError as error:
        raise DecodeError(f"the array is damaged: {error}") from None
