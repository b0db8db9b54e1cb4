"""BUILD where it was never meant to be: on classes, functions, modules, enum members; states that shadow methods."""

from __future__ import annotations

from tests.attacks import sources
from tests.attacks.assembly import (
    NONE,
    build,
    call,
    dropped,
    fields,
    listed,
    mapped,
    name,
    new,
    number,
    packed,
    slots,
    stream,
    text,
)
from tests.attacks.case import Family, Marker

CASES = Family("states")


def user_list() -> bytes:
    return new(name("collections", "UserList"))


def shadowed_setstate(marker: Marker) -> bytes:
    """The first BUILD puts a function where the second one looks for __setstate__."""
    made = build(user_list(), fields(__setstate__=name("os", "system")))
    return stream(build(made, text(marker.command)))


def shadowed_append(marker: Marker) -> bytes:
    """An object without extend, for which the C pickle would look first."""
    made = build(new(name("argparse", "Namespace")), fields(append=name("os", "system")))
    return stream(made, text(marker.command), b"a")


def shadowed_extend(marker: Marker) -> bytes:
    """extend is called with the list of what is appended: words of a command."""
    made = build(user_list(), fields(append=name("os", "system"), extend=name("subprocess", "Popen")))
    return stream(made, b"(", text(marker.words[0]), text(marker.path), b"e")


def shadowed_add(marker: Marker) -> bytes:
    made = build(new(name("types", "SimpleNamespace")), fields(add=name("os", "system")))
    return stream(made, b"(", text(marker.command), b"\x90")


def patched_class(marker: Marker) -> bytes:
    """A class is given a __setstate__, then an instance of it a state."""
    patched = dropped(build(name("collections", "UserDict"), slots(__setstate__=name("os", "system"))))
    return stream(patched, build(new(name("collections", "UserDict")), text(marker.command)))


def patched_finaliser(marker: Marker) -> bytes:
    """A class is given a __del__: dropping an instance calls."""
    finaliser = call(name("functools", "partial"), name("os", "system"), text(marker.command))
    patched = dropped(build(name("collections", "UserString"), slots(__del__=finaliser)))
    return stream(patched, new(name("collections", "UserString")), b"0N")


def patched_module(marker: Marker) -> bytes:
    """os.path is a module: its names are replaced for the whole process."""
    return stream(build(name("os", "path"), fields(expandvars=name("os", "system"))))


def swapped_class(marker: Marker) -> bytes:
    """An innocent object becomes one whose finaliser deletes the file that its state names."""
    state = NONE + mapped(
        (text("__class__"), name("tempfile", "_TemporaryFileCloser")), (text("delete"), b"\x88"),
        (text("file"), call(name("io", "BytesIO"))), (text("name"), text(marker.victim)),
    ) + b"\x86"  # fmt: skip
    return stream(build(new(name("argparse", "Namespace")), state), b"0N")


