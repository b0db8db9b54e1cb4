"""`python -m bench.honest [--only NAME]`: how many of the corpus's pickles name nothing but vetted globals."""

from __future__ import annotations

import argparse
import importlib
import sys
import warnings
from collections import Counter

from bench.honest.case import CASES, Global, globals_of
from bench.honest.names import renamed
from brinery.trust import vetting

PARTS = ("stdlib", "arrays", "tables", "science", "estimators", "tensors")


def listed() -> set[Global]:
    return {(module, name) for package in vetting.packages() for module, name, _ in vetting.entries(package)}


def missing_of(data: bytes, protocol: int, known: set[Global]) -> list[Global]:
    return [found for found in (renamed(each, protocol) for each in globals_of(data)) if found not in known]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="cases with this in their names")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    for part in PARTS:
        importlib.import_module(f"bench.honest.{part}")
    known = listed()
    total: Counter[str] = Counter()
    whole: Counter[str] = Counter()
    for case in CASES:
        if options.only not in case.name:
            continue
        for protocol, data in case.pickles():
            missing = missing_of(data, protocol, known)
            total[case.package] += 1
            whole[case.package] += not missing
            if missing:
                print(f"{case.name}, protocol {protocol}: {', '.join(':'.join(each) for each in missing)}")
    for package, count in sorted(total.items()):
        print(f"{package:10} {whole[package]:4} of {count:4}")
    print(f"{'all':10} {whole.total():4} of {total.total():4}: {whole.total() / max(total.total(), 1):.1%}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
