"""Writes the vectors of code: functions and classes by the brinery and the Python that this runs on.

With the environments that `make versions` makes, for each version::

    .venv-3.12/bin/python -m tests.vectors.generate_code tests/vectors/code/3.12.json

The result maps the name of a case to the hexadecimal text of its bytes, to the expression that has to be true of what
they are loaded as, and to the first version of Python that can load them.
"""

import json
import sys
import tempfile
from pathlib import Path

from bench.breadth.child import written
from bench.versions.cases import ALL, SINCE
from bench.versions.pairs import can_write

CHOSEN = {
    "lambda", "two lambdas on a line", "docstring and annotations", "closure that counts", "two functions share a cell",
    "recursive closure", "functions share a global", "keyword-only and positional-only", "async generator",
    "comprehension with closure", "decorated with wraps", "recursive lru_cache", "singledispatch", "exec without source",
    "default that is mutable", "walrus, match and star", "lambda as a default of a lambda", "lambda of a method",
    "lambda after other letters", "comprehensions of all kinds", "docstring over lines, in a method", "async all over",
    "string over lines at the margin, in a method", "match over classes", "exception groups", "format strings",
    "private names in nested functions", "super in a nested function", "names its class and __class__",
    "a function makes functions after it was loaded", "type parameters", "type alias that leads to itself, with parameters",
    "quotes in format strings of the same kind", "diamond", "metaclass with keywords", "property",
    "dataclass with all options", "frozen ordered dataclass with slots", "enums of every kind", "named tuples",
    "protocols", "generics of typing", "abstract classes and properties", "slots with private names and a default",
    "subclasses of what has hooks and slots", "enum of values that are numbered by themselves",
    "enum with nonmember and dataclass", "class made in a method, with a private parameter","exceptions of one's own", "generic class with type parameters",
}  # fmt: skip


def main(path: str) -> None:
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    vectors = {}
    for case in ALL:
        if case.name in CHOSEN and can_write(case, version):
            with tempfile.TemporaryDirectory() as folder:
                failed = written(case, "brinery", folder)
                if failed is not None:
                    raise RuntimeError(f"{case.name}: {failed}")
                data = (Path(folder) / "data.pickle").read_bytes()
            # The header of a class does not travel, so that other versions need not read it.
            since = SINCE.get(case.name, (3, 11)) if case.group == "functions" else (3, 11)
            vectors[case.name] = {"data": data.hex(), "use": case.use, "since": since}
    Path(path).write_text(json.dumps(vectors, indent=0, sort_keys=True) + "\n", encoding="utf-8")
    print(len(vectors), "functions and classes by", sys.version.split()[0])


if __name__ == "__main__":
    main(sys.argv[1])
