"""SETITEM(S), APPEND(S) and ADDITEMS on objects that are no plain containers, and keys that call."""

from __future__ import annotations

from tests.attacks import sources
from tests.attacks.assembly import call, listed, mapped, name, packed, stream, text
from tests.attacks.case import Family, Marker

CASES = Family("containers")


def class_with(**methods: bytes) -> bytes:
    return call(
        name("builtins", "type"), text("Key"), packed(), mapped(*((text(key), value) for key, value in methods.items()))
    )


def calling_hash(marker: Marker) -> bytes:
    """A partial is no method in the Pythons up to 3.13, so that hash() calls it without the object."""
    hashing = call(name("functools", "partial"), name("os", "system"), text(marker.command))
    return stream(mapped((call(class_with(__hash__=hashing)), text("x"))))


def calling_equality(marker: Marker) -> bytes:
    """Two keys of one hash are compared: os.system is called with the second."""
    hashing = call(name("functools", "partial"), name("builtins", "hash"), text(marker.command))
    key = call(class_with(__hash__=hashing, __eq__=name("os", "system")))
    return stream(mapped((key, text("x")), (text(marker.command), text("y"))))


def calling_set(marker: Marker) -> bytes:
    hashing = call(name("functools", "partial"), name("os", "system"), text(marker.command))
    return stream(b"(", call(class_with(__hash__=hashing)), b"\x91")


def maildir(marker: Marker) -> bytes:
    """A mailbox has an add method: ADDITEMS writes mail."""
    box = call(name("mailbox", "Maildir"), text(marker.path))
    return stream(box, b"(", text("From: x\n\nx"), b"\x90")


def shelf(marker: Marker) -> bytes:
    """A Shelf pickles what SETITEM puts in, into the mapping that it was given: here the environment of the process."""
    made = call(
        name("os", "_Environ"),
        name("os", "environ._data"),
        *[name("os", "environ." + each) for each in ("encodekey", "decodekey", "encodevalue", "decodevalue")],
    )
    return stream(made, text("PLANTED"), text("x"), b"s")


CASES.add(
    "environment",
    "SETITEM into os.environ",
    sources.CALL_GRAPH,
    lambda m: stream(name("os", "environ"), text("LD_PRELOAD"), text("/x.so"), b"s"),
    after="import os\nif os.environ.get('LD_PRELOAD') == '/x.so': ran()",
)
CASES.add(
    "environment-made",
    "an environment that the stream makes around the process's own",
    sources.CALL_GRAPH,
    shelf,
    after="import os\nif os.getenv('PLANTED') == 'x': ran()",
)
CASES.add(
    "import-path",
    "APPEND to sys.path",
    sources.CALL_GRAPH,
    lambda m: stream(name("sys", "path"), text(m.folder), b"a"),
    after="import sys\nif made[-1] in sys.path: ran()",
)
CASES.add(
    "builtins",
    "SETITEM into the dict of builtins",
    sources.SOUR_PICKLES,
    lambda m: stream(name("builtins", "__dict__"), text("copyright"), name("os", "system"), b"s"),
    after="import os, builtins\nif builtins.copyright is os.system: ran()",
)
CASES.add(
    "dispatch-table",
    "SETITEM into copyreg.dispatch_table: the next dump calls",
    sources.PEP_307,
    lambda m: stream(name("copyreg", "dispatch_table"), name("collections", "UserList"), name("os", "system"), b"s"),
    after="import copyreg, os\nif os.system in copyreg.dispatch_table.values(): ran()",
)
CASES.add(
    "codec-cache",
    "a dict of a module: encodings.aliases",
    sources.CALL_GRAPH,
    lambda m: stream(name("encodings.aliases", "aliases"), text("utf_8_planted"), text("rot_13"), b"s"),
    after="import encodings.aliases\nif 'utf_8_planted' in encodings.aliases.aliases: ran()",
)
CASES.add(
    "warning-filters",
    "APPENDS to a list that a module keeps: warnings.filters",
    sources.CALL_GRAPH,
    lambda m: stream(
        name("warnings", "filters"),
        b"(",
        packed(text("ignore"), b"N", name("builtins", "Warning"), b"N", b"K\x00"),
        b"e",
    ),
    after="import warnings\nif made is warnings.filters: ran()",
)
CASES.add("hash-calls", "a key's __hash__ runs a command", sources.CALL_GRAPH, calling_hash, until=(3, 14))
CASES.add("eq-calls", "a key's __eq__ runs a command", sources.CALL_GRAPH, calling_equality, until=(3, 14))
CASES.add(
    "set-item-calls",
    "FROZENSET of an object whose __hash__ runs a command",
    sources.CALL_GRAPH,
    calling_set,
    until=(3, 14),
)
CASES.add("maildir", "ADDITEMS on a mailbox writes files", sources.CALL_GRAPH, maildir)
CASES.add(
    "range-list",
    "a call's argument drained while a list grows",
    sources.CALL_GRAPH,
    lambda m: stream(
        listed(),
        b"(",
        call(name("builtins", "list"), call(name("builtins", "map"), name("os", "system"), listed(text(m.command)))),
        b"e",
    ),
)
