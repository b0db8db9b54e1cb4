"""Streams that do their harm and then break, and files that go on after STOP: who reads to the end only of one refuses late."""

from __future__ import annotations

import struct

from tests.attacks import sources
from tests.attacks.assembly import call, listed, name, number, stream, text
from tests.attacks.case import Family, Marker

CASES = Family("broken streams")


def payload(marker: Marker) -> bytes:
    return b"\x80\x04" + call(name("os", "system"), text(marker.command))


CASES.add("no-stop", "the stream ends after the call", sources.NULLIFAI, payload)
CASES.add(
    "cut-argument",
    "the stream ends in the middle of an argument",
    sources.PICKLESCAN_TESTS,
    lambda m: payload(m) + b"X\xff\x00\x00\x00abc",
)
CASES.add("unknown-opcode", "an opcode that is none follows", sources.PICKLESCAN_TESTS, lambda m: payload(m) + b"\xff.")
CASES.add(
    "stack-underflow", "more is taken from the stack than there is", sources.PICKLETOOLS, lambda m: payload(m) + b"000."
)
CASES.add(
    "memo-miss", "a memo entry that is not there", sources.PICKLESCAN_TESTS, lambda m: payload(m) + b"0h\x03h\x00\x93."
)
CASES.add(
    "name-of-number",
    "STACK_GLOBAL of a number",
    sources.PICKLESCAN_TESTS,
    lambda m: payload(m) + b"0K\x2a" + text("os") + b"\x93.",
)
CASES.add(
    "bad-utf-8",
    "a text that is not UTF-8",
    sources.PICKLESCAN_TESTS,
    lambda m: payload(m) + b"X\x02\x00\x00\x00\xff\xfe.",
)
CASES.add(
    "bad-frame",
    "a frame longer than the stream",
    sources.PICKLETOOLS,
    lambda m: payload(m) + b"\x95" + struct.pack("<Q", 2**40) + b".",
)
CASES.add(
    "bad-length",
    "a length that is longer than the stream",
    sources.PICKLETOOLS,
    lambda m: payload(m) + b"B\xff\xff\xff\x7f.",
)
CASES.add("bad-number", "a text number that is none", sources.PICKLETOOLS, lambda m: payload(m) + b"Iseven\n.")
CASES.add(
    "bad-protocol", "PROTO of a version that is to come", sources.PICKLETOOLS, lambda m: payload(m) + b"\x80\x63."
)
CASES.add(
    "missing-global",
    "a name that no module has follows",
    sources.HIDE_AND_SEEK,
    lambda m: payload(m) + name("os", "no_such_name") + b".",
)
CASES.add(
    "failing-call",
    "a call that raises follows",
    sources.HIDE_AND_SEEK,
    lambda m: payload(m) + call(name("builtins", "int"), text("x")) + b".",
)
CASES.add(
    "caught-exception",
    "the payload is the message's exception: SystemExit passes most handlers",
    sources.HIDE_AND_SEEK,
    lambda m: payload(m) + call(name("sys", "exit"), text("done")) + b".",
)
CASES.add("mark-missing", "TUPLE without a mark", sources.PICKLETOOLS, lambda m: payload(m) + b"t.")
CASES.add("null-bytes", "zero bytes follow instead of STOP", sources.NULLIFAI, lambda m: payload(m) + b"\x00" * 100)
CASES.add(
    "second-pickle",
    "an innocent pickle, then a hostile one; readers of logs take both",
    sources.PICKLESCAN_TESTS,
    lambda m: stream(listed(number(1))) + payload(m) + b".",
    reader="pickle-all",
)
CASES.add(
    "tenth-pickle",
    "nine innocent pickles, then a hostile one",
    sources.PICKLESCAN_TESTS,
    lambda m: stream(listed(number(1))) * 9 + payload(m) + b".",
    reader="pickle-all",
)
CASES.add(
    "second-broken",
    "an innocent pickle, a hostile one without STOP",
    sources.NULLIFAI,
    lambda m: stream(listed(number(1))) + payload(m),
    reader="pickle-all",
)
CASES.add(
    "bytes-after",
    "a hostile pickle, then bytes that are none: a reader to the end stumbles",
    sources.PICKLESCAN_TESTS,
    lambda m: payload(m) + b".\n\n\t\t\xff\xfe",
)
CASES.add(
    "payload-late",
    "half a megabyte of data before the call, past what a reader of heads sees",
    sources.HIDE_AND_SEEK,
    lambda m: b"\x80\x04" + b"](" + b"K\x01" * 250_000 + b"e0" + payload(m)[2:] + b".",
)
CASES.add(
    "payload-in-frame",
    "the call lies where a frame says that the stream is over",
    sources.PICKLETOOLS,
    lambda m: b"\x80\x04\x95" + struct.pack("<Q", 2) + b"N0" + payload(m)[2:] + b".",
)
