"""The standard library's data types, on every protocol."""

from __future__ import annotations

import argparse
import array
import calendar
import collections
import copy
import datetime
import decimal
import email.message
import fractions
import http
import http.cookies
import io
import ipaddress
import json
import logging
import operator
import pathlib
import random
import re
import signal
import socket
import statistics
import string
import struct
import time
import types
import typing
import urllib.parse
import uuid
import xml.etree.ElementTree
import zoneinfo
from typing import Any

from bench.honest.case import add

ALL = (0, 1, 2, 3, 4, 5)
NOT_BEFORE_2 = {"itemgetter", "typing", "BytesIO", "StringIO", "element of XML"}  # pickle itself refuses them
DICT_ORDER = {"b": 1, "a": 2}
UTC = datetime.UTC


def stdlib(name: str, obj: Any, protocols: tuple[int, ...] = ALL) -> None:
    add("stdlib", name, lambda: obj, protocols=protocols)


def mapping_of_counters() -> Any:
    found: Any = collections.defaultdict(collections.Counter)
    for word in ("pear", "plum", "pear"):
        found[word[0]][word] += 1
    return found


def element() -> Any:
    return xml.etree.ElementTree.fromstring("<a k='v'><b>text</b>tail</a>")


def message() -> Any:
    made = email.message.EmailMessage()
    made["Subject"] = "Hello"
    made.set_content("text")
    return made.as_string()


def cookie() -> Any:
    made: Any = http.cookies.SimpleCookie()
    made["session"] = "1"
    return made


def record() -> Any:
    return logging.LogRecord("name", logging.INFO, "path.py", 3, "said %s", ("this",), None)


def buffer_of_bytes() -> Any:
    made = io.BytesIO(b"abc")
    made.seek(1)
    return made


def buffer_of_text() -> Any:
    made = io.StringIO("abc")
    made.seek(1)
    return made


for name, obj in {
    "numbers": [None, True, False, 0, -1, 2**70, 1.5, float("inf"), 1 + 2j],
    "text and bytes": ["", "é\n", "\ud800", b"", b"\x00\xff", bytearray(b"ab")],
    "containers": {"list": [1, [2]], "tuple": (1, (2,)), "set": {1, 2}, "frozenset": frozenset({1}), 1: {2: 3}},
    "ellipsis and the like": [..., NotImplemented],
    "slices and ranges": [slice(1, 2, 3), slice(None), range(3), range(0, 10, 2)],
    "types as values": [int, str, list, dict, float, object, type(None), bytes, set, tuple, bool, complex, type],
    "OrderedDict": collections.OrderedDict(DICT_ORDER),
    "defaultdict of lists": collections.defaultdict(list, {"a": [1]}),
    "defaultdict of ints": collections.defaultdict(int, {"a": 1}),
    "defaultdict of dicts, of sets": [collections.defaultdict(dict), collections.defaultdict(set, a={1})],
    "deque": collections.deque([1, 2], 5),
    "Counter": collections.Counter("abca"),
    "ChainMap": collections.ChainMap({"a": 1}, {"b": 2}),
    "UserDict, UserList, UserString": [
        collections.UserDict(a=1),
        collections.UserList([1]),
        collections.UserString("text"),
    ],
    "date, time, datetime": [
        datetime.date(2024, 1, 2),
        datetime.time(1, 2, 3, 4),
        datetime.datetime(2024, 1, 2, 3, 4, 5, 6),
        datetime.timedelta(1, 2, 3),
    ],
    "aware datetimes": [
        datetime.datetime(2024, 1, 2, tzinfo=UTC),
        datetime.datetime(2024, 1, 2, tzinfo=datetime.timezone(datetime.timedelta(hours=2), "X"), fold=1),
        datetime.time(1, tzinfo=UTC),
    ],
    "Decimal": [decimal.Decimal("1.10"), decimal.Decimal("NaN"), decimal.Decimal("-Infinity")],
    "Decimal context": decimal.Context(prec=5),
    "Fraction": fractions.Fraction(1, 3),
    "UUID": uuid.UUID(int=5),
    "paths": [pathlib.PurePosixPath("/a/b"), pathlib.PosixPath("c"), pathlib.PureWindowsPath("c:/x")],
    "pattern": [re.compile("a+", re.I), re.compile(b"b")],
    "regex flags": re.I | re.M,
    "ip addresses": [
        ipaddress.ip_address("10.0.0.1"),
        ipaddress.ip_network("10.0.0.0/8"),
        ipaddress.ip_interface("10.0.0.1/8"),
        ipaddress.ip_address("::1"),
        ipaddress.ip_network("fe80::/10"),
        ipaddress.ip_interface("::1/128"),
    ],
    "array": [array.array("i", [1, 2]), array.array("d", [0.5]), array.array("B", b"ab"), array.array("u", "ab")],
    "SimpleNamespace": types.SimpleNamespace(a=1, b=[2]),
    "MappingProxyType of nothing, generic alias": [list[int], dict[str, int]],
    "Random": random.Random(5),
    "enum members": [http.HTTPStatus.OK, socket.AF_INET, signal.SIGINT, re.A],
    "BytesIO": buffer_of_bytes(),
    "StringIO": buffer_of_text(),
    "exceptions": [
        ValueError("bad", 1),
        KeyError("k"),
        OSError(2, "no", "file"),
        FileNotFoundError(2, "no"),
        StopIteration(3),
        ExceptionGroup("g", [TypeError("t"), RuntimeError()]),
    ],
    "unicode errors": [
        UnicodeDecodeError("utf-8", b"\xff", 0, 1, "why"),
        UnicodeEncodeError("ascii", "é", 0, 1, "why"),
        SyntaxError("bad", ("f", 1, 2, "x")),
        decimal.InvalidOperation("i"),
        json.JSONDecodeError("m", "doc", 1),
    ],
    "struct_time": [time.gmtime(0), time.struct_time(range(9))],
    "url parts": [
        urllib.parse.urlparse("http://a/b?c#d"),
        urllib.parse.urlsplit("x://y"),
        urllib.parse.urldefrag("a#b"),
    ],
    "cookies": cookie(),
    "log record": record(),
    "element of XML": element(),
    "message of e-mail": message(),
    "zone": [zoneinfo.ZoneInfo("Europe/Berlin"), datetime.datetime(2024, 1, 1, tzinfo=zoneinfo.ZoneInfo("UTC"))],
    "NormalDist": statistics.NormalDist(1, 2),
    "Template": string.Template("$a"),
    "Struct-like and formatted": [struct.calcsize("i"), string.ascii_letters],
    "builtin functions as values": [len, sum, min, max, abs],
    "operator functions as values": [operator.add, operator.mul],
    "itemgetter": operator.itemgetter(1, "a"),
    "namespace of arguments": argparse.Namespace(a=1, b=[pathlib.PurePosixPath("x")]),
    "calendar": [calendar.Calendar(1), calendar.TextCalendar(2)],
    "shared and recursive": [copy.copy([1])] * 3,
    "weird keys": {(1, "a"): 1, frozenset({2}): 2, datetime.date(2024, 1, 1): 3, decimal.Decimal(1): 4},
    "timezone": UTC,
    "typing": [typing.Any, typing.Optional[int], typing.List[str], typing.Union[int, str]],  # noqa: UP006, UP007, UP045
}.items():
    stdlib(name, obj, (2, 3, 4, 5) if name in NOT_BEFORE_2 else ALL)
