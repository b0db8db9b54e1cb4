"""picklescan: a list of forbidden names. Suspicious names alone are no issue to it."""

from picklescan.scanner import scan_file_path

name = "picklescan"
packages = ("picklescan",)
kind = "scanner"


def judge(path: str) -> bool:
    found = scan_file_path(path)
    if not found.infected_files and (found.scan_err or not found.scanned_files):
        raise ValueError("not scanned")
    return bool(found.infected_files)
