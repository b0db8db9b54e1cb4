"""``brinery.info``: what a file tells of itself, without a look at the object."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from typing import Any

from brinery.errors import DecodeError
from brinery.files.layout import Layout, layout_of
from brinery.files.places import opened_to_read, where
from brinery.trust import Manifest

__all__ = ["FileInfo", "info", "required_layout"]


@dataclass(frozen=True)
class FileInfo:
    """What the trailer of a file says; sizes are in bytes.

    `signer` is the public key that signed the file, and `signed_by` whose it is: ``"you"``, the name of somebody whom
    the user trusts, or None for nobody whose word counts.
    """

    path: str
    size: int
    created: str
    python: str
    brinery: str
    protocol: int
    objects: int
    globals: tuple[str, ...]
    packages: dict[str, str]
    stream_size: int
    buffers: int
    buffers_size: int
    compression: dict[str, Any] | None
    signer: str | None
    signed_by: str | None
    metadata: dict[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """The same as JSON has it."""
        return asdict(self)

    def __str__(self) -> str:
        """Several lines for people."""
        rows = [
            ("written", f"{self.created} by Python {self.python}, brinery {self.brinery}"),
            ("signed by", self.signed_by or (f"a key that is not trusted: {self.signer}" if self.signer else "nobody")),
            ("size", f"{self.size:,} bytes{self._unfolded()}"),
            ("stream", f"protocol {self.protocol}, {self.objects:,} objects"),
            ("buffers", f"{self.buffers:,} of {self.buffers_size:,} bytes"),
            ("packages", ", ".join(f"{name} {version}" for name, version in self.packages.items()) or "none"),
            ("globals", ", ".join(self.globals) or "none"),
            *(("metadata", f"{name}: {value!r}") for name, value in self.metadata.items()),
        ]
        return "\n".join([self.path, *(f"  {name:<10}{told}" for name, told in rows)])

    def _unfolded(self) -> str:
        if self.compression is None:
            return ""
        return f", {self.compression.get('name')} of {self.stream_size:,}"


def info(path: str | os.PathLike[str]) -> FileInfo:
    """What a file that :func:`dump` wrote tells of itself. Reads its end only.

    Raises:
        DecodeError: The file was not written by :func:`dump`.
        IntegrityError: It was, and what it tells of itself is damaged. That the rest is not is for :func:`verify`.
        OSError: The file cannot be read.

    >>> import tempfile
    >>> from brinery.files import dump
    >>> path = tempfile.mkdtemp() + "/numbers.pkl"
    >>> dump([1, 2.5], path, metadata={"run": 7})
    >>> told = info(path)
    >>> told.metadata, told.objects, told.signed_by
    ({'run': 7}, 3, 'you')
    """
    with opened_to_read(path) as file:
        return described(where(path), required_layout(file, path))


def required_layout(file: Any, path: str | os.PathLike[str]) -> Layout:
    """The layout of a file that has to have one.

    Raises:
        DecodeError: It has none.
    """
    layout = layout_of(file)
    if layout is None:
        raise DecodeError(
            f"{where(path)} has no manifest: it was not written by brinery.dump. What is in it: brinery peek"
        )
    return layout


def described(path: str, layout: Layout) -> FileInfo:
    manifest: Manifest = layout.manifest
    signer, origin = layout.opened.signer, layout.opened.origin
    return FileInfo(
        path=path,
        size=layout.size,
        created=manifest.created,
        python=manifest.python,
        brinery=manifest.brinery,
        protocol=manifest.protocol,
        objects=manifest.objects,
        globals=manifest.globals,
        packages=manifest.packages,
        stream_size=manifest.size,
        buffers=len(manifest.buffers),
        buffers_size=sum(size for _, size in manifest.buffers),
        compression=manifest.compression,
        signer=None if signer is None else signer.text,
        signed_by=None if origin is None else (origin.name or "you"),
        metadata=manifest.metadata,
    )
