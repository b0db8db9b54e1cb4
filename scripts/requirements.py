"""Prints what the extras named on the command line need, one requirement a line: `requirements.py EXTRA...`.

`build` stands for what building needs. brinery itself is left out: it is built from this folder.
"""

import sys
import tomllib

with open("pyproject.toml", "rb") as file:
    settings = tomllib.load(file)
project = settings["project"]
for extra in sys.argv[1:]:
    wanted = settings["build-system"]["requires"] if extra == "build" else project["optional-dependencies"][extra]
    print(*(each for each in [*wanted, *project["dependencies"]] if not each.startswith("brinery[")), sep="\n")
