"""fickling: decompiles to Python and looks for what is not harmless."""

from fickling import scan_file, scan_zip_archive
from fickling.analysis import Severity

name = "fickling"
packages = ("fickling",)
kind = "scanner"


def judge(path: str) -> bool:
    if path.endswith((".zip", ".npz", ".pt")):
        found = scan_zip_archive(path).values()
        if not found:
            raise ValueError("nothing to scan")
        return any(each.severity > Severity.LIKELY_SAFE for each in found)
    return bool(scan_file(path).severity > Severity.LIKELY_SAFE)
