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

from brinery import pickle
from brinery.cli.stops import STOPS, Stop

PROTOCOL = 5
ROUNDS = 7


@dataclass(frozen=True)
class Finding:
    """What one stop of the tour found; times in seconds, the best of some rounds, sizes in bytes."""

    name: str
    size: int
    out_of_band: int
    dumps: float
    loads: float
    stdlib_dumps: float
    stdlib_loads: float
    same: bool
    stdlib_reads_it: bool

    @property
    def good(self) -> bool:
        """Whether the fresh process and the stdlib both got the object back."""
        return self.same and self.stdlib_reads_it


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


def visit(stop: Stop, folder: Path) -> Finding:
    """Take one object through: dump, reload in a fresh process, compare there, and measure here."""
    obj = stop.make()
    buffers: list[Any] = []
    callback = buffers.append if stop.out_of_band else None

    def dump(module: Any) -> bytes:
        buffers.clear()
        data: bytes = module.dumps(obj, PROTOCOL, buffer_callback=callback)
        return data

    stock = dump(stdlib)
    stock_buffers = list(buffers)
    data = dump(pickle)
    raw = [each.raw() for each in buffers]
    own_buffers = list(buffers)
    write_private(folder / "object.pkl", data)
    for i, view in enumerate(raw):
        write_private(folder / f"object.{i}.buffer", view)
    fresh = subprocess.run(
        [sys.executable, "-m", "brinery.cli.reload", stop.name, str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if fresh.returncode not in (0, 1):
        raise RuntimeError(f"the fresh process failed on {stop.name}:\n{fresh.stderr}")
    dumps, stdlib_dumps = best_times(lambda: dump(pickle), lambda: dump(stdlib))
    loads, stdlib_loads = best_times(
        lambda: pickle.loads(data, buffers=own_buffers), lambda: stdlib.loads(stock, buffers=stock_buffers)
    )
    return Finding(
        name=stop.name,
        size=len(data),
        out_of_band=sum(view.nbytes for view in raw),
        dumps=dumps,
        loads=loads,
        stdlib_dumps=stdlib_dumps,
        stdlib_loads=stdlib_loads,
        same=fresh.returncode == 0,
        stdlib_reads_it=stop.same(obj, stdlib.loads(data, buffers=own_buffers)),
    )


def table_of(findings: list[Finding]) -> Table:
    """The findings as a table for people."""
    table = Table(title="brinery tour", box=SIMPLE, pad_edge=False, padding=(0, 1, 0, 0))
    table.caption = (
        "x: the stdlib's time by brinery's, above 1 brinery is faster\n"
        "back: as reloaded in a fresh process, and as the stdlib reads it"
    )
    table.add_column("object", no_wrap=True)
    for title in ("size", "dumps", "x", "loads", "x", "back"):
        table.add_column(title, justify="right", no_wrap=True)
    for each in findings:
        wrong = [name for name, good in (("fresh", each.same), ("stdlib", each.stdlib_reads_it)) if not good]
        table.add_row(
            each.name,
            decimal(each.size + each.out_of_band),
            f"{each.dumps * 1e3:.3g} ms",
            f"{each.stdlib_dumps / each.dumps:.1f}",
            f"{each.loads * 1e3:.3g} ms",
            f"{each.stdlib_loads / each.loads:.1f}",
            f"[bold red]{', '.join(wrong)} differ" if wrong else "same",
        )
    return table


def tour(
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
    only: Annotated[str, typer.Option(help="Only objects with this in their names.")] = "",
) -> None:
    """Pickle real objects, reload them in a fresh process, compare, and let the stdlib read them too."""
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
    if not all(each.good for each in findings):
        raise typer.Exit(1)
