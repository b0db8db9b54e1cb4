"""Members of tar archives."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator

from brinery.peeking.parts import Problem
from brinery.peeking.window import Window, inside


def members_of(data: memoryview, place: str) -> Iterator[tuple[str, memoryview] | Problem]:
    """Name and content of each file in the archive, and what is wrong with it."""
    try:
        archive = tarfile.TarFile(fileobj=Window(data))
        at = -1
        while (member := archive.next()) is not None:
            member_place = inside(place, member.name)
            if member.offset <= at:
                yield Problem(member_place, "broken-archive", "the archive leads back to what was before")
                return
            at = member.offset
            start, stop = member.offset_data, member.offset_data + member.size
            if stop > len(data):
                yield Problem(
                    member_place, "wrong-size", f"the member should end at byte {stop}, behind the archive's end"
                )
            if member.issparse():
                yield Problem(member_place, "unreadable-format", "sparse members are not read")
            elif member.isreg():
                yield member_place, data[start:stop]
    except (tarfile.TarError, OSError, ValueError, EOFError, OverflowError) as error:
        yield Problem(place, "broken-archive", f"the archive cannot be read to its end: {error}")
