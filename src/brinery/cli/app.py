"""The command line: one file a command, put together here."""

from __future__ import annotations

import typer

from brinery import __version__
from brinery.cli import files
from brinery.cli.cache import cache
from brinery.cli.keys import keys
from brinery.cli.load_check import load_check
from brinery.cli.peek import peek
from brinery.cli.scan import scan
from brinery.cli.show import show
from brinery.cli.store import store
from brinery.cli.tour import tour

app = typer.Typer(no_args_is_help=True, help="Keep Python objects.", pretty_exceptions_enable=False)
app.command()(tour)
app.command()(peek)
app.command()(show)
app.command()(scan)
app.command()(load_check)
for command in (files.info, files.verify, files.recover, files.convert, files.sign, files.optimize):
    app.command()(command)
app.add_typer(keys, name="keys")
app.add_typer(store, name="store")
app.add_typer(cache, name="cache")


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(__version__)


def main() -> None:
    """Run the command line; Ctrl-C ends it quietly with status 130."""
    app()
