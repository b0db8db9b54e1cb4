"""Rows off the pages of an SQLite file, without SQLite, which gives up where a page is damaged.

Only the table of entries is looked for, whose rows are pairs of bytes in the leaves and inner pages of an index tree.
Whether a row is right has to be proven otherwise: damage can make any bytes look like one.

Source: https://www.sqlite.org/fileformat2.html, 1.6 (B-tree pages), 2.1 (records), 4 (the write-ahead log).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

from brinery.stores.backend import Row

__all__ = ["Log", "rows_of_log", "rows_of_pages"]

PAGE_SIZE = 4096  # what SQLite takes unless it is told otherwise, which brinery does not
LEAF_HEADER, INNER_HEADER = 8, 12
FIRST_HEADER = 100  # bytes before the content of the first page
WAL_HEADER, FRAME_HEADER = 32, 24
FRAME_SIZE = FRAME_HEADER + PAGE_SIZE
SALT = slice(16, 24)
NUMBER = struct.Struct(">I")
SHORT = struct.Struct(">H")
BLOB = 12  # serial types from here on, even: so many bytes, and twice that


def rows_of_pages(path: Path) -> Iterator[Row]:
    """The pairs of bytes on all pages of a database that can be read."""
    data = path.read_bytes() if path.exists() else b""
    pages = [data[start : start + PAGE_SIZE] for start in range(0, len(data), PAGE_SIZE)]
    free, is_certain = free_pages(pages)
    if not is_certain:
        # What seems to be free may be in use; if it is not, what is in use comes later and counts.
        for number in free:
            yield from rows_of(pages[number - 1], pages)
    for number, page in enumerate(pages, 1):
        if number not in free:
            yield from rows_of(page, pages)


def rows_of_log(path: Path, log: bytes) -> Iterator[Row]:
    """The pairs of bytes in the write-ahead log of a database, in the order in which they were written."""
    data = path.read_bytes() if path.exists() else b""
    pages = [data[start : start + PAGE_SIZE] for start in range(0, len(data), PAGE_SIZE)]
    last = Log(log).committed
    for start in range(WAL_HEADER, WAL_HEADER + last * FRAME_SIZE, FRAME_SIZE):
        (number,) = NUMBER.unpack_from(log, start)
        page = log[start + FRAME_HEADER : start + FRAME_SIZE]
        if 0 < number <= len(pages) + last:
            pages += [b""] * (number - len(pages))
            pages[number - 1] = page
        yield from rows_of(page, pages)


def free_pages(pages: list[bytes]) -> tuple[set[int], bool]:
    """The numbers of pages that nothing uses, and whether the list of them is whole."""
    if not pages or len(pages[0]) < FIRST_HEADER:
        return set(), False
    trunk, expected = struct.unpack_from(">II", pages[0], 32)
    found: set[int] = set()
    while 1 < trunk <= len(pages) and trunk not in found:
        page = pages[trunk - 1]
        if len(page) != PAGE_SIZE:
            break
        following, count = struct.unpack_from(">II", page)
        leaves = struct.unpack_from(f">{count}I", page, 8) if count <= PAGE_SIZE // 4 - 2 else ()
        found |= {trunk, *(number for number in leaves if 1 < number <= len(pages))}
        trunk = following
    return found, len(found) == expected and trunk == 0


class Log:
    """A write-ahead log, as far as it goes: behind its frames there may be some of an earlier one.

    `salt` is another after each restart; `committed` the number of the last frame that ends a transaction, and `last`
    that of the last one of all.
    """

    def __init__(self, data: bytes) -> None:
        """Of these bytes; the frames are not verified."""
        self._data = data
        salt, first = data[SALT], data[WAL_HEADER + 8 : WAL_HEADER + 16]
        if (int.from_bytes(salt, "big") ^ int.from_bytes(first, "big")).bit_count() == 1:
            salt = first  # one of them was damaged: a new one differs in half of its bits
        self.salt = salt
        self.committed = self.last = 0
        for number, start in enumerate(range(WAL_HEADER, len(data) - FRAME_SIZE + 1, FRAME_SIZE), 1):
            if data[start + 8 : start + 16] == salt:
                self.last = number
                if data[start + 4 : start + 8] != bytes(4):
                    self.committed = number

    def leaves_out(self, read: int) -> bool:
        """Whether there is something committed behind the `read` frames that SQLite takes: as far as they fit.

        Of a process that was killed the last frame of all may be half written: then its transaction was not committed.
        """
        if read >= self.committed:
            return False
        order = ">" if self._data[3] & 1 else "<"
        if struct.pack(">II", *checksums(self._data[:24], (0, 0), order)) != self._data[24:32]:
            return True
        start = WAL_HEADER + (read - 1) * FRAME_SIZE
        before = self._data[start + 16 : start + 24] if read else self._data[24:32]
        sums = struct.unpack(">II", before)
        for number in range(read + 1, self.last):
            start = WAL_HEADER + (number - 1) * FRAME_SIZE
            page = self._data[start + FRAME_HEADER : start + FRAME_SIZE]
            sums = checksums(self._data[start : start + 8] + page, sums, order)
            if struct.pack(">II", *sums) != self._data[start + 16 : start + 24]:
                return True
        return False


def checksums(data: bytes, sums: tuple[int, int], order: str) -> tuple[int, int]:
    """What proves a frame, from what proves the one before it."""
    first, second = sums
    words = struct.unpack(f"{order}{len(data) // 4}I", data)
    for one, other in zip(words[::2], words[1::2], strict=True):
        first = (first + one + second) & 0xFFFFFFFF
        second = (second + other + first) & 0xFFFFFFFF
    return first, second


def rows_of(page: bytes, pages: list[bytes]) -> Iterator[Row]:
    """The rows on a page, whatever it says of itself: what kind of page it is may be what is damaged."""
    if len(page) != PAGE_SIZE:
        return
    for header, before in ((LEAF_HEADER, 0), (INNER_HEADER, 4)):
        for index in range(cells_of(page, header)):
            (offset,) = SHORT.unpack_from(page, header + 2 * index)
            try:
                row = row_at(page, offset + before, pages)
            except (IndexError, struct.error, ValueError):
                continue  # of this row nothing is left
            if row is not None:
                yield row


def cells_of(page: bytes, header: int) -> int:
    """How many cells to look for: as many as the page says, or where that cannot be, as there is room for."""
    count, content = struct.unpack_from(">HH", page, 3)
    most = (PAGE_SIZE - header) // 2
    offsets = struct.unpack_from(f">{count}H", page, header) if count <= most else ()
    # Cells fill a page from its end; where none of them begins at the content, one is missing or it is elsewhere.
    return count if offsets and min(offsets) == content else most


def row_at(page: bytes, offset: int, pages: list[bytes]) -> Row | None:
    """The row of a cell; None if it is no pair of bytes.

    Raises:
        IndexError, ValueError, struct.error: The cell is damaged.
    """
    size, offset = number_at(page, offset)
    payload = payload_at(page, offset, size, pages)
    header_size, at = number_at(payload, 0)
    kinds = []
    while at < header_size:
        kind, at = number_at(payload, at)
        kinds.append(kind)
    if len(kinds) != 2 or any(kind < BLOB or kind % 2 for kind in kinds):
        return None
    key_size, value_size = ((kind - BLOB) // 2 for kind in kinds)
    if header_size + key_size + value_size != len(payload):
        raise ValueError("the cell is of another size")
    return payload[header_size : header_size + key_size], payload[header_size + key_size :]


def payload_at(page: bytes, offset: int, size: int, pages: list[bytes]) -> bytes:
    """The payload of a cell, with what overflowed to other pages."""
    most = (PAGE_SIZE - 12) * 64 // 255 - 23
    if size <= most:
        return taken(page, offset, size)
    least = (PAGE_SIZE - 12) * 32 // 255 - 23
    local = least + (size - least) % (PAGE_SIZE - 4)
    local = local if local <= most else least
    found = [taken(page, offset, local)]
    (following,) = NUMBER.unpack_from(page, offset + local)
    left = size - local
    while left > 0:
        if not 0 < following <= len(pages):
            raise ValueError("the rest of the cell is not there")
        more = pages[following - 1]
        (following,) = NUMBER.unpack_from(more)
        found.append(taken(more, 4, min(left, PAGE_SIZE - 4)))
        left -= len(found[-1])
    return b"".join(found)


def taken(page: bytes, offset: int, size: int) -> bytes:
    found = page[offset : offset + size]
    if len(found) != size or not size:
        raise ValueError("the page ends too early")
    return found


def number_at(data: bytes, offset: int) -> tuple[int, int]:
    """A number of variable length, and where it ends."""
    value = 0
    for index in range(8):
        byte = data[offset + index]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, offset + index + 1
    return value << 8 | data[offset + 8], offset + 9
