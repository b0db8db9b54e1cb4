"""Members of zip archives, torch files among them, read as an attacker might have written them.

Readers of zip files disagree: some go by the directory at the end, some by the headers before the members; some check
names, sizes and checksums, some don't. So a member is read whatever it says of itself, and whatever does not fit
together is a problem. Format: APPNOTE.TXT of PKWARE.
"""

from __future__ import annotations

import dataclasses
import struct
import zipfile
import zlib
from collections.abc import Iterator

from brinery.peeking.budget import MIB, Budget
from brinery.peeking.compressed import unfolded
from brinery.peeking.parts import Problem
from brinery.peeking.window import Window, inside

_HEADER = struct.Struct("<4s5H3L2H")  # APPNOTE 4.3.7
_MARK = b"PK\x03\x04"
_END = struct.Struct("<4s4H2LH")  # APPNOTE 4.3.16
_END_MARK = b"PK\x05\x06"
_MOST_COMMENT = 0xFFFF
_MOST_SUMMED = 64 * MIB  # larger members are not read through just for their checksum
_ENCRYPTED = 0x1
_UTF8 = 0x800
_SIZES_BEHIND = 0x8  # the header does not know them yet
_FORMATS = {zipfile.ZIP_DEFLATED: "deflate", zipfile.ZIP_BZIP2: "bz2"}
_UNREADABLE = (zipfile.BadZipFile, struct.error, NotImplementedError, OSError, ValueError, EOFError, OverflowError)

Member = tuple[str, memoryview]


def ends_as_archive(data: memoryview) -> bool:
    """Whether the end of the directory of an archive is at the very end of the data."""
    tail = bytes(data[-_END.size - _MOST_COMMENT :])
    at = tail.rfind(_END_MARK)
    if at < 0 or len(tail) - at < _END.size:
        return False
    *_, comment_size = _END.unpack_from(tail, at)
    return bool(at + _END.size + comment_size == len(tail))


def members_of(data: memoryview, place: str, budget: Budget) -> Iterator[Member | Problem]:
    """Name and content of each member, listed in the directory or not, and what is wrong with it."""
    try:
        entries = zipfile.ZipFile(Window(data)).infolist()
    except _UNREADABLE as error:
        yield Problem(place, "broken-archive", f"the directory of the archive cannot be read: {error}")
        yield from _by_headers(data, place, 0, len(data), budget)
        return
    seen: set[str] = set()
    spans: list[tuple[int, int]] = []
    for entry in entries:
        member_place = inside(place, entry.filename)
        if entry.filename in seen:
            yield Problem(member_place, "duplicate-name", "the archive has several members of this name")
        seen.add(entry.filename)
        header = _Header.at(data, entry.header_offset, budget)
        if header is None:
            yield Problem(member_place, "broken-archive", "no member is where the directory says", entry.header_offset)
        else:
            yield from _member(data, header, entry, member_place, budget)
            spans.append((entry.header_offset, header.first + entry.compress_size))
    yield from _unlisted(data, sorted(spans), place, budget)


@dataclasses.dataclass(frozen=True, slots=True)
class _Header:
    """What stands before a member."""

    name: str
    flags: int
    method: int
    checksum: int
    size: int  # compressed; 0 where it is only known behind the member
    first: int  # where the content starts

    @classmethod
    def at(cls, data: memoryview, start: int, budget: Budget) -> _Header | None:
        """The header there, if there is one. Its name counts: a short entry may lead to a long one."""
        front = data[start : start + _HEADER.size]
        if len(front) < _HEADER.size or front[:4] != _MARK:
            return None
        _, _, flags, method, _, _, checksum, size, _, name_size, extra_size = _HEADER.unpack(front)
        budget.take(name_size)
        name_end = start + _HEADER.size + name_size
        name = bytes(data[start + _HEADER.size : name_end]).decode("utf-8" if flags & _UTF8 else "cp437", "replace")
        return cls(name, flags, method, checksum, size, name_end + extra_size)


