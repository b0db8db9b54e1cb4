"""The table, the plot and the README's figures."""

from __future__ import annotations

import re
from pathlib import Path

from bench.rivals import OTHERS
from bench.speed.row import Row, geometric_mean

PACKAGES = ("brinery", "numpy", "pandas", "scikit-learn", "msgspec", "pyfory", "cloudpickle")
COMMAND = "make bench"

# What a rival does differently, said where it wins.
REASONS = {
    "marshal": "has no classes, no hooks and no format that holds from one Python version to the next",
    "msgspec": "writes MessagePack, which has no references: nothing is looked up, and shared objects come back as copies. "
    "Without a schema it returns plain data only: rows in which a class would come back as a dict are left empty",
    "pyfory": "packs a list of floats or ints as one block, where a pickle has an opcode for each item",
    "cloudpickle": "is the C pickle with a Python-level hook",
}


def cell(times: dict[str, float], name: str) -> str:
    return f"{times[name] * 1e3:.3g}" if name in times else ""


def summary(rows: list[Row]) -> dict[str, float]:
    return {
        "dumps": geometric_mean([row.dumps_ratio for row in rows]),
        "loads of own streams": geometric_mean([row.loads_ratio for row in rows]),
        "loads of stock streams": geometric_mean([row.stock_ratio for row in rows]),
    }


def ratio_lines(rows: list[Row]) -> list[str]:
    """The table without the means."""
    lines = [
        "| workload | dumps | noise | loads | loads of stock streams | noise | size |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    for row in rows:
        lines.append(
            f"| {row.name} | {row.dumps_ratio:.2f}x | {row.dumps_noise:.0%} | {row.loads_ratio:.2f}x "
            f"| {row.stock_ratio:.2f}x | {row.loads_noise:.0%} | {row.sizes['brinery'] / row.sizes['_pickle']:.2f} |"
        )
    return lines


def ratios(rows: list[Row]) -> list[str]:
    lines = ratio_lines(rows)
    dumps, loads, stock = (f"**{value:.2f}x**" for value in summary(rows).values())
    lines.append(f"| **geometric mean** | {dumps} | | {loads} | {stock} | | |")
    return lines


def times(rows: list[Row], what: str) -> list[str]:
    names = ["_pickle", "brinery", *OTHERS]
    lines = ["| workload | " + " | ".join(names) + " |", "|---|" + "--:|" * len(names)]
    lines += [f"| {row.name} | " + " | ".join(cell(getattr(row, what), name) for name in names) + " |" for row in rows]
    return lines


def slower(rows: list[Row]) -> list[str]:
    """Rows that are behind the stdlib by more than it is behind itself."""
    found = []
    for row in rows:
        for what, ratio, noise in (
            ("dumps", row.dumps_ratio, row.dumps_noise),
            ("loads", row.loads_ratio, row.loads_noise),
            ("loads of stock streams", row.stock_ratio, row.loads_noise),
        ):
            if ratio < 1 / (1 + noise):
                found.append(f"{row.name}: {what} {ratio:.2f}x, noise {noise:.0%}")
    return found


def wins(rows: list[Row], rival: str) -> list[str]:
    """Rows in which a rival is faster than brinery by more than the noise, and by how much."""
    found = []
    for row in rows:
        for what, taken, noise in (("dumps", row.dumps, row.dumps_noise), ("loads", row.loads, row.loads_noise)):
            if rival in taken and (ratio := taken["brinery"] / taken[rival]) > 1 + noise:
                found.append(f"{row.name} {what} {ratio:.2f}x")
    return found


def where_rivals_win(rows: list[Row]) -> list[str]:
    lines = ["How many times as fast as brinery, beyond the noise:", ""]
    for rival, reason in REASONS.items():
        won = "; ".join(wins(rows, rival)) or "nowhere"
        lines.append(f"- **{rival}**: {won}. It {reason}.")
    return [*lines, "", "Loads of plain lists, words and blobs are bound by allocating the result, for everybody."]


def page(rows: list[Row], large: list[Row], rounds: int, processes: int, machine: str) -> str:
    behind = slower(rows + large)
    return "\n".join(
        [
            "# Benchmarks",
            "",
            f"Taken with `{COMMAND}` (protocol 5, garbage collector on) on {machine}.",
            "",
            f"Each workload is measured in {processes} fresh processes, in which the implementations alternate; the best of at",
            f"least {rounds} calls counts in each, and the median of the processes here. Ratios are the stdlib's time by",
            "brinery's: above 1 brinery is faster. *Noise* is how far the stdlib was from itself in the process where it was",
            "farthest. *Size* is brinery's bytes by the stdlib's. A call is timed to the end of the young collection that it may",
            "have put off, the second of two in a row (warm caches); the result is freed outside.",
            "",
            "![ratios](benchmarks.svg)",
            "",
            *ratios(rows),
            "",
            "Behind the stdlib beyond the noise: " + ("; ".join(behind) if behind else "nothing") + ".",
            "",
            "## An 80 MB array",
            "",
            "Not part of the means. Out of band the array's own memory is handed over both ways, nothing is copied: the run",
            "fails if what is loaded has other memory than what was dumped.",
            "",
            *ratio_lines(large),
            "",
            "## dumps, milliseconds",
            "",
            *times(rows + large, "dumps"),
            "",
            "## loads, milliseconds",
            "",
            *times(rows + large, "loads"),
            "",
            "## Where a rival wins",
            "",
            *where_rivals_win(rows + large),
            "",
        ]
    )


def plot(rows: list[Row], path: Path) -> None:
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "brinery"
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(9, 0.36 * len(rows) + 1.2))
    places = range(len(rows))
    axes.barh([p - 0.2 for p in places], [r.dumps_ratio for r in rows], 0.38, label="dumps", color="#2f6f8f")
    axes.barh([p + 0.2 for p in places], [r.loads_ratio for r in rows], 0.38, label="loads", color="#e0a458")
    axes.axvline(1, color="black", linewidth=1)
    axes.set_xscale("log")
    axes.set_xlabel("times as fast as the C pickle (log scale)")
    axes.set_yticks(list(places), [row.name for row in rows])
    axes.invert_yaxis()
    axes.legend()
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)


def readme_figures(rows: list[Row]) -> str:
    means = summary(rows)
    chosen = ("API-like records", "dataclasses with nested lists", "100-byte message", "thousands of small arrays")
    lines = ["| against the C `pickle` | dumps | loads |", "|---|--:|--:|"]
    lines += [f"| {r.name} | {r.dumps_ratio:.1f}x | {r.loads_ratio:.1f}x |" for r in rows if r.name in chosen]
    lines.append(
        f"| **geometric mean of {len(rows)} workloads** | **{means['dumps']:.1f}x** | **{means['loads of own streams']:.1f}x** |"
    )
    lines += [
        "",
        f"What the stdlib wrote, brinery loads {means['loads of stock streams']:.1f} times as fast. `{COMMAND}` reproduces the",
        "table; [docs/benchmarks.md](docs/benchmarks.md) has every row, the rivals, the machine, and where they win.",
    ]
    return "\n".join(lines)


def update_readme(path: Path, rows: list[Row]) -> None:
    text = path.read_text(encoding="utf-8")
    block = f"<!-- figures:begin -->\n{readme_figures(rows)}\n<!-- figures:end -->"
    path.write_text(
        re.sub(r"<!-- figures:begin -->.*<!-- figures:end -->", lambda _: block, text, flags=re.DOTALL),
        encoding="utf-8",
    )
