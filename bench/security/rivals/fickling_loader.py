"""fickling's loader for machine learning: an Unpickler with a list of allowed names."""

import io
import zipfile

from fickling.ml import FicklingMLUnpickler

name = "fickling's ML unpickler"
packages = ("fickling",)
kind = "loader"


def judge(path: str) -> None:
    with open(path, "rb") as file:
        data = file.read()
    if data.startswith(b"PK"):
        with zipfile.ZipFile(path) as archive:
            data = archive.read(next(each for each in archive.namelist() if each.endswith("data.pkl")))
    FicklingMLUnpickler(io.BytesIO(data)).load()
