"""`python -m bench.files [--quick]`: files against those of others; writes docs/files-benchmarks.md."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path

from bench.files.formats import FORMATS
from bench.files.speed import Timing, arrays_of, forest, info_seconds, log_rates
from bench.machine import heading

PAGE = Path("docs/files-benchmarks.md")
SIZES = {"80 MB": 80_000_000, "1 GB": 1_000_000_000}
PACKAGES = (
    "brinery",
    "numpy",
    "joblib",
    "safetensors",
    "h5py",
    "zarr",
    "pyarrow",
    "scikit-learn",
    "zstandard",
    "blake3",
)


def table(title: str, timings: list[Timing]) -> list[str]:
    """Times, and how often they go into that of the first."""
    first = timings[0].seconds
    rows = [f"| {each.name} | {each.seconds * 1e3:,.1f} | {each.seconds / first:.2f}x |" for each in timings]
    return ["", f"| {title} | ms | of the first |", "|---|--:|--:|", *rows]


def flips() -> list[str]:
    rows = ["| | found | wrong numbers, silently | harmless |", "|---|--:|--:|--:|"]
    for format in FORMATS:
        command = [sys.executable, "-m", "bench.files.flips", format.name]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        counts = json.loads(done.stdout) if done.returncode == 0 else {"found": "-", "wrong": "-", "harmless": "-"}
        rows.append(f"| {format.name} | {counts['found']} | {counts['wrong']} | {counts['harmless']} |")
        print(rows[-1], flush=True)
    return rows


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="80 MB only, and write nothing")
    options = parser.parse_args()
    lines = [
        *heading("Files, measured", "bench-files", *PACKAGES),
        "The best of several rounds, alternating in one process, the page cache warm.",
        "",
        "## Arrays",
        "",
        "Four arrays of random numbers in a dict; *np.load* and *np.save* have one array of as many bytes.",
    ]
    # First, as what large arrays leave of the heap would slow it down.
    compressed = [f"| {name} | {seconds * 1e3:,.0f} | {size:,} |" for name, seconds, size in forest()]
    for name, size in SIZES.items():
        if options.quick and name != "80 MB":
            continue
        for title, timings in arrays_of(size).items():
            lines += table(f"{name}: {title}", timings)
            print("\n".join(lines[-10:]), flush=True)
    memory = subprocess.run([sys.executable, "-m", "bench.files.memory"], capture_output=True, text=True, check=True)
    lines += ["", f"Writing an array of 1 GB adds {memory.stdout.strip()} MB to the resident memory."]
    lines += ["", "## A random forest of 200 trees, compressed", "", "| | ms | bytes |", "|---|--:|--:|"]
    lines += compressed
    lines += ["", "## Others", "", f"`brinery.info` of a file of ten arrays: {info_seconds() * 1e3:.2f} ms.", ""]
    lines += ["| log | records a second |", "|---|--:|", *(f"| {name} | {rate:,.0f} |" for name, rate in log_rates())]
    print("\n".join(lines[-16:]), flush=True)
    lines += ["", "## A flipped bit", ""]
    lines += [
        "Three arrays of 160 kB; 400 files with one bit flipped at random, each read by its own library.",
        "",
        *flips(),
    ]
    if not options.quick:
        PAGE.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
