"""``brinery tour``: real objects, pickled, reloaded in a fresh process, compared, and read by the stdlib too."""

from __future__ import annotations

import json
import pickle as stdlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.box import SIMPLE
from rich.console import Console
from rich.filesize import decimal
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from brinery.cli.encounters import Encounter, encounters, encounters_with_files, table_of_encounters
from brinery.cli.kept import encounters_with_stores
from brinery.cli.stops import STOPS, Stop
from brinery.cli.ways import PROTOCOL

ROUNDS = 7


@dataclass(frozen=True)
class Finding:
    """What one stop of the tour found; times in seconds, the best of some rounds, sizes in bytes.

    None is what there is nothing of: the stdlib cannot pickle the object, or there is nothing to load.
    """

    name: str
    size: int
    out_of_band: int
    dumps: float
    loads: float | None
    stdlib_dumps: float | None
    stdlib_loads: float | None
    same: bool
    stdlib_reads_it: bool | None

    @property
    def good(self) -> bool:
        """Whether the fresh process got the object back, and the stdlib where it can."""
        return self.same and self.stdlib_reads_it is not False


def best_times(*calls: Callable[[], Any]) -> list[float]:
    """Seconds of the fastest of some rounds, in which the calls alternate; what they return is freed outside."""
    best = [float("inf")] * len(calls)
    for _ in range(ROUNDS):
        for i, call in enumerate(calls):
            start = time.perf_counter()
            result = call()
            best[i] = min(best[i], time.perf_counter() - start)
            del result
    return best


def write_private(path: Path, data: bytes | memoryview) -> None:
    """Write a new file that nobody but the user may read."""
    path.touch(mode=0o600, exist_ok=False)
    path.write_bytes(data)


def reloads(stop: Stop, folder: Path) -> bool:
    """Whether a fresh process gets the same object from the files in the folder."""
    fresh = subprocess.run(
        [sys.executable, "-m", "brinery.cli.reload", stop.name, str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if fresh.returncode not in (0, 1):
        raise RuntimeError(f"the fresh process failed on {stop.name}:\n{fresh.stderr}")
    return fresh.returncode == 0


def stdlib_calls(obj: Any, out_of_band: bool) -> tuple[Callable[[], Any], Callable[[], Any]] | None:
    """The calls by which the stdlib dumps and loads the object; None where it cannot."""

    def dump() -> tuple[bytes, list[Any]]:
        buffers: list[Any] = []
        return stdlib.dumps(obj, PROTOCOL, buffer_callback=buffers.append if out_of_band else None), buffers

    try:
        data, buffers = dump()
    except (stdlib.PicklingError, AttributeError, TypeError):
        return None
    return dump, lambda: stdlib.loads(data, buffers=buffers)


def visit(stop: Stop, folder: Path) -> Finding:
    """Take one object through: dump, reload in a fresh process, compare there, and measure here."""
    obj, way = stop.make(), stop.way()
    buffers: list[Any] | None = [] if stop.out_of_band else None
    before = way.sent_before(obj)
    data = way.dumps(obj, buffers)
    raw = [each.raw() for each in buffers or ()]
    write_private(folder / "object.pkl", data)
    if before is not None:
        write_private(folder / "before.pkl", before)
    for i, view in enumerate(raw):
        write_private(folder / f"object.{i}.buffer", view)
    same = reloads(stop, folder)
    stock = stdlib_calls(obj, stop.out_of_band) if way.loads_it else None
    own = (lambda: way.dumps(obj, [] if stop.out_of_band else None), lambda: way.loads(data, buffers))
    dumps, *stdlib_dumps = best_times(*(calls[0] for calls in (own, stock) if calls))
    loads, *stdlib_loads = best_times(*(calls[1] for calls in (own, stock) if calls)) if way.loads_it else [None]
    return Finding(
        name=stop.name,
        size=len(data),
        out_of_band=sum(view.nbytes for view in raw),
        dumps=dumps,
        loads=loads,
        stdlib_dumps=next(iter(stdlib_dumps), None),
        stdlib_loads=next(iter(stdlib_loads), None),
        same=same,
        stdlib_reads_it=stop.same(obj, stdlib.loads(data, buffers=buffers)) if way.stdlib_can_read else None,
    )


def shown(seconds: float | None, stdlib_seconds: float | None) -> tuple[str, str]:
    """A time, and the stdlib's by it."""
    if seconds is None:
        return "-", "-"
    return f"{seconds * 1e3:.3g} ms", "-" if stdlib_seconds is None else f"{stdlib_seconds / seconds:.1f}"


def table_of(findings: list[Finding]) -> Table:
    """The findings as a table for people."""
    table = Table(title="brinery tour", box=SIMPLE, pad_edge=False, padding=(0, 1, 0, 0))
    table.caption = (
        "x: the stdlib's time by brinery's (-: it can't), above 1 brinery is faster\n"
        "back: as reloaded in a fresh process, and as the stdlib reads it"
    )
    table.add_column("object", no_wrap=True)
    for title in ("size", "dumps", "x", "loads", "x", "back"):
        table.add_column(title, justify="right", no_wrap=True)
    for each in findings:
        wrong = [name for name, good in (("fresh", each.same), ("stdlib", each.stdlib_reads_it)) if good is False]
        table.add_row(
            each.name,
            decimal(each.size + each.out_of_band),
            *shown(each.dumps, each.stdlib_dumps),
            *shown(each.loads, each.stdlib_loads),
            f"[bold red]{', '.join(wrong)} differ" if wrong else "same",
        )
    return table


def tour(
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
    only: Annotated[str, typer.Option(help="Only objects with this in their names.")] = "",
) -> None:
    """Pickle real objects, reload them in a fresh process, compare, and let the stdlib read them too.

    Then open what may not be opened blindly; this is left out with --only and --json.
    """
    chosen = [stop for stop in STOPS if only in stop.name]
    if not chosen:
        raise typer.BadParameter(f"no object has {only!r} in its name: {', '.join(s.name for s in STOPS)}")
    console = Console()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    findings = []
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("touring", total=len(chosen))
        for stop in chosen:
            progress.update(task, description=stop.name)
            # mkdtemp makes it for the user alone
            with tempfile.TemporaryDirectory(prefix="brinery-tour-") as folder:
                findings.append(visit(stop, Path(folder)))
            progress.advance(task)
    if as_json:
        console.print_json(json.dumps([asdict(each) for each in findings]))
    else:
        console.print(table_of(findings))
    opened: list[Encounter] = []
    if not only and not as_json:
        for title, met in (
            ("brinery.loads(data)", encounters()),
            ("brinery.load(path)", encounters_with_files()),
            ("brinery.Store(place)", encounters_with_stores()),
        ):
            found = list(met)
            console.print(table_of_encounters(title, found))
            opened += found
    if not all([each.good for each in findings] + [each.good for each in opened]):
        raise typer.Exit(1)
