"""Whether a file is what was written, byte by byte, without a look at the object."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

from brinery.files.describing import required_layout
from brinery.files.places import name_of, opened_to_read, where
from brinery.files.progress import Progress, reporting
from brinery.trust import Chunk, hash_of

__all__ = ["Verification", "verify"]


@dataclass(frozen=True)
class Verification:
    """What is whole of a file. `damaged` are the chunks that are not, in order; sizes are in bytes."""

    path: str
    size: int
    damaged: tuple[Chunk, ...]
    problem: str | None = None

    @property
    def is_whole(self) -> bool:
        """Whether every byte is what was written."""
        return self.problem is None

    def to_dict(self) -> dict[str, Any]:
        """The same as JSON has it; of the damaged chunks kind of region, offset and size."""
        damaged = [{"in": each.region.kind, "offset": each.offset, "size": each.size} for each in self.damaged]
        return {
            "path": self.path,
            "size": self.size,
            "whole": self.is_whole,
            "damaged": damaged,
            "problem": self.problem,
        }

    def __str__(self) -> str:
        """One line for people."""
        return f"{self.path}: {self.problem or 'whole'}"


def verify(path: str | os.PathLike[str], *, progress: Progress | bool | None = None) -> Verification:
    """Read all of a file that :func:`dump` wrote, and tell what of it is not what was written.

    Raises:
        DecodeError: The file was not written by :func:`dump`.
        IntegrityError: What the file tells of itself is damaged, so that the rest cannot be verified.
        OSError: The file cannot be read.

    >>> import tempfile
    >>> from brinery.files import dump
    >>> path = tempfile.mkdtemp() + "/numbers.pkl"
    >>> dump([1, 2.5], path)
    >>> verify(path).is_whole
    True
    """
    with opened_to_read(path) as file:
        layout = required_layout(file, path)
        manifest = layout.manifest
        damaged = []
        with reporting(progress, f"verifying {name_of(path)}", manifest.end) as advance:
            file.seek(0)
            for chunk in manifest.chunks():
                if hash_of(file.read(chunk.size)) != chunk.hash:
                    damaged.append(chunk)
                advance(chunk.size)
    problem = str(manifest.damage(damaged)) if damaged else None
    return Verification(where(path), layout.size, tuple(damaged), problem)