def _member(
    data: memoryview, header: _Header, entry: zipfile.ZipInfo, place: str, budget: Budget
) -> Iterator[Member | Problem]:
    """Its content as far as it can be had, and what is wrong with it."""
    for code, message in _disagreements(header, entry):
        yield Problem(place, code, message)
    stop = header.first + entry.compress_size
    if stop > len(data):
        yield Problem(place, "wrong-size", f"the member should end at byte {stop}, behind the end of the archive")
    content, problems = _content(data[header.first : stop], entry, budget)
    for code, message in problems:
        yield Problem(place, code, message)
    if content is not None:
        yield place, content


def _disagreements(header: _Header, entry: zipfile.ZipInfo) -> Iterator[tuple[str, str]]:
    """Codes and messages of where the header before the member is another's than the directory says."""
    if (entry.flag_bits | header.flags) & _ENCRYPTED:
        yield "encrypted", "the member is encrypted, or says so; it was read as if it were not"
    if header.name.split("\0")[0] != entry.orig_filename.split("\0")[0]:
        yield (
            "name-mismatch",
            f"the member calls itself {header.name!r:.200}, the directory {entry.orig_filename!r:.200}",
        )
    if "\0" in header.name or "\0" in entry.orig_filename:
        yield "name-mismatch", "the name goes on behind a zero byte, where some readers end it"
    if header.method != entry.compress_type:
        yield "method-mismatch", f"compressed by method {header.method}; the directory says {entry.compress_type}"
    if not header.flags & _SIZES_BEHIND and header.checksum != entry.CRC:
        yield "wrong-checksum", "the member and the directory give two checksums"


def _content(
    packed: memoryview, entry: zipfile.ZipInfo, budget: Budget
) -> tuple[memoryview | None, list[tuple[str, str]]]:
    """What is in a member, or None, and codes and messages of what is wrong with it."""
    content, wrong = _unpacked(packed, entry.compress_type, budget)
    if wrong or content is None:
        return content, [wrong] if wrong else []
    problems = []
    if len(content) != entry.file_size:
        problems.append(("wrong-size", f"the member has {len(content):,} bytes, not {entry.file_size:,} as it says"))
    if len(content) <= _MOST_SUMMED and zlib.crc32(content) != entry.CRC:
        problems.append(("wrong-checksum", "the checksum is another's"))
    return content, problems


def _unpacked(packed: memoryview, method: int, budget: Budget) -> tuple[memoryview | None, tuple[str, str] | None]:
    """What the bytes of a member stand for, and the code and message of what is wrong."""
    if method == zipfile.ZIP_STORED:
        budget.take(len(packed))  # members may overlap
        return packed, None
    if method not in _FORMATS:
        return None, ("unreadable-format", f"compressed by method {method}, which is not known here")
    return unfolded(packed, _FORMATS[method], budget)


def _unlisted(data: memoryview, spans: list[tuple[int, int]], place: str, budget: Budget) -> Iterator[Member | Problem]:
    """What the directory does not list, before, between and behind the members that it does."""
    at = 0
    for start, stop in [*spans, (len(data), len(data))]:
        if start < at:
            yield Problem(place, "overlap", f"the member at byte {start} begins inside another one", start)
        if at == 0 and start > 0 and spans:
            yield Problem(place, "before-archive", f"{start:,} bytes stand before the archive", 0)
        if start > at:
            yield from _by_headers(data, place, at, start, budget)
        at = max(at, stop)


def _by_headers(data: memoryview, place: str, start: int, stop: int, budget: Budget) -> Iterator[Member | Problem]:
    """Members in a part of the data by the headers before them; one of no known size goes on to the next."""
    between = bytes(data[start:stop])
    at = between.find(_MARK)
    while at >= 0:
        following = between.find(_MARK, at + len(_MARK))
        header = _Header.at(data, start + at, budget)
        if header is not None:
            member_place = inside(place, header.name)
            yield Problem(member_place, "unlisted-member", "the directory of the archive has none there", start + at)
            end = header.first + header.size if header.size else stop if following < 0 else start + following
            content, wrong = _unpacked(data[header.first : min(end, stop)], header.method, budget)
            if wrong:
                yield Problem(member_place, *wrong)
            if content is not None:
                yield member_place, content
        at = following
