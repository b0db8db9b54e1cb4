"""What bytes are, by what they begin with; names of files say nothing."""

from __future__ import annotations

_BEGINNINGS = (
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),  # an empty one
    (b"\x93NUMPY", "npy"),
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bz2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"\x5d\x00\x00", "lzma"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"\x78\x01", "zlib"),
    (b"\x78\x5e", "zlib"),
    (b"\x78\x9c", "zlib"),
    (b"\x78\xda", "zlib"),
    (b"\x04\x22\x4d\x18", "lz4"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "rar"),
)
_SKIPPABLE = b"\x2a\x4d\x18"  # behind 0x50 to 0x5f: a frame that zstd leaves out (RFC 8878, 3.1.2)
_TAR_MARK = slice(257, 262)  # "ustar" (POSIX.1-1988)


def format_of(data: memoryview) -> str:
    """The name of the format; "pickle" for what begins with PROTO, and "" for what has no mark.

    >>> format_of(memoryview(b"PK\\x03\\x04")), format_of(memoryview(b"(lp0\\n."))
    ('zip', '')
    """
    front = bytes(data[:8])
    if front[:1] == b"\x80":
        return "pickle"
    for beginning, name in _BEGINNINGS:
        if front.startswith(beginning):
            return name
    if bytes(data[_TAR_MARK]) == b"ustar":
        return "tar"
    if front[1:4] == _SKIPPABLE and 0x50 <= front[0] <= 0x5F:
        return "zstd"
    return ""
