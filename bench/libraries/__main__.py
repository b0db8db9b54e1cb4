"""`python -m bench.libraries [--only NAME]`: objects of real libraries on brinery and its rivals; writes docs/libraries.md."""

from __future__ import annotations

import argparse
import sys
from importlib import metadata

from bench.breadth.matrix import LEGEND, ROOT, page, results
from bench.libraries.cases import CASES
from bench.machine import description

HEAD = """\
# Objects of real libraries

Taken with `make libraries` on {machine}.

Each object is made and dumped in the `__main__` of one process, loaded and *used* in a fresh one
(`bench/libraries/` has the code of both).
{legend}
{count} packages: {packages}. {missing}

"""


def installed() -> dict[str, str]:
    """The versions of the packages there are cases of, by name; "" for those that are not there."""
    found = {}
    for package in dict.fromkeys(case.package for case in CASES):
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            found[package] = ""
    return found


def head(packages: dict[str, str]) -> str:
    there = sorted((f"{name} {version}" for name, version in packages.items() if version), key=str.lower)
    missing = [name for name, version in packages.items() if not version]
    told = f"Could not be installed, and are not counted: {', '.join(missing)}." if missing else "All were installed."
    machine = description("brinery", "cloudpickle", "dill")
    return HEAD.format(machine=machine, legend=LEGEND, count=len(there), packages=", ".join(there), missing=told)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", help="cases with this in their names; nothing written")
    options = parser.parse_args()
    packages = installed()
    here = [case for case in CASES if packages[case.package]]
    names = [case.name for case in here if not options.only or options.only in case.name]
    if not names:
        parser.error(f"no case of an installed package has {options.only!r} in its name")
    text = page(here, results("bench.libraries.cases", names))
    print(text)
    if not options.only:
        (ROOT / "docs" / "libraries.md").write_text(head(packages) + text + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
