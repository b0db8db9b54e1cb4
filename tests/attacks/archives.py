"""Files that are pickles in something else, or something else too: npy, joblib, torch's zip, compressed, two in one."""

from __future__ import annotations

import gzip
import io
import struct
import warnings
import zipfile
import zlib

from tests.attacks import sources
from tests.attacks.assembly import call, listed, name, number, stream, text
from tests.attacks.case import Family, Marker

CASES = Family("archives")


def payload(marker: Marker) -> bytes:
    return stream(call(name("os", "system"), text(marker.command)))


def npy(marker: Marker) -> bytes:
    head = b"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }"
    head += b" " * (118 - 1 - len(head)) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head + payload(marker)


def archive(*members: tuple[str, bytes]) -> bytes:
    file = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(file, "w") as written:
        warnings.simplefilter("ignore")  # duplicate names are wanted
        for title, content in members:
            written.writestr(zipfile.ZipInfo(title), content)
    return file.getvalue()


def torch_file(data: bytes, title: str = "archive/data.pkl") -> bytes:
    return archive((title, data), ("archive/version", b"3\n"), ("archive/byteorder", b"little"))


def innocent() -> bytes:
    return stream(listed(number(1)))


def with_flag(data: bytes, flag: int) -> bytes:
    """Bits of the general purpose flag, in local headers and in the directory."""
    changed = bytearray(data)
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = changed.find(signature)
        while place >= 0:
            changed[place + offset] |= flag
            place = changed.find(signature, place + 4)
    return bytes(changed)


def with_wrong_checksum(data: bytes) -> bytes:
    changed = bytearray(data)
    for signature, offset in ((b"PK\x03\x04", 14), (b"PK\x01\x02", 16)):
        place = changed.find(signature)
        changed[place + offset] ^= 0xFF
    return bytes(changed)


def with_other_local_name(data: bytes) -> bytes:
    """The name before the member is not the one in the directory."""
    place = data.find(b"data.pkl")
    return data[:place] + b"data.txt" + data[place + 8 :]


def legacy(marker: Marker, magic: int = 0x1950A86A20F9469CFC6C) -> bytes:
    head = stream(b"\x8a\x0a" + magic.to_bytes(10, "little"), protocol=2)
    return (
        head + stream(b"M\xe9\x03", protocol=2) + stream(b"}", protocol=2) + payload(marker) + stream(b"]", protocol=2)
    )


def joblib_array(marker: Marker) -> bytes:
    """joblib writes an array's bytes raw between opcodes: what scans opcodes alone stumbles there, before the payload."""
    import joblib
    import numpy

    file = io.BytesIO()
    joblib.dump([numpy.frombuffer(b"\xff" * 64, "u1"), None], file)
    data = file.getvalue()
    assert data.endswith(b"Ne.")
    return data[:-3] + payload(marker)[2:-1] + b"e."


def pickle_in_zip_tail(marker: Marker) -> bytes:
    """A pickle with an archive behind it: pickle.load reads the one, zipfile the other."""
    return payload(marker) + archive(("data.pkl", innocent()))


def bomb(size: int) -> bytes:
    """A pickle of bytes that are zeros, compressed."""
    squeezer = zlib.compressobj(1)
    head = squeezer.compress(b"\x80\x04B" + struct.pack("<I", size))
    piece = bytes(1 << 20)
    return (
        head
        + b"".join(squeezer.compress(piece) for _ in range(size >> 20))
        + squeezer.compress(b".")
        + squeezer.flush()
    )


