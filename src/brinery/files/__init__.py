"""One object, one file, whole or absent: writing, reading, verifying and describing the files that keep objects."""

from brinery.files.atomic import replaced
from brinery.files.describing import FileInfo, info
from brinery.files.log import Log, open_log
from brinery.files.partial import Part, open
from brinery.files.reading import load
from brinery.files.recovering import Recovered, recover
from brinery.files.repacking import convert, optimize, sign, source_of
from brinery.files.verifying import Verification, verify
from brinery.files.writing import dump

__all__ = [
    "FileInfo",
    "Log",
    "Part",
    "Recovered",
    "Verification",
    "convert",
    "dump",
    "info",
    "load",
    "open",
    "open_log",
    "optimize",
    "recover",
    "replaced",
    "sign",
    "source_of",
    "verify",
]
