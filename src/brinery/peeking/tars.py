"""Members of tar archives."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator

from brinery.peeking.parts import Problem


def members_of(data: memoryview, place: str) -> Iterator[tuple[str, memoryview] | Problem]:
    """Name and content of each file in the archive, and what is wrong with it."""
    try:
        archive = tarfile.TarFile(fileobj=io.BytesIO(data))
        at = -1
        while (member := archive.next()) is not None:
            inside = f"{place}/{member.name}" if place else member.name
            if member.offset <= at:
                yield Problem(inside, "broken-archive", "the archive leads back to what was before")
                return
            at = member.offset
            start, stop = member.offset_data, member.offset_data + member.size
            if stop > len(data):
                yield Problem(inside, "wrong-size", f"the member should end at byte {stop}, behind the archive's end")
            if member.issparse():
                yield Problem(inside, "unreadable-format", "sparse members are not read")
            elif member.isreg():
                yield inside, data[start:stop]
    except (tarfile.TarError, OSError, ValueError, EOFError, OverflowError) as error:
        yield Problem(place, "broken-archive", f"the archive cannot be read to its end: {error}")
