"""``brinery store``: what is under the keys of a store."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.filesize import decimal

from brinery.cli.peek import console_of, line
from brinery.errors import BrineryError
from brinery.peeking import printable
from brinery.stores import Store

__all__ = ["store"]

store = typer.Typer(no_args_is_help=True, help="Look into stores (brinery.Store), and change them.")

Folder = Annotated[Path, typer.Argument(help="The folder of the store.", exists=True, file_okay=False)]
Key = Annotated[str, typer.Argument(help="The key: text.")]
Keys = Annotated[list[str], typer.Argument(help="The keys: text.")]
Literal = Annotated[bool, typer.Option("--literal", "-l", help="Keys are Python literals: 7, ('order', 7).")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
LONGEST = 10_000  # characters that are shown of a value
STATUS_WRONG = 1


@contextmanager
def opened(folder: Path, trust: list[str] | None = None) -> Iterator[Store]:
    """The store in a folder; what is wrong with it is printed, and ends the command.

    Raises:
        typer.Exit: Something was wrong.
    """
    if not (folder / "store.db").exists():
        raise typer.BadParameter(f"{folder} holds no store")
    try:
        with Store(folder, trust=trust) as found:
            yield found
    except (BrineryError, OSError) as error:
        typer.echo(f"error: {printable(str(error), 2000)}", err=True)
        raise typer.Exit(STATUS_WRONG) from None


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


@store.command()
def ls(
    folder: Folder,
    prefix: Annotated[str, typer.Option(help="Only keys that are text and start so.")] = "",
    as_json: Json = False,
) -> None:
    """List the keys, in order."""
    with opened(folder) as found:
        for key in found.prefix(prefix) if prefix else found:
            if as_json:
                typer.echo(json.dumps(key if isinstance(key, str) else repr(key)))
            else:
                typer.echo(printable(key if isinstance(key, str) else repr(key), 1000))


@store.command()
def get(
    folder: Folder,
    key: Key,
    literal: Literal = False,
    as_json: Json = False,
    trust: Annotated[list[str] | None, typer.Option("--trust", help="What may be loaded, too; repeat it.")] = None,
) -> None:
    """Print the object under a key. Status 1: there is none, or it is damaged."""
    with opened(folder, trust) as found:
        wanted = key_of(key, literal)
        if wanted not in found:
            typer.echo(f"error: there is no {printable(repr(wanted), 1000)}", err=True)
            raise typer.Exit(STATUS_WRONG)
        obj = found[wanted]
        typer.echo(json.dumps(obj) if as_json else printable(repr(obj), LONGEST))


@store.command()
def put(
    folder: Annotated[Path, typer.Argument(help="The folder of the store; made if it is not there.")],
    key: Key,
    value: Annotated[str, typer.Argument(help="The object, as JSON.")],
    literal: Literal = False,
    ttl: Annotated[float | None, typer.Option(help="Seconds that it stays.")] = None,
) -> None:
    """Keep an object under a key."""
    try:
        obj = json.loads(value)
    except ValueError as error:
        raise typer.BadParameter(f"the value is no JSON: {error}") from None
    with Store(folder) as found:
        found.set(key_of(key, literal), obj, ttl=ttl)


@store.command()
def rm(folder: Folder, keys: Keys, literal: Literal = False) -> None:
    """Remove what is under keys. Status 1: under one of them there was nothing."""
    with opened(folder) as found:
        if found.delete_many(key_of(key, literal) for key in keys) != len(set(keys)):
            raise typer.Exit(STATUS_WRONG)


@store.command()
def verify(folder: Folder, as_json: Json = False) -> None:
    """Read everything, and name the keys of what is damaged. Status 1: something is."""
    with opened(folder) as found:
        seen = found.verify()
    if as_json:
        wrong = {str(key): problem for key, problem in seen.wrong.items()}
        typer.echo(json.dumps({"good": seen.good, "wrong": wrong, "problems": seen.problems}))
    else:
        for key, problem in seen.wrong.items():
            console_of().print(line(printable(f"{key!r}: {problem}", 1000), "bold red"))
        for problem in seen.problems:
            console_of().print(line(printable(problem, 1000), "bold red"))
        console_of().print(line(f"{seen.good:,} values are whole, {len(seen.wrong):,} are not"))
    if not seen.is_whole:
        raise typer.Exit(STATUS_WRONG)


@store.command()
def gc(folder: Folder) -> None:
    """Give back the room of what has expired, and of what killed writers have left."""
    with opened(folder) as found:
        console_of().print(line(f"{decimal(found.gc())} given back"))
