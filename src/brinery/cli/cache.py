"""``brinery cache``: results of memoized functions."""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.filesize import decimal
from rich.table import Table

from brinery.caching import Memoized
from brinery.caching.kept import Kept, all_kept, outdated, remove_outdated
from brinery.caching.places import default_place
from brinery.caching.rows import Rows
from brinery.cli.peek import console_of, line
from brinery.errors import BrineryError
from brinery.peeking import printable
from brinery.stores import Store

__all__ = ["cache"]

cache = typer.Typer(
    no_args_is_help=True, help="Look at results of memoized functions (brinery.memoize), and remove them."
)

Place = Annotated[
    str | None,
    typer.Option("--store", help="The folder of the store. By default what BRINERY_CACHE says, or the user's cache."),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
STATUS_WRONG = 1
NAME = "FUNCTION is a module and a name in it: package.module:function"


@contextmanager
def opened(place: str | None) -> Iterator[Rows]:
    """The rows of the store there; what is wrong with it is printed, and ends the command.

    Raises:
        typer.Exit: Something was wrong.
    """
    where = place or default_place()
    if "://" not in where and not (Path(where) / "store.db").exists():
        raise typer.BadParameter(f"{where} holds no results")
    try:
        with Store(where) as store:
            yield Rows(store)
    except (BrineryError, OSError) as error:
        typer.echo(f"error: {printable(str(error), 2000)}", err=True)
        raise typer.Exit(STATUS_WRONG) from None


def imported(function: str) -> Memoized[Any, Any]:
    """The memoized function of that name; the module is imported.

    Raises:
        typer.BadParameter: There is none.
    """
    module, colon, qualified_name = function.partition(":")
    if not colon:
        raise typer.BadParameter(f"{function} has no colon: {NAME}")
    if "" not in sys.path:
        sys.path.insert(0, "")
    try:
        found: Any = import_module(module)
        for step in qualified_name.split("."):
            found = getattr(found, step)
    except (ImportError, AttributeError) as error:
        raise typer.BadParameter(f"there is no {function}: {error}") from None
    found = getattr(found, "__func__", found)
    if not isinstance(found, Memoized):
        raise typer.BadParameter(f"{function} is no memoized function")
    return found


def values_of(texts: list[str]) -> list[Any]:
    """Arguments of the command line: JSON, Python literals, or else text."""
    return [value_of(text) for text in texts]


def value_of(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        pass
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text


@cache.command()
def ls(store: Place = None, as_json: Json = False) -> None:
    """List the functions that have results, with the number of results, the size and time of the last, and seconds."""
    with opened(store) as rows:
        kept = all_kept(rows)
    if as_json:
        typer.echo(json.dumps([each._asdict() for each in kept]))
        return
    table = Table("function", "results", "codes", "last", "its size", "seconds, all")
    for column in table.columns[1:]:
        column.justify = "right"
    for each in kept:
        table.add_row(printable(each.name, 1000), *shown(each))
    console_of().print(table)


def shown(each: Kept) -> tuple[str, ...]:
    last = "?" if each.last is None else datetime.fromtimestamp(each.last).isoformat(" ", "seconds")
    size = "?" if each.size is None else decimal(each.size)
    return f"{each.results:,}", f"{each.codes:,}", last, size, f"{each.seconds:,.3f}"


@cache.command()
def explain(
    function: Annotated[str, typer.Argument(help=NAME)],
    arguments: Annotated[
        list[str] | None, typer.Argument(help="The arguments: JSON or Python literals; anything else is text.")
    ] = None,
    store: Place = None,
) -> None:
    """Say why a call would be a hit or a miss, and what has changed. The module is imported. Status 1: it is a miss."""
    found = imported(function)
    try:
        told = (found if store is None else found.with_store(store)).explain(*values_of(arguments or []))
    except (BrineryError, OSError, TypeError) as error:
        typer.echo(f"error: {printable(str(error), 2000)}", err=True)
        raise typer.Exit(STATUS_WRONG) from None
    for each in str(told).splitlines():
        console_of().print(line(printable(each, 10_000)))
    if not told.is_hit:
        raise typer.Exit(STATUS_WRONG)


@cache.command()
def clear(
    function: Annotated[str | None, typer.Argument(help=f"{NAME}; all functions by default.")] = None,
    store: Place = None,
    stale: Annotated[bool, typer.Option("--stale", help="Only results of code that has been replaced.")] = False,
) -> None:
    """Remove results."""
    name = None if function is None else function.replace(":", ".")
    with opened(store) as rows:
        count = removed_outdated(rows, name) if stale else rows.clear(name)
    console_of().print(line(f"{count:,} results removed"))


def removed_outdated(rows: Rows, name: str | None) -> int:
    names = [each.name for each in all_kept(rows)] if name is None else [name]
    return sum(remove_outdated(rows, each) for each in names)


@cache.command()
def stats(store: Place = None, as_json: Json = False) -> None:
    """Print how much is kept, and how long it took to compute."""
    with opened(store) as rows:
        kept = all_kept(rows)
        gone = {each.name: outdated(rows, each.name) for each in kept}
        told = {
            "store": store or default_place(),
            "functions": len(kept),
            "results": sum(each.results for each in kept),
            "outdated": sum(key.code in gone[key.name] for key in rows.calls()),
            "bytes": rows.store.size(),
            "seconds": round(sum(each.seconds for each in kept), 3),
        }
    if as_json:
        typer.echo(json.dumps(told))
        return
    for what, value in told.items():
        typer.echo(f"{what:10} {value if isinstance(value, str) else format(value, ',')}")
