"""``brinery scan``: what the pickles in files and folders would do, without running them."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from brinery import __version__, scanning
from brinery.cli.peek import console_of, line
from brinery.errors import BrineryError
from brinery.peeking import printable

STYLES = {"clean": "green", "unreadable": "yellow", "suspicious": "magenta", "dangerous": "bold red"}
SEVERITIES = ("high", "medium", "low")
MOST_LINES = 20  # of the findings and of the calls of one pickle
Trusted = Annotated[
    list[str] | None, typer.Option("--trust", help="What is allowed besides: package.Class, package.*; repeat it.")
]


def scan(  # noqa: PLR0917 - options of a command, which are given by name
    targets: Annotated[list[Path], typer.Argument(help="Files and folders, of any format.")],
    trust: Trusted = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print all of it as JSON.")] = False,
    sarif: Annotated[Path | None, typer.Option(help="Write the findings there as SARIF 2.1.0; - prints them.")] = None,
    fail_on: Annotated[str, typer.Option(help="The mildest verdict that makes the status 1.")] = "unreadable",
    everything: Annotated[bool, typer.Option("--all", "-a", help="Show clean files too.")] = False,
    static: Annotated[
        bool, typer.Option(help="Go by the opcodes alone: guards do not look at the state of what is vetted.")
    ] = False,
    unfolded: Annotated[int | None, typer.Option(help="Bytes that each file may unfold to.", min=0)] = None,
    jobs: Annotated[int, typer.Option("--jobs", "-j", help="How many processes share the files.", min=1)] = 1,
) -> None:
    """Judge every pickle in files and folders, by the policy that loading has: nothing that they name is run.

    Status 0: nothing found; 1: something as bad as --fail-on says (unreadable, suspicious, dangerous), or worse; 2: a
    file or folder is not there, or an option makes no sense.
    """
    if fail_on not in scanning.VERDICTS[1:]:
        raise typer.BadParameter(f"--fail-on is one of {', '.join(scanning.VERDICTS[1:])}")
    report = scanning.ScanReport(tuple(itertools.chain.from_iterable(scanned(targets, trust, unfolded, static, jobs))))
    if sarif is not None:
        write(json.dumps(scanning.to_sarif(report, __version__), indent=2), sarif)
    if as_json:
        typer.echo(json.dumps(report.to_dict()))
    elif str(sarif) != "-":
        print_report(console_of(), report, everything)
    if scanning.VERDICTS.index(report.verdict) >= scanning.VERDICTS.index(fail_on):
        raise typer.Exit(1)


def scanned(
    targets: list[Path], trust: list[str] | None, unfolded: int | None, static: bool, jobs: int
) -> Iterator[tuple[scanning.FileReport, ...]]:
    """The reports of each target, with a bar on the terminal."""
    bar = Progress(
        TextColumn("scanning"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.description}"),
        console=Console(stderr=True),
        transient=True,
    )
    with bar:
        for target in targets:
            task = bar.add_task("", total=None)
            try:
                move = shown(bar, task)
                found = scanning.scan(target, trust=trust, unfolded=unfolded, static=static, jobs=jobs, progress=move)
                yield found.files
            except BrineryError as error:  # the keys or the settings of the user
                raise typer.BadParameter(str(error)) from error
            except OSError as error:
                raise typer.BadParameter(f"{target} cannot be read: {error.strerror}") from error
            except BrokenProcessPool as error:
                raise typer.BadParameter(f"{target}: a process ended while scanning; try --jobs 1") from error
            except ValueError as error:
                raise typer.BadParameter(str(error)) from error
            bar.remove_task(task)


def shown(bar: Progress, task: TaskID) -> scanning.Progress:
    """What moves the bar."""

    def show(done: int, total: int, path: str) -> None:
        bar.update(task, completed=done, total=total, description=printable(Path(path).name, 40))

    return show


def write(text: str, to: Path) -> None:
    """Put text into a file, or on the terminal for ``-``."""
    if str(to) == "-":
        typer.echo(text)
    else:
        to.write_text(text + "\n", encoding="utf-8")


def print_report(console: Console, report: scanning.ScanReport, everything: bool) -> None:
    """A block for each file with something to say, and a line for all."""
    for file in report.files:
        if everything or file.verdict != "clean" or file.findings:
            print_file(console, file)
    told = ", ".join(f"{count} {verdict}" for verdict, count in report.counts().items() if count)
    console.print(line(f"{len(report.files)} files with pickles: {told or 'none'}", STYLES[report.verdict]))


def print_file(console: Console, file: scanning.FileReport) -> None:
    """One file: its verdict, its pickles, and what is wrong with it."""
    by = f", sealed or signed by {file.origin}" if file.origin else ""
    console.print(line(f"{printable(file.path, 1000)}: {file.verdict}{by}", STYLES[file.verdict]))
    for pickle in file.pickles:
        print_pickle(console, pickle)
    for each in file.findings:
        console.print(line(f"  {each.severity}: {finding_text(each)}"))


def print_pickle(console: Console, pickle: scanning.PickleReport) -> None:
    """One pickle: its verdict, what it takes to load it, what was found, and what it calls."""
    title = f"pickle {pickle.place}" if pickle.place else "pickle"
    console.print(line(f"  {printable(title, 200)}: {pickle.verdict}; {pickle.advice}", STYLES[pickle.verdict]))
    worst_first = sorted(pickle.findings, key=lambda each: SEVERITIES.index(each.severity))
    print_lines(console, [f"{each.severity}: {finding_text(each)}" for each in worst_first], "findings")
    calls = [f"calls {printable(each.text, 400)}  (at byte {each.offset})" for each in pickle.calls]
    print_lines(console, calls, "calls, and more than these" if pickle.more_calls else "calls")


def print_lines(console: Console, lines: list[str], what: str) -> None:
    """The first few."""
    for text in lines[:MOST_LINES]:
        console.print(line(f"    {text}"))
    if len(lines) > MOST_LINES:
        console.print(line(f"    and {len(lines) - MOST_LINES} more {what}; see --json", "dim"))


def finding_text(finding: scanning.Finding) -> str:
    """A finding on one line."""
    where = "" if finding.offset is None else f" (at byte {finding.offset})"
    return f"{printable(finding.message, 400)}{where}"
