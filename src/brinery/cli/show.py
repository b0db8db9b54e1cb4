"""``brinery show``: the opcodes of the pickles in a file with their offsets, the globals, and what takes the room."""

from __future__ import annotations

import dataclasses
import itertools
import json
from typing import Annotated, Any

import typer
from rich.console import Console

from brinery import peeking
from brinery.cli.peek import File, Unfolded, console_of, contents_of, line, print_problems


def show(
    file: File,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
    limit: Annotated[int, typer.Option(help="Opcodes of each pickle to list; 0: all.", min=0)] = 1_000,
    unfolded: Unfolded = None,
) -> None:
    """List the opcodes of the pickles in a file, the globals they name, and what takes the most bytes.

    The status is 1 where something could not be read or does not fit together.
    """
    contents = contents_of(file, unfolded)
    most = limit or None
    if as_json:
        pickles = [_facts(each, most) for each in contents.pickles]
        problems = [dataclasses.asdict(each) for each in contents.problems]
        typer.echo(json.dumps({"size": contents.size, "pickles": pickles, "problems": problems}))
    else:
        console = console_of()
        for each in contents.pickles:
            _print(console, each, most)
        print_problems(console, contents)
    if not contents.ok:
        raise typer.Exit(1)


def _facts(pickle: peeking.Pickle, most: int | None) -> dict[str, Any]:
    sizes = peeking.sizes_of(pickle)
    return {
        "place": pickle.place,
        "offset": pickle.start,
        "size": pickle.size,
        "protocol": pickle.trace.protocol,
        "error": pickle.error,
        "globals": [{"module": module, "name": name, "offset": at} for module, name, at in pickle.trace.globals],
        "opcodes": [dataclasses.asdict(each) for each in itertools.islice(peeking.opcodes_of(pickle), most)],
        "opcode_count": sizes.opcodes,
        "largest": [dataclasses.asdict(each) for each in sizes.largest],
    }


def _print(console: Console, pickle: peeking.Pickle, most: int | None) -> None:
    console.print(line(peeking.title_of(pickle), "bold"))
    digits = len(str(pickle.end))
    for each in itertools.islice(peeking.opcodes_of(pickle), most):
        console.print(line(f"  {each.offset:>{digits}}  {_row(each)}"))
    sizes = peeking.sizes_of(pickle)
    if most is not None and sizes.opcodes > most:
        console.print(line(f"  ... {sizes.opcodes - most:,} more opcodes: see --limit", "dim"))
    if pickle.error is not None:
        console.print(line(f"  broken at byte {pickle.error[0]}: {pickle.error[1]}", "bold red"))
    if pickle.trace.globals:
        console.print(line("  globals", "bold"))
    for module, name, at in pickle.trace.globals:
        console.print(line(f"  {at:>{digits}}  {peeking.printable(f'{module}.{name}')}", "yellow"))
    console.print(line("  what takes the most bytes", "bold"))
    for name, (count, size) in itertools.islice(sizes.by_name.items(), 5):
        console.print(line(f"  {size:>{digits + 4},}  {name} x {count:,}"))
    console.print(line("  the largest opcodes", "bold"))
    for each in sizes.largest:
        console.print(line(f"  {each.size:>{digits + 4},}  at {each.offset}: {_row(each)}"))


def _row(opcode: peeking.Opcode) -> str:
    argument = "" if opcode.argument is None else peeking.printable(opcode.argument)
    return f"{opcode.name:<18}{argument}".rstrip()
