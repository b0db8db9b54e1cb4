"""Streams that are small and cost much: lengths, memo, frames, depth, hashing, numbers, compression."""

from __future__ import annotations

import struct
import zlib

from tests.attacks import sources
from tests.attacks.assembly import NONE, call, listed, name, number, packed, raw, stream, text
from tests.attacks.case import Family

CASES = Family("bombs")
MODULUS = 2**61 - 1  # what the hash of an integer is taken by, on 64 bits


def add(title: str, technique: str, source: str, data: bytes, **more: object) -> None:
    CASES.add(title, technique, source, lambda m: data, **{"effect": "exhausts", **more})


def claims(opcode: bytes, form: str, size: int) -> bytes:
    return b"\x80\x05" + opcode + struct.pack(form, size) + b"x."


def colliding_numbers(count: int) -> bytes:
    keys = b"".join(number(MODULUS * (1 + index)) + b"N" for index in range(count))
    return stream(b"}(", keys, b"u")


def colliding_tuples(bits: int) -> bytes:
    """-1 and -2 have one hash, so all tuples of them that are equally long have."""
    rows = []
    for value in range(2**bits):
        rows.append(b"(" + b"".join(b"J" + struct.pack("<i", -1 - (value >> bit & 1)) for bit in range(bits)) + b"t")
    return stream(b"(", *rows, b"\x91")


def hash_laughs(depth: int) -> bytes:
    """((t, t), (t, t)) and so on: a tuple's hash is not kept, so each level doubles the work."""
    return stream(b"}", b")" + b"2\x86" * depth, b"Ns")


def equality_laughs(depth: int) -> bytes:
    """Two of these that are equal but not one object, as keys: hashing alone doubles at each level."""
    return stream(b"(", b")" + b"2\x86" * depth, b")" + b"2\x86" * depth, b"\x91")


def nested_calls(callee: bytes, depth: int, last: bytes, end: bytes = b"") -> bytes:
    """callee(callee(callee(...))), as data that STOP takes."""
    return stream(callee + b"\x94" + b"h\x00" * (depth - 1) + last + b"\x85R" * depth + end)


def nested_key(depth: int) -> bytes:
    return stream(b"}", b")" + b"\x85" * depth, b"Ns")


def zeros(size: int) -> bytes:
    squeezer = zlib.compressobj(1)
    piece = bytes(1 << 20)
    return b"".join(squeezer.compress(piece) for _ in range(size >> 20)) + squeezer.flush()


def int_limit_lifted() -> bytes:
    lifted = call(name("sys", "set_int_max_str_digits"), number(0)) + b"0"
    return stream(lifted, b"L" + b"9" * 2_000_000 + b"L\n")


