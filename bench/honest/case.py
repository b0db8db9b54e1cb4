"""A case of the corpus, and the register of all of them."""

from __future__ import annotations

import pickle
import pickletools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

Global = tuple[str, str]


ADDRESS = re.compile(r" at 0x[0-9a-f]+")


def answer_by_repr(obj: Any) -> Any:
    return ADDRESS.sub("", repr(obj))


@dataclass(frozen=True)
class Case:
    """An object to pickle.

    ``package`` is the one whose vetted list it is about; ``use`` asks an object, made or loaded, for what both must
    answer alike.
    """

    name: str
    package: str
    make: Callable[[], Any]
    use: Callable[[Any], Any] = answer_by_repr
    protocols: tuple[int, ...] = (5,)

    def pickles(self) -> Iterator[tuple[int, bytes]]:
        """What the stdlib writes, by protocol."""
        obj = self.make()
        for protocol in self.protocols:
            yield protocol, pickle.dumps(obj, protocol)


CASES: list[Case] = []


def add(
    package: str,
    name: str,
    make: Callable[[], Any],
    use: Callable[[Any], Any] = answer_by_repr,
    protocols: tuple[int, ...] = (5,),
) -> None:
    CASES.append(Case(f"{package}: {name}", package, make, use, protocols))


def globals_of(data: bytes) -> list[Global]:
    """The globals that a pickle of the stdlib names, by the names it has for them, in order."""
    found: dict[Global, None] = {}
    memo: dict[int, Any] = {}
    texts: list[Any] = [None, None]
    for opcode, argument, _ in pickletools.genops(data):
        if opcode.name in {"GLOBAL", "INST"}:
            module, name = argument.split(" ", 1)
            found[module, name] = None
        elif opcode.name == "STACK_GLOBAL":
            found[texts[-2], texts[-1]] = None
        elif opcode.name == "MEMOIZE":
            memo[len(memo)] = texts[-1]
        elif opcode.name in {"PUT", "BINPUT", "LONG_BINPUT"}:
            memo[argument] = texts[-1]
        elif opcode.name in {"GET", "BINGET", "LONG_BINGET"}:
            texts.append(memo.get(argument))
        elif opcode.name not in {"FRAME", "PROTO"}:
            texts.append(argument if isinstance(argument, str) else None)
    return list(found)
