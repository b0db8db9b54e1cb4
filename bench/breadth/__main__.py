"""`python -m bench.breadth [--only NAME]`: the matrix on brinery and its rivals; writes docs/breadth.md."""

from __future__ import annotations

import argparse
import sys

from bench.breadth.cases import CASES
from bench.breadth.matrix import LEGEND, ROOT, page, results
from bench.machine import description


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", help="a group, or cases with this in their names; nothing written")
    options = parser.parse_args()
    names = [case.name for case in CASES if not options.only or options.only == case.group or options.only in case.name]
    if not names:
        parser.error(f"no case has {options.only!r} in its name")
    for missing in sorted({case.missing() for case in CASES if case.name in names} - {""}):
        print(f"left out for want of a package: pip install {missing}", file=sys.stderr)
    text = page(CASES, results("bench.breadth.cases", names))
    print(text)
    if not options.only:
        head = (
            "# What travels\n\n"
            f"Taken with `make breadth` on {description('brinery', 'cloudpickle', 'dill', 'numpy', 'pandas')}.\n\n"
            "Each object is made and dumped in the `__main__` of one process, loaded and *used* in a fresh one\n"
            f"(`bench/breadth/cases.py` has the code of both).\n{LEGEND}\n"
        )
        (ROOT / "docs" / "breadth.md").write_text(head + text + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
