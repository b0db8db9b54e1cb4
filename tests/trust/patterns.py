"""The pattern language of vetted entries, the plain way: matched against objects.

The core matches what opcodes say, before anything is made; this one is for tests, and for `make vet`.
"""

from __future__ import annotations

import pickle
import re
from collections.abc import Callable
from functools import cache
from typing import Any

Match = Callable[[Any, "Made"], bool]
TOKEN = re.compile(r"\s*(<=|<[^>]+>|=[\w.]+:[\w.]+|'[^']*'|\.\.\.|\.\.|-?\d+|\w+|[\[\],|*?])")
KINDS = {
    "bool": bool, "int": int, "float": float, "complex": complex, "str": str, "bytes": bytes, "bytearray": bytearray,
    "list": list, "tuple": tuple, "dict": dict, "set": set, "frozenset": frozenset,
}  # fmt: skip
SCALARS = (type(None), bool, int, float, complex, str, bytes, bytearray)


class Made:
    """What is known of the objects of one load: which entry made them, and what the globals are."""

    def __init__(self) -> None:
        self.by: dict[int, str] = {}
        self.globals: dict[int, tuple[str, str]] = {}  # path and role, by the identity of the object
        self.kept: list[Any] = []

    def made(self, obj: Any, path: str) -> None:
        self.by[id(obj)] = path
        self.kept.append(obj)

    def found(self, obj: Any, path: str, role: str) -> None:
        self.globals[id(obj)] = (path, role)
        self.kept.append(obj)


class Parser:
    def __init__(self, text: str) -> None:
        self.tokens: list[str] = []
        at = 0
        text = text.rstrip()
        while at < len(text):
            found = TOKEN.match(text, at)
            if found is None:
                raise ValueError(f"no pattern: {text!r} at {at}")
            self.tokens.append(found[1])
            at = found.end()
        self.at = 0

    def peek(self) -> str | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def next(self) -> str:
        self.at += 1
        return self.tokens[self.at - 1]

    def expect(self, token: str) -> None:
        if self.next() != token:
            raise ValueError(f"{token!r} expected in {self.tokens}")

    def alternatives(self) -> Match:
        found = [self.primary()]
        while self.peek() == "|":
            self.next()
            found.append(self.primary())
        return found[0] if len(found) == 1 else lambda obj, made: any(each(obj, made) for each in found)

    def primary(self) -> Match:  # noqa: PLR0911
        token = self.next()
        if token.startswith("<") and token != "<=":
            return lambda obj, made: made.globals.get(id(obj), ("",))[0] == token[1:-1]
        if token.startswith("="):
            return lambda obj, made: made.by.get(id(obj)) == token[1:]
        if token.startswith("'"):
            return lambda obj, made: type(obj) is str and obj == token[1:-1]
        if token in {"list", "tuple", "dict"} and self.peek() == "[":
            self.next()
            return self.container(token)
        if token == "int" and self.peek() == "[":
            self.next()
            low, _, high = self.next(), self.expect(".."), self.next()
            self.expect("]")
            return lambda obj, made: type(obj) is int and int(low) <= obj <= int(high)
        if token in {"str", "bytes"} and self.peek() == "<=":
            self.next()
            most = int(self.next())
            return lambda obj, made: type(obj) is KINDS[token] and len(obj) <= most
        return NAMED[token] if token in NAMED else kind(token)

    def container(self, token: str) -> Match:
        if self.peek() == "]":
            self.next()
            return lambda obj, made: type(obj) is KINDS[token] and not obj
        first = self.alternatives()
        if token == "list":
            self.expect("]")
            return lambda obj, made: type(obj) is list and all(first(each, made) for each in obj)
        if token == "dict":
            self.expect(",")
            value = self.alternatives()
            self.expect("]")
            return lambda obj, made: (
                type(obj) is dict and all(first(k, made) and value(v, made) for k, v in obj.items())
            )
        return self.tuple_of(first)

    def tuple_of(self, first: Match) -> Match:
        parts = [first]
        while self.next() == ",":
            if self.peek() == "...":
                self.next()
                self.expect("]")
                return lambda obj, made: type(obj) is tuple and all(first(each, made) for each in obj)
            parts.append(self.alternatives())
        return lambda obj, made: (
            type(obj) is tuple and len(obj) == len(parts) and all(p(o, made) for p, o in zip(parts, obj, strict=True))
        )


def kind(token: str) -> Match:
    wanted = KINDS[token]
    return lambda obj, made: type(obj) is wanted


def is_plain(obj: Any, made: Made) -> bool:
    return type(obj) in SCALARS or inside(obj, made, is_plain)


def inside(obj: Any, made: Made, match: Match) -> bool:
    if type(obj) in {list, tuple, set, frozenset}:
        return all(match(each, made) for each in obj)
    return type(obj) is dict and all(match(k, made) and match(v, made) for k, v in obj.items())


def is_any(obj: Any, made: Made) -> bool:
    """Anything but functions, and what nobody vouches for."""
    if type(obj) in SCALARS or id(obj) in made.by or isinstance(obj, memoryview | pickle.PickleBuffer):
        return True
    role = made.globals.get(id(obj), ("", ""))[1]
    return role in {"value", "class", "type"} or inside(obj, made, is_any)


def is_key(obj: Any, made: Made) -> bool:
    return type(obj) not in {list, dict, set, bytearray} and is_any(obj, made)


NAMED: dict[str, Match] = {
    "any": is_any,
    "key": is_key,
    "none": lambda obj, made: obj is None,
    "buffer": lambda obj, made: isinstance(obj, memoryview),
    "type": lambda obj, made: made.globals.get(id(obj), ("", ""))[1] in {"class", "type"},
    "plain": is_plain,
}


@cache
def compiled(text: str) -> Match:
    parser = Parser(text)
    found = parser.alternatives()
    if parser.peek() is not None:
        raise ValueError(f"{text!r} goes on after its end")
    return found


def matches_arguments(patterns: list[str], args: tuple[Any, ...], made: Made) -> bool:
    """One alternative of the arguments of an entry."""
    for index, pattern in enumerate(patterns):
        if pattern.startswith("*"):
            return all(compiled(pattern[1:])(each, made) for each in args[index:])
        if index >= len(args):
            return pattern.endswith("?")
        if not compiled(pattern.removesuffix("?"))(args[index], made):
            return False
    return len(args) <= len(patterns)


def matches_state(entry: dict[str, Any], state: Any, made: Made) -> bool:
    """The state of a BUILD; `state` stands for attributes, none of which may hide a method."""
    pattern = entry.get("state")
    if pattern is None:
        return False
    if pattern != "state":
        return compiled(pattern)(state, made)
    parts = state if type(state) is tuple and len(state) == 2 else (state,)
    return all(part is None or is_attributes(entry, part, made) for part in parts)


def is_attributes(entry: dict[str, Any], part: Any, made: Made) -> bool:
    forbidden = entry.get("forbidden_fields", ())
    return type(part) is dict and all(
        type(key) is str and key not in forbidden and not key.startswith("__") and is_any(value, made)
        for key, value in part.items()
    )
