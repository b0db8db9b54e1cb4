"""modelscan: a shorter list of forbidden names, by the file's extension."""

from modelscan.modelscan import ModelScan
from modelscan.settings import DEFAULT_SETTINGS

name = "modelscan"
packages = ("modelscan",)
kind = "scanner"


def judge(path: str) -> bool:
    found = ModelScan(settings=DEFAULT_SETTINGS).scan(path)
    if found["summary"]["total_issues"]:
        return True
    if found["errors"] or not found["summary"]["scanned"]["total_scanned"]:
        raise ValueError("not scanned")
    return False
