"""`python -m tests.digests.golden`: print what golden.txt is to hold; `--write` writes it."""

import sys
from pathlib import Path

from brinery.digests import digest
from tests.digests.objects import OBJECTS, numpy_objects

PATH = Path(__file__).parent / "golden.txt"


def read() -> dict[str, str]:
    lines = PATH.read_text(encoding="utf-8").splitlines()
    return {name: found for found, _, name in (line.partition(" ") for line in lines)}


def digests() -> dict[str, str]:
    found = {name: digest(make()) for name, make in OBJECTS.items()}
    try:
        found |= {name: digest(obj) for name, obj in numpy_objects().items()}
    except ImportError:
        pass
    return found


def main() -> None:
    text = "".join(f"{found} {name}\n" for name, found in digests().items())
    if "--write" in sys.argv:
        PATH.write_text(text, encoding="utf-8")
    else:
        print(text, end="")


if __name__ == "__main__":
    main()
