"""brinery.scan."""

from brinery import scan

name = "brinery.scan"
packages = ("brinery",)
kind = "scanner"


def judge(path: str) -> bool:
    with open(path, "rb") as file:
        verdict = scan(file.read()).verdict
    if verdict == "unreadable":
        raise ValueError("unreadable")
    return bool(verdict != "clean")
