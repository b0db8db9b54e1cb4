"""``brinery peek``: the trees of the pickles in a file, without running anything."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text
from rich.tree import Tree as Branch

from brinery import peeking

File = Annotated[Path, typer.Argument(help="A file of any format: pickle, torch, joblib, npy, npz, compressed ...")]
Unfolded = Annotated[int | None, typer.Option(help="Bytes that archives and compressed data may unfold to.", min=0)]
_MOST_LINES = 2_000  # of one pickle
_MOST_BLOBS = 20


def peek(
    file: File,
    as_json: Annotated[bool, typer.Option("--json", help="Print all of it as JSON.")] = False,
    depth: Annotated[int, typer.Option(help="Levels to show.", min=1)] = 8,
    width: Annotated[int, typer.Option(help="Items of each value to show.", min=1)] = 30,
    unfolded: Unfolded = None,
) -> None:
    """Show what is in the pickles of a file, without running or importing anything.

    The status is 1 where something could not be read or does not fit together.
    """
    contents = contents_of(file, unfolded)
    if as_json:
        typer.echo(contents.to_json(depth, width))
    else:
        _print(contents, depth, width)
    if not contents.ok:
        raise typer.Exit(1)


def contents_of(file: Path, unfolded: int | None) -> peeking.Contents:
    """What is in a file; where it cannot be opened, a message and status 2."""
    try:
        return peeking.peek(file, unfolded=unfolded)
    except OSError as error:
        raise typer.BadParameter(f"{file} cannot be read: {error.strerror}") from error


def console_of() -> Console:
    """For lines that are as long as they are where nobody looks, and cut where a terminal has no room."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=10_000)


def line(text: str, style: str = "") -> Text:
    """A line that stays one; markup in it is text."""
    return Text(text, style, no_wrap=True, overflow="ellipsis")


def print_problems(console: Console, contents: peeking.Contents) -> None:
    """What could not be read or does not fit together."""
    for each in contents.problems:
        console.print(line(peeking.problem_line(each), "bold red"))


def _print(contents: peeking.Contents, depth: int, width: int) -> None:
    console = console_of()
    for each in contents.pickles:
        console.print(_branch_of(each, depth, width))
    for blob in contents.blobs[:_MOST_BLOBS]:
        console.print(line(peeking.blob_line(blob), "dim"))
    if len(contents.blobs) > _MOST_BLOBS:
        console.print(line(f"... {len(contents.blobs) - _MOST_BLOBS:,} more that are no pickles", "dim"))
    print_problems(console, contents)


def _branch_of(pickle: peeking.Pickle, depth: int, width: int) -> Branch:
    top = Branch(line(peeking.title_of(pickle), "bold"), guide_style="dim")
    _grow(top, pickle.values(), depth, width)
    for dropped in pickle.dropped():
        _grow(top.add(line("called, and the result thrown away", "bold red")), [dropped], depth, width)
    if pickle.error is not None:
        top.add(line(f"broken at byte {pickle.error[0]}: {pickle.error[1]}", "bold red"))
    return top


def _grow(top: Branch, trees: Sequence[peeking.Tree], depth: int, width: int) -> None:
    above = [top]
    visits = peeking.visits_of(trees, depth, width)
    for visit in itertools.islice(visits, _MOST_LINES):
        del above[visit.level + 1 :]
        above.append(above[-1].add(_styled(visit)))
    if next(visits, None) is not None:
        top.add(line(f"... cut after {_MOST_LINES:,} lines: show less with --depth or --width", "dim"))


def _styled(visit: peeking.Visit) -> Text:
    text = line(peeking.line_of(visit))
    label = visit.label.removeprefix(".")
    text.stylize("cyan", 0, len(label))
    if visit.tree is None or visit.same_as:
        text.stylize("dim")
    elif visit.tree.kind in {"call", "new", "object"}:
        text.stylize("yellow", len(label) + 1)
    return text