add(
    "length-bytes",
    "BINBYTES8 of a terabyte, with one byte behind it",
    sources.cpython(115952),
    claims(b"\x8e", "<Q", 2**40),
)
add("length-bytes-32", "BINBYTES of 4 gigabytes", sources.cpython(115952), claims(b"B", "<I", 2**32 - 1))
add("length-text", "BINUNICODE8 of a terabyte", sources.cpython(115952), claims(b"\x8d", "<Q", 2**40), effect="refused")
add(
    "length-bytearray",
    "BYTEARRAY8 of 4 gigabytes: the stdlib allocates before it reads",
    sources.cpython(115952),
    claims(b"\x96", "<Q", 2**32),
)
add(
    "length-beyond",
    "BYTEARRAY8 of 2**64 - 1: an overflow for who adds",
    sources.cpython(115952),
    claims(b"\x96", "<Q", 2**64 - 1),
    effect="refused",
)
add(
    "length-long", "LONG4 of two gigabytes", sources.cpython(115952), claims(b"\x8b", "<I", 2**31 - 1), effect="refused"
)
add("length-negative", "LONG4 of a negative length", sources.PICKLETOOLS, claims(b"\x8b", "<i", -1), effect="refused")
add("length-frame", "FRAME of 2**62 bytes", sources.PICKLETOOLS, claims(b"\x95", "<Q", 2**62), effect="refused")
add(
    "memo-index",
    "LONG_BINPUT of 2**31 - 1: the stdlib's memo is an array",
    sources.cpython(78837),
    stream(listed(number(1)), b"r" + struct.pack("<I", 2**31 - 1)),
    harmless=True,
)
add("memo-index-text", "PUT of 2**31, in text", sources.cpython(78837), b"I1\np2147483648\n.", harmless=True)
add(
    "memo-index-beyond",
    "PUT of 2**63",
    sources.cpython(78837),
    b"I1\np9223372036854775808\n.",
    harmless=True,
    effect="refused",
)
add(
    "memo-many",
    "LONG_BINPUT of many large indexes, each twice as large",
    sources.cpython(78837),
    stream(*(NONE + b"r" + struct.pack("<I", 2**bit) + b"0" for bit in range(20, 32)), NONE),
    harmless=True,
)
add(
    "laughs",
    "lists of ten times the list before: walking it takes for ever",
    sources.PICKLE_FUZZ,
    stream(
        listed(text("lol"))
        + b"\x94"
        + b"".join(b"](" + (b"h" + bytes((level,))) * 10 + b"e\x94" for level in range(10))
    ),
    after="str(made)",
    harmless=True,
)
add(
    "laughs-global",
    "the laughs with a call at their heart",
    sources.FICKLING_LAUGHS,
    stream(
        call(name("collections", "OrderedDict"))
        + b"\x94"
        + b"".join(b"(" + (b"h" + bytes((level,))) * 10 + b"t\x94" for level in range(10))
    ),
    after="str(made)",
    harmless=True,
)
add(
    "cycle",
    "a list in itself, which readers that recurse do not survive",
    "https://github.com/trailofbits/fickling/issues/196",
    stream(b"]\x94h\x00a"),
    after="import copy\nwhile made: made = made[0]",
    harmless=True,
)
add("hash-laughs", "a tuple in tuples, shared at each of 40 levels, as a key", sources.PICKLE_FUZZ, hash_laughs(40))
add("hash-laughs-set", "two shared towers as items of a set", sources.PICKLE_FUZZ, equality_laughs(40))
add(
    "hash-laughs-late",
    "a shared tower as an argument that the callee hashes: dict.fromkeys",
    sources.PICKLE_FUZZ,
    stream(call(name("builtins", "dict.fromkeys"), b"(" + b")" + b"2\x86" * 40 + b"t")),
)
add("collisions", "60,000 integers of one hash as keys", sources.BREAKING_DICTS, colliding_numbers(60_000))
add("collisions-tuples", "32,768 tuples of one hash in a set", sources.cpython(102352), colliding_tuples(15))
add(
    "deep-key",
    "a tuple 300,000 deep as a key: hashing recurses on the C stack",
    sources.cpython(154318),
    nested_key(300_000),
    effect="crashes",
)
add(
    "deep-key-set",
    "a tuple 300,000 deep in a set",
    sources.cpython(154318),
    stream(b"(" + b")" + b"\x85" * 300_000 + b"\x91"),
    effect="crashes",
)
add(
    "deep-slices",
    "400,000 slices in slices, then dropped: freeing recurses on the C stack",
    sources.cpython(124715),
    nested_calls(name("builtins", "slice"), 400_000, NONE, b"0N"),
    effect="crashes",
)
add(
    "deep-slices-kept",
    "400,000 slices in slices, returned",
    sources.cpython(124715),
    nested_calls(name("builtins", "slice"), 400_000, NONE),
    effect="crashes",
    after="made = None",
)
add(
    "text-integer",
    "LONG of two million digits: conversion is quadratic where it is not limited",
    "https://nvd.nist.gov/vuln/detail/CVE-2020-10735",
    b"L" + b"9" * 2_000_000 + b"L\n.",
    effect="refused",
)
add(
    "text-integer-int",
    "INT of two million digits",
    "https://nvd.nist.gov/vuln/detail/CVE-2020-10735",
    b"I" + b"9" * 2_000_000 + b"\n.",
    effect="refused",
)
add(
    "text-integer-unlimited",
    "the limit on digits is lifted by a call, then LONG",
    "https://nvd.nist.gov/vuln/detail/CVE-2020-10735",
    int_limit_lifted(),
)
add(
    "fraction",
    "Fraction('1e999999999')",
    "https://nvd.nist.gov/vuln/detail/CVE-2020-10735",
    stream(call(name("fractions", "Fraction"), text("1e999999999"))),
)
add(
    "decimal-to-int",
    "int(Decimal('1e999999999'))",
    "https://nvd.nist.gov/vuln/detail/CVE-2020-10735",
    stream(call(name("builtins", "int"), call(name("decimal", "Decimal"), text("1e999999999")))),
)
add(
    "range-to-list",
    "list(range(10**12))",
    sources.PICKLE_FUZZ,
    stream(call(name("builtins", "list"), call(name("builtins", "range"), number(10**12)))),
)
add(
    "range-to-set",
    "frozenset(range(10**12))",
    sources.PICKLE_FUZZ,
    stream(call(name("builtins", "frozenset"), call(name("builtins", "range"), number(10**12)))),
)
add(
    "bytes-of-number",
    "bytearray(10**12): a number where bytes belong",
    sources.PICKLE_FUZZ,
    stream(call(name("builtins", "bytearray"), number(10**12))),
)
add(
    "counter-repeat",
    "Counter(itertools.repeat(1))",
    sources.PICKLE_FUZZ,
    stream(call(name("collections", "Counter"), call(name("itertools", "repeat"), number(1)))),
)
add(
    "operator-mul",
    "operator.mul of a text and a number",
    sources.PICKLE_FUZZ,
    stream(call(name("operator", "mul"), text("x"), number(10**12))),
)
add("power", "pow(10, 10**9)", sources.PICKLE_FUZZ, stream(call(name("builtins", "pow"), number(10), number(10**9))))
add(
    "decompress",
    "zlib.decompress of 400 megabytes of zeros",
    sources.PICKLE_FUZZ,
    stream(call(name("zlib", "decompress"), raw(zeros(400 << 20)))),
)
add(
    "decompress-codec",
    "_codecs.decode with zlib, beside the _codecs.encode of honest files",
    sources.PICKLE_FUZZ,
    stream(call(name("_codecs", "decode"), raw(zeros(400 << 20)), text("zlib_codec"))),
)
add(
    "regex",
    "re.match of a pattern that backtracks",
    "https://nvd.nist.gov/vuln/detail/CVE-2020-8492",
    stream(call(name("re", "match"), text("(a+)+$"), text("a" * 40 + "b"))),
)
add("sleep", "time.sleep", sources.HIDE_AND_SEEK, stream(call(name("time", "sleep"), number(10**6))))
add(
    "read-endless",
    "a file that never ends: /dev/zero, read by Path.read_bytes",
    sources.HIDE_AND_SEEK,
    stream(call(name("pathlib", "Path.read_bytes"), call(name("pathlib", "PosixPath"), text("/dev/zero")))),
)
add(
    "wait-for-input",
    "os.read of a pipe that nobody writes to",
    sources.HIDE_AND_SEEK,
    stream(call(name("os", "read"), call(name("operator", "getitem"), call(name("os", "pipe")), number(0)), number(1))),
)
add(
    "numpy-reconstruct",
    "numpy's _reconstruct of a shape of 8 terabytes, which honest files call with 0",
    sources.numpy(21009),
    stream(
        call(
            name("numpy._core.multiarray", "_reconstruct"), name("numpy", "ndarray"), packed(number(10**12)), raw(b"d")
        )
    ),
    package="numpy",
)
add(
    "numpy-zeros",
    "numpy.ones of 800 gigabytes",
    sources.numpy(21009),
    stream(call(name("numpy", "ones"), number(10**11))),
    package="numpy",
)
add(
    "numpy-shape",
    "the state of an array claims a shape that its bytes do not fill",
    sources.numpy(21009),
    stream(
        call(name("numpy._core.multiarray", "_reconstruct"), name("numpy", "ndarray"), packed(number(0)), raw(b"b")),
        packed(
            number(1),
            packed(number(10**12)),
            call(name("numpy", "dtype"), text("f8"), b"\x89", b"\x88"),
            b"\x89",
            raw(b""),
        ),
        b"b",
    ),
    package="numpy",
    effect="refused",
)
add(
    "pandas-range",
    "a RangeIndex of 10**12, made into a list",
    sources.pandas(60602),
    stream(call(name("builtins", "list"), call(name("pandas", "RangeIndex"), number(10**12)))),
    package="pandas",
)
add(
    "endless-iterator",
    "list(itertools.count())",
    sources.PICKLE_FUZZ,
    stream(call(name("builtins", "list"), call(name("itertools", "count")))),
)
