"""``brinery store``: what is under the keys of a store."""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.filesize import decimal

from brinery.cli.peek import console_of, line
from brinery.errors import BrineryError
from brinery.peeking import printable
from brinery.stores import Repair, Store, export_store, import_store, repair_store

__all__ = ["store"]

store = typer.Typer(no_args_is_help=True, help="Look into stores (brinery.Store), and change them.")

Place = Annotated[str, typer.Argument(help="The folder of the store, or its address, redis:// for example.")]
Key = Annotated[str, typer.Argument(help="The key: text.")]
Keys = Annotated[list[str], typer.Argument(help="The keys: text.")]
Literal = Annotated[bool, typer.Option("--literal", "-l", help="Keys are Python literals: 7, ('order', 7).")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Trust = Annotated[list[str] | None, typer.Option("--trust", help="What may be loaded, too; repeat it.")]
LONGEST = 10_000  # characters that are shown of a value
STATUS_WRONG = 1


@contextmanager
def reported() -> Iterator[None]:
    """A block in which what is wrong is printed, and ends the command.

    Raises:
        typer.Exit: Something was wrong.
    """
    try:
        yield
    except (BrineryError, OSError) as error:
        typer.echo(f"error: {printable(str(error), 2000)}", err=True)
        raise typer.Exit(STATUS_WRONG) from None


@contextmanager
def opened(place: str, trust: list[str] | None = None) -> Iterator[Store]:
    """The store in a place.

    Raises:
        typer.BadParameter: There is none.
        typer.Exit: Something was wrong.
    """
    if "://" not in place and not Path(place, "store.db").exists():
        raise typer.BadParameter(f"{place} holds no store")
    with reported(), Store(place, trust=trust) as found:
        yield found


def key_of(text: str, literal: bool) -> Any:
    """The key that was written on the command line.

    Raises:
        typer.BadParameter: It is no literal.
    """
    if not literal:
        return text
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError) as error:
        raise typer.BadParameter(f"{text} is no Python literal: {error}") from None


@contextmanager
def counted(what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal for how many entries are done."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    columns = "{task.description}", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


@store.command()
def ls(
    place: Place,
    prefix: Annotated[str, typer.Option(help="Only keys that are text and start so.")] = "",
    as_json: Json = False,
) -> None:
    """List the keys, in order."""
    with opened(place) as found:
        for key in found.prefix(prefix) if prefix else found:
            if as_json:
                typer.echo(json.dumps(key if isinstance(key, str) else repr(key)))
            else:
                typer.echo(printable(key if isinstance(key, str) else repr(key), 1000))


@store.command()
def get(place: Place, key: Key, literal: Literal = False, as_json: Json = False, trust: Trust = None) -> None:
    """Print the object under a key. Status 1: there is none, or it is damaged."""
    with opened(place, trust) as found:
        wanted = key_of(key, literal)
        if wanted not in found:
            typer.echo(f"error: there is no {printable(repr(wanted), 1000)}", err=True)
            raise typer.Exit(STATUS_WRONG)
        obj = found[wanted]
        typer.echo(json.dumps(obj) if as_json else printable(repr(obj), LONGEST))


@store.command()
def put(
    place: Place,
    key: Key,
    value: Annotated[str, typer.Argument(help="The object, as JSON.")],
    *,
    literal: Literal = False,
    ttl: Annotated[float | None, typer.Option(help="Seconds that it stays.")] = None,
    tag: Annotated[list[str] | None, typer.Option(help="A tag to find it by; repeat it.")] = None,
) -> None:
    """Keep an object under a key; the store is made if it is not there."""
    try:
        obj = json.loads(value)
    except ValueError as error:
        raise typer.BadParameter(f"the value is no JSON: {error}") from None
    with reported(), Store(place) as found:
        found.set(key_of(key, literal), obj, ttl=ttl, tags=tag or ())


@store.command()
def rm(place: Place, keys: Keys, literal: Literal = False) -> None:
    """Remove what is under keys. Status 1: under one of them there was nothing."""
    with opened(place) as found:
        if found.delete_many(key_of(key, literal) for key in keys) != len(set(keys)):
            raise typer.Exit(STATUS_WRONG)


@store.command()
def verify(place: Place, as_json: Json = False) -> None:
    """Read everything, and name the keys of what is damaged. Status 1: something is."""
    with opened(place) as found, counted("verifying") as progress:
        seen = found.verify(progress)
    if as_json:
        wrong = {str(key): problem for key, problem in seen.wrong.items()}
        typer.echo(json.dumps({"good": seen.good, "wrong": wrong, "problems": seen.problems}))
    else:
        say_what_is_wrong(seen.wrong, "bold red")
        for problem in seen.problems:
            console_of().print(line(printable(problem, 1000), "bold red"))
        console_of().print(line(f"{seen.good:,} values are whole, {len(seen.wrong):,} are not"))
    if not seen.is_whole:
        raise typer.Exit(STATUS_WRONG)


@store.command()
def repair(place: Place, as_json: Json = False) -> None:
    """Save what can be saved, and name what cannot; nobody else may use the store. Status 1: something is lost."""
    seen: Repair
    if "://" in place:
        with opened(place) as found:
            seen = found.repair()
    else:
        with reported():
            seen = repair_store(place)
    if as_json:
        told = {"kept": seen.kept, "lost": texts(seen.lost), "restored": texts(seen.restored)}
        typer.echo(json.dumps(told))
    else:
        say_what_is_wrong(seen.lost, "bold red")
        say_what_is_wrong(seen.restored, "yellow")
        console_of().print(line(f"{seen.kept:,} values are kept, {len(seen.lost):,} are lost"))
    if seen.lost:
        raise typer.Exit(STATUS_WRONG)


def say_what_is_wrong(wrong: dict[Any, str], style: str) -> None:
    for key, problem in wrong.items():
        console_of().print(line(printable(f"{key!r}: {problem}", 1000), style))


def texts(told: dict[Any, str]) -> dict[str, str]:
    return {str(key): problem for key, problem in told.items()}


@store.command()
def gc(place: Place) -> None:
    """Give back the room of what has expired, and of what killed writers have left."""
    with opened(place) as found:
        console_of().print(line(f"{decimal(max(0, found.gc()))} given back"))


@store.command("export")
def export(place: Place, file: Annotated[Path, typer.Argument(help="A new file.")], trust: Trust = None) -> None:
    """Write all keys and objects to one file, a log of brinery.open_log()."""
    with opened(place, trust) as found, counted("writing") as progress:
        count = export_store(found, file, progress=progress)
    console_of().print(line(f"{count:,} entries written to {file}"))


@store.command("import")
def import_(
    place: Place,
    file: Annotated[Path, typer.Argument(help="What `export` has written.", exists=True, dir_okay=False)],
    trust: Trust = None,
) -> None:
    """Keep the entries of a file that `export` has written, over what is there; makes the store if there is none."""
    with reported(), Store(place) as found, counted("reading") as progress:
        count = import_store(found, file, trust=trust, progress=progress)
    console_of().print(line(f"{count:,} entries read from {file}"))
