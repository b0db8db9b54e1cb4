"""What the outcome of a function depends on besides its arguments, part by part."""

from __future__ import annotations

import re
import reprlib
from collections.abc import Iterable
from types import ModuleType
from typing import Any, NamedTuple

from brinery.digests import digest

__all__ = ["Code", "Part", "code_of_parts", "short_text"]

MOST_TEXT = 200
SHORT = 16  # digits of the digest of a part, as it is shown
ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")


class Part(NamedTuple):
    """One thing that the outcome of a function depends on besides its arguments."""

    kind: str  # "function", "class", "global", "default", "closure", "package", "python"
    name: str  # "app.helpers.scale", "app.RATE", "app.f(x)", "app.f.<closure>.n", "numpy"
    digest: str  # hexadecimal
    text: str  # for people: source of a function, else what a value looks like, or the version


class Code(NamedTuple):
    """What a function does, as far as the user's own code goes."""

    digest: str  # hexadecimal, of all parts
    parts: tuple[Part, ...]  # sorted by kind and name


def code_of_parts(parts: Iterable[Part], root: bytes) -> Code:
    """The code that consists of parts with digests in full, and begins with what the form is of."""
    ordered = sorted(parts)
    told = digest([root, [[part.kind, part.name, part.digest] for part in ordered]])
    return Code(told, tuple(part._replace(digest=part.digest[:SHORT]) for part in ordered))


class Shortening(reprlib.Repr):
    """What a value looks like, in short."""

    def __init__(self) -> None:
        """Containers are cut before their items are written, as there may be many."""
        super().__init__()
        self.maxlevel = 3
        self.maxdict = self.maxlist = self.maxtuple = self.maxset = self.maxfrozenset = self.maxdeque = 10
        self.maxstring = self.maxother = self.maxlong = MOST_TEXT


def short_text(value: Any) -> str:
    """What a value looks like, for people; without addresses, which are others in each process."""
    if isinstance(value, ModuleType):  # not where its file is
        return f"module {value.__name__}"
    try:
        text = Shortening().repr(value)
    except Exception:  # anybody's code writes it, and it is only shown
        text = f"<{type(value).__qualname__}>"
    text = ADDRESS.sub("", text)
    return text if len(text) <= MOST_TEXT else text[: MOST_TEXT - 3] + "..."
