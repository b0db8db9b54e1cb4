"""Functions and classes that another process could not import."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

GLOBALS = {"__name__": "__main__", "one": 1, "two": 2, "three": 3, "four": 4, "five": 5}


def closure() -> Any:
    a, b, c = 1, 2, 3

    def inner(x: int) -> int:
        return a + b + c + x

    return inner


def made_in_main(source: str, name: str) -> Any:
    """What a script's text makes of a name, as its __main__ would have it."""
    import linecache

    filename = f"<workload {name}>"
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    namespace = dict(GLOBALS)
    exec(compile(source, filename, "exec"), namespace)
    return namespace[name]


TEN = "class Ten:\n" + "".join(f"    def method{i}(self, x):\n        return x + {i}\n" for i in range(10))

WORKLOADS: dict[str, Callable[[], Any]] = {
    "a lambda": lambda: lambda x: x + 1,
    "a closure of three values": closure,
    "a recursive function": lambda: made_in_main("def fact(n):\n    return 1 if n < 2 else n * fact(n - 1)\n", "fact"),
    "a function with five globals": lambda: made_in_main("def total(x):\n    return x + one + two + three + four + five\n", "total"),
    "a class of ten methods": lambda: made_in_main(TEN, "Ten"),
}  # fmt: skip
