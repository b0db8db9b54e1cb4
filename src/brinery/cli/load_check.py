"""``brinery load-check``: whether a file would load, and what it would take."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from brinery import scanning
from brinery.cli.peek import console_of, line
from brinery.cli.scan import STYLES, Trusted, finding_text, print_pickle
from brinery.errors import BrineryError
from brinery.peeking import printable


def load_check(
    file: Annotated[Path, typer.Argument(help="A file of any format.", exists=True, dir_okay=False)],
    trust: Trusted = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
) -> None:
    """Say whether the pickles in a file would load under a policy, and what would have to be allowed besides.

    Nothing is loaded. Status 0: they would; 1: they would not; 2: there is no such file.
    """
    try:
        report = scanning.scan(file, trust=trust).files[0]
    except (BrineryError, OSError, ValueError) as error:
        raise typer.BadParameter(str(error)) from error
    if as_json:
        pickles = [{"place": each.place, "loads": each.loads, "needs": each.needs} for each in report.pickles]
        typer.echo(json.dumps({"loads": report.loads, "pickles": pickles}))
    else:
        console = console_of()
        for each in report.pickles:
            if not each.nested:
                print_pickle(console, each)
        for finding in report.findings:
            console.print(line(f"{finding.severity}: {finding_text(finding)}"))
        several = sum(not each.nested for each in report.pickles) > 1
        told = "would load" + ", each of its pickles by itself" * several if report.loads else "would not load"
        console.print(line(f"{printable(str(file), 1000)} {told}", STYLES["clean" if report.loads else "suspicious"]))
    if not report.loads:
        raise typer.Exit(1)