CASES.add(
    "npy-objects",
    "an array of objects is a pickle behind a header",
    sources.NUMPY_LOAD,
    npy,
    package="numpy",
    reader="numpy",
)
CASES.add(
    "npz-member",
    "an array of objects in an archive",
    sources.NUMPY_LOAD,
    lambda m: archive(("x.npy", npy(m))),
    package="numpy",
    reader="numpy",
)
CASES.add(
    "npy-bare",
    "numpy.load takes what has no magic for a pickle",
    sources.NUMPY_LOAD,
    payload,
    package="numpy",
    reader="numpy",
)
CASES.add("joblib", "joblib.load", sources.JOBLIB_LOAD, payload, package="joblib", reader="joblib")
CASES.add(
    "joblib-zlib",
    "joblib.load of zlib",
    sources.JOBLIB_LOAD,
    lambda m: zlib.compress(payload(m)),
    package="joblib",
    reader="joblib",
)
CASES.add(
    "joblib-gzip",
    "joblib.load of gzip",
    sources.JOBLIB_LOAD,
    lambda m: gzip.compress(payload(m), mtime=0),
    package="joblib",
    reader="joblib",
)
CASES.add(
    "joblib-array",
    "raw bytes of an array between the opcodes, the call behind them",
    sources.HIDE_AND_SEEK,
    joblib_array,
    package="joblib numpy",
    reader="joblib",
)
CASES.add(
    "joblib-bomb",
    "400 megabytes of zeros in a compressed file",
    sources.PICKLE_FUZZ,
    lambda m: bomb(400 << 20),
    effect="exhausts",
    package="joblib",
    reader="joblib",
)
CASES.add(
    "gzip",
    "pandas.read_pickle goes by the file's name",
    sources.HIDE_AND_SEEK,
    lambda m: gzip.compress(payload(m), mtime=0),
    package="pandas",
    reader="pandas",
)
CASES.add(
    "torch-zip",
    "the pickle of a torch file",
    sources.TRAIL_OF_BITS,
    lambda m: torch_file(payload(m)),
    package="torch",
    reader="torch",
)
CASES.add(
    "torch-encrypted",
    "a member that says it is encrypted, and is not",
    "https://nvd.nist.gov/vuln/detail/CVE-2025-1945",
    lambda m: with_flag(torch_file(payload(m)), 1),
    package="torch",
    reader="torch",
)
CASES.add(
    "torch-flag",
    "a flag that zip readers refuse and torch ignores",
    "https://nvd.nist.gov/vuln/detail/CVE-2025-1945",
    lambda m: with_flag(torch_file(payload(m)), 0x20),
    package="torch",
    reader="torch",
)
CASES.add(
    "torch-checksum",
    "a wrong checksum, which torch does not mind",
    "https://nvd.nist.gov/vuln/detail/CVE-2025-10156",
    lambda m: with_wrong_checksum(torch_file(payload(m))),
    package="torch",
    reader="torch",
)
CASES.add(
    "torch-local-name",
    "another name before the member than in the directory",
    "https://nvd.nist.gov/vuln/detail/CVE-2025-1944",
    lambda m: with_other_local_name(torch_file(payload(m))),
    package="torch",
    reader="torch",
)
CASES.add(
    "torch-duplicate",
    "two members of one name: the innocent one is for scanners",
    sources.HIDE_AND_SEEK,
    lambda m: archive(
        ("archive/data.pkl", payload(m)),
        ("archive/data.pkl", innocent()),
        ("archive/version", b"3\n"),
        ("archive/byteorder", b"little"),
    ),
    package="torch",
    reader="torch",
)
CASES.add(
    "torch-legacy",
    "a torch file of before the archives",
    sources.TRAIL_OF_BITS,
    legacy,
    package="torch",
    reader="torch",
)
CASES.add(
    "torch-no-magic",
    "a pickle that calls, where a torch file has its magic number",
    sources.picklescan("GHSA-jgw4-cr84-mqxg"),
    payload,
    package="torch",
    reader="torch",
)
CASES.add(
    "wrong-extension",
    "an archive of pickles whose names do not say so",
    "https://nvd.nist.gov/vuln/detail/CVE-2025-1889",
    lambda m: archive(("config.txt", payload(m))),
    reader="zip",
)
CASES.add(
    "pickle-then-zip",
    "a pickle and an archive in one file",
    "https://blog.trailofbits.com/2024/03/04/relishing-new-fickling-features-for-securing-ml-systems/",
    pickle_in_zip_tail,
)
CASES.add(
    "pickle-then-zip-flagged",
    "a pickle, then an archive that cannot be read",
    "https://nvd.nist.gov/vuln/detail/CVE-2025-1945",
    lambda m: payload(m) + with_flag(archive(("data.pkl", innocent())), 1),
)
CASES.add(
    "png-pickle",
    "bytes of a picture's head, as opcodes and behind STOP",
    sources.PICKLESCAN_TESTS,
    lambda m: payload(m) + b"\x89PNG\r\n\x1a\n" + bytes(32),
)
