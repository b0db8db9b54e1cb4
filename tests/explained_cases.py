"""Explains the hard objects of the matrix, each in a main program of its own, and prints where dumps() disagrees."""

import sys
import types
import warnings
from pathlib import Path

from bench.breadth.cases import CASES

import brinery


def main(folder: Path) -> None:
    warnings.simplefilter("ignore")  # of what the cases do
    cases = [case for case in CASES if not case.missing()]
    for number, case in enumerate(cases):
        path = folder / f"case_{number}.py"
        path.write_text(case.make + "\n", encoding="utf-8")
        module = types.ModuleType("__main__")
        sys.modules["__main__"] = module
        exec(compile(case.make + "\n", str(path), "exec"), vars(module))
        for problem in disagreements(vars(module)["made"]):
            print(case.name, problem)
    print(len(cases), "explained")


def disagreements(made: object) -> list[str]:
    explanation = brinery.explain(made)
    try:
        data = brinery.dumps(made, seal=False)
    except brinery.EncodeError:
        data = None
    found = []
    if explanation.ok != (data is not None):
        found.append(f"ok: {explanation.ok}")
    if data is not None and abs(explanation.size - len(data)) > 60 + 0.15 * len(data):
        found.append(f"size: {explanation.size}, not {len(data)}")
    if (b"make_stand_in" in brinery.dumps(made, unpicklable="stand-in")) != (data is None):
        found.append("stand-ins")
    return found


if __name__ == "__main__":
    main(Path(sys.argv[1]))