CASES.add("setstate-in-dict", "an instance's __dict__ is given a __setstate__", sources.CALL_GRAPH, shadowed_setstate)
CASES.add("append-in-dict", "APPEND calls the append that BUILD put into __dict__", sources.CALL_GRAPH, shadowed_append)
CASES.add(
    "extend-in-dict", "APPENDS calls the extend that BUILD put into __dict__", sources.CALL_GRAPH, shadowed_extend
)
CASES.add("add-in-dict", "ADDITEMS calls the add that BUILD put into __dict__", sources.CALL_GRAPH, shadowed_add)
CASES.add("setstate-on-class", "BUILD on a class gives it a __setstate__", sources.MODELSCAN_BUILD, patched_class)
CASES.add("del-on-class", "BUILD on a class gives it a __del__", sources.MODELSCAN_BUILD, patched_finaliser)
CASES.add(
    "method-on-class",
    "BUILD on a class replaces a method that the program calls later",
    sources.MODELSCAN_BUILD,
    lambda m: stream(build(name("json", "JSONDecoder"), slots(decode=name("builtins", "eval")))),
    after="import json, os\njson.JSONDecoder.decode('ran()', {'ran': ran})",
)
CASES.add(
    "names-of-module",
    "BUILD on os.path replaces a function of it",
    sources.MODELSCAN_BUILD,
    patched_module,
    after="import os\nif os.path.expandvars is os.system: ran()",
)
CASES.add(
    "code-of-function",
    "BUILD on a function replaces its code",
    sources.MODELSCAN_BUILD,
    lambda m: stream(build(name("json", "loads"), slots(__code__=name("base64", "b64decode.__code__")))),
    after="import base64, json\nif json.loads.__code__ is base64.b64decode.__code__: ran()",
)
CASES.add(
    "defaults-of-function",
    "BUILD on a function replaces its defaults",
    sources.MODELSCAN_BUILD,
    lambda m: stream(build(name("os", "makedirs"), slots(__defaults__=packed(number(0o777), b"\x88")))),
    after="import os\nif os.makedirs.__defaults__[1] is True: ran()",
)
CASES.add(
    "attributes-of-function",
    "BUILD on a function gives it attributes",
    sources.MODELSCAN_BUILD,
    lambda m: stream(build(name("os", "makedirs"), fields(planted=number(1)))),
    after="import os\nif hasattr(os.makedirs, 'planted'): ran()",
)
CASES.add(
    "enum-member",
    "BUILD on a member of an enum, which all of the process shares",
    sources.MODELSCAN_BUILD,
    lambda m: stream(build(name("http", "HTTPStatus.OK"), fields(_value_=number(666)))),
    after="import http\nif http.HTTPStatus.OK.value == 666: ran()",
)
CASES.add(
    "enum-member-by-value",
    "BUILD on a member that REDUCE finds by its value",
    sources.MODELSCAN_BUILD,
    lambda m: stream(build(call(name("http", "HTTPStatus"), number(404)), fields(phrase=text("planted")))),
    after="import http\nif http.HTTPStatus.NOT_FOUND.phrase == 'planted': ran()",
)
CASES.add(
    "shared-object",
    "BUILD on an object that is no one's own: a logger, which REDUCE finds by name",
    sources.CALL_GRAPH,
    lambda m: stream(build(call(name("logging", "getLogger"), text("planted")), fields(disabled=b"\x88"))),
    after="import logging\nif logging.getLogger('planted').disabled: ran()",
)
CASES.add("swapped-class", "__class__ in the state", sources.CALL_GRAPH, swapped_class)
CASES.add(
    "swapped-dict",
    "__dict__ in the state: the next BUILD writes into a dict of the process",
    sources.CALL_GRAPH,
    lambda m: stream(build(build(user_list(), slots(__dict__=name("os", "__dict__"))), fields(planted=number(1)))),
    after="import os\nif hasattr(os, 'planted'): ran()",
)
CASES.add(
    "exit-hook",
    "BUILD puts a hook where the interpreter calls one: sys.excepthook",
    sources.CALL_GRAPH,
    lambda m: stream(build(name("os", "sys"), fields(excepthook=name("builtins", "print")))),
    after="import sys\nif sys.excepthook is print: ran()",
)
CASES.add(
    "metaclass",
    "a class that the stream makes, with hooks of its choice, inherits from a trusted one",
    sources.CALL_GRAPH,
    lambda m: stream(
        dropped(
            build(
                call(
                    name("builtins", "type"),
                    text("C"),
                    packed(name("collections", "UserList")),
                    mapped((text("__setstate__"), name("os", "system"))),
                )
                + b")\x81",
                text(m.command),
            )
        ),
        b"N",
    ),
)
CASES.add(
    "abstract-base",
    "ABCMeta.register makes a class count as another",
    sources.CALL_GRAPH,
    lambda m: stream(call(name("numbers", "Integral.register"), name("builtins", "str"))),
    after="import numbers\nif isinstance('', numbers.Integral): ran()",
)
CASES.add(
    "method-in-state",
    "the method of an object that the program will call is put into its state",
    sources.CALL_GRAPH,
    lambda m: stream(build(user_list(), fields(data=listed(), sort=name("builtins", "eval")))),
    after="made.sort('ran()', {'ran': ran})",
)
