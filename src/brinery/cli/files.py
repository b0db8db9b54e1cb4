"""``brinery info``, ``verify``, ``recover``, ``convert``, ``sign``, ``optimize``: files that keep objects."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from brinery import files
from brinery.cli.peek import console_of, line
from brinery.cli.places import completions, existing
from brinery.errors import BrineryError, IntegrityError
from brinery.files.places import size_of, where
from brinery.peeking import printable

Files = Annotated[
    list[str],
    typer.Argument(help="Files that brinery.dump wrote, or addresses.", parser=existing, autocompletion=completions),
]
AnyFiles = Annotated[
    list[str], typer.Argument(help="Pickles, compressed or not.", parser=existing, autocompletion=completions)
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, one line a file.")]
STATUS_WRONG = 1


class Told:
    """Whether something was wrong with one of several files."""

    def __init__(self) -> None:
        """Begin with nothing wrong."""
        self.wrong = False

    @contextmanager
    def errors(self, path: str) -> Iterator[None]:
        """Print what is wrong with a file, and go on with the next."""
        try:
            yield
        except (BrineryError, OSError, ValueError) as error:
            self.wrong = True
            told = printable(str(error), 1000)
            name = printable(where(path), 1000)
            typer.echo(f"error: {told}" if name in told else f"error: {name}: {told}", err=True)

    def end(self) -> None:
        """End with the status that says it."""
        if self.wrong:
            raise typer.Exit(STATUS_WRONG)


def info(paths: Files, as_json: Json = False) -> None:
    """Say what files tell of themselves: when, by whom and with what they were written. Status 1: one tells nothing."""
    told = Told()
    for path in paths:
        with told.errors(path):
            found = files.info(path)
            if as_json:
                typer.echo(json.dumps(found.to_dict()))
            else:
                for each in str(found).splitlines():
                    console_of().print(line(printable(each, 2000)))
    told.end()


def verify(paths: Files, as_json: Json = False) -> None:
    """Read files to the end, and say whether they are what was written. Status 1: one is not."""
    told = Told()
    for path in paths:
        with told.errors(path):
            try:
                found = files.verify(path)
            except IntegrityError as error:
                found = files.Verification(where(path), size_of(path), (), str(error))
            told.wrong |= not found.is_whole
            if as_json:
                typer.echo(json.dumps(found.to_dict()))
            else:
                console_of().print(line(printable(str(found), 1000), "green" if found.is_whole else "bold red"))
    told.end()


def recover(
    source: Annotated[str, typer.Argument(help="A damaged file.", parser=existing, autocompletion=completions)],
    target: Annotated[
        str, typer.Argument(help="Where to write what could be saved; not the same.", autocompletion=completions)
    ],
    unverified: Annotated[bool, typer.Option("--unverified", help="Believe damaged opcodes, too.")] = False,
    trust: Annotated[list[str] | None, typer.Option("--trust", help="What may be loaded for that; repeat it.")] = None,
) -> None:
    """Save what can be saved of a damaged file, and say what cannot. Status 1: not everything could be."""
    told = Told()
    with told.errors(source):
        if source == target or (os.path.exists(target) and os.path.samefile(source, target)):
            raise typer.BadParameter("the damaged file is kept: name another one for what could be saved")
        saved = files.recover(source, unverified=unverified, trust=trust)
        files.dump(saved.object, target, sign=not unverified, metadata={"recovered": list(saved.problems)})
        for problem in saved.problems:
            typer.echo(printable(problem, 1000), err=True)
        told.wrong = not saved.is_complete or bool(saved.damaged)
        found = "all of the object" if saved.is_complete else "what came before the damage"
        more = f", with {len(saved.damaged)} damaged places in arrays" if saved.damaged else ""
        name = printable(where(target), 1000)
        console_of().print(line(f"{name}: {found}{more}", "yellow" if told.wrong else "green"))
    told.end()


def convert(  # noqa: PLR0917 - options of a command, which are given by name
    source: Annotated[
        str, typer.Argument(help="A pickle, compressed or not.", parser=existing, autocompletion=completions)
    ],
    target: Annotated[str, typer.Argument(help="The new file; it may be the old one.", autocompletion=completions)],
    compress: Annotated[str, typer.Option(help="zstd, or none.")] = "none",
    level: Annotated[int, typer.Option(help="Of the compression.", min=1, max=22)] = 3,
    protocol: Annotated[int | None, typer.Option(help="4 or 5; another one than it has loads the object.")] = None,
    trust: Annotated[list[str] | None, typer.Option("--trust", help="What may be loaded for that; repeat it.")] = None,
) -> None:
    """Write the object of a file to another file, with a manifest, compressed or not."""
    told = Told()
    with told.errors(source):
        chosen = None if compress == "none" else compress
        before = size_of(source)
        files.convert(source, target, compress=chosen, level=level, protocol=protocol, trust=trust)  # type: ignore[arg-type]
        print_change(target, before, size_of(target))
    told.end()


def sign(
    paths: AnyFiles,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Vouch for files: they load in full from then on, for you and for all who trust your key.

    Says what the file names, and asks. Sign what you know.
    """
    told = Told()
    for path in paths:
        with told.errors(path):
            report = files.source_of(path, None).stream.facts
            if not yes:
                names = ", ".join(report.globals) or "nothing"
                typer.confirm(printable(f"{where(path)} names {names}. Sign it?", 4000), abort=True)
            files.sign(path)
            console_of().print(line(f"{printable(where(path), 1000)}: signed", "green"))
    told.end()


def optimize(paths: AnyFiles) -> None:
    """Leave out of pickles what nobody needs, and align their memory. Nothing is loaded."""
    told = Told()
    for path in paths:
        with told.errors(path):
            before = size_of(path)
            saved = files.optimize(path)
            print_change(path, before, before - saved)
    told.end()


def print_change(path: str, before: int, after: int) -> None:
    """Say how large a file was, and is now."""
    share = f", {after / before:.0%}" if before else ""
    console_of().print(line(f"{printable(where(path), 1000)}: {before:,} bytes to {after:,}{share}"))
