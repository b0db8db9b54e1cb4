"""`python -m bench.kill [--kills N] [--seed N]`: kills of processes that rewrite a file; writes docs/kill.md."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.kill.killing import SMALL_DISK, Tally, killed, small_disk
from bench.kill.logs import LogTally, killed_logs
from bench.machine import description

PAGE = Path("docs/kill.md")


def page(rows: list[tuple[str, Tally]], log: LogTally) -> str:
    lines = [
        "# Kills",
        "",
        f"Taken with `make bench-kill` on {description('numpy', 'zstandard')}.",
        "",
        "A process rewrites a file (an array of 1.6 MB and 20,000 texts) as fast as it can, says of each version that it is",
        "there, and is killed (SIGKILL) at a random moment. *Torn*: the file is not whole, for `brinery.load`,",
        "`brinery verify` or `pickle.load`. *Lost*: a version that was said to be there is not. *Litter*: other files in the",
        "folder after the next write. *Failed*: writes that the system refused meanwhile: on a file system with little",
        "room, and with limits on the size of files, which stop a write at a random byte.",
        "",
        "| | kills | failed | torn | lost | litter |",
        "|---|--:|--:|--:|--:|--:|",
        *(
            f"| {name} | {each.kills} | {each.failed:,} | {each.torn} | {each.lost} | {each.litter} |"
            for name, each in rows
        ),
        "",
        "A process appends batches of records to a log (`brinery.open_log`), says of each batch that it is there, and is",
        "killed at a random moment; the next one goes on with the same log. *Lost*: records that were said to be there and",
        "are not. *Broken*: logs that could not be read from the first record to the last.",
        "",
        "| | kills | lost | broken |",
        "|---|--:|--:|--:|",
        f"| log | {log.kills} | {log.lost} | {log.broken} |",
    ]
    return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=300, help="of each kind")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    kinds: dict[str, dict[str, Any]] = {
        "synced": {"durable": True, "compress": False},
        "not synced": {"durable": False, "compress": False},
        "compressed": {"durable": False, "compress": True},
        "full disk": {"trouble": "full disk"},
        "write errors": {"trouble": "write errors"},
    }
    rows = []
    for name, kind in kinds.items():
        with small_disk(SMALL_DISK) if name == "full disk" else temporary_folder() as folder:
            rows.append((name, killed(folder, kills=options.kills, seed=options.seed, **kind)))
        print(*rows[-1], flush=True)
    with tempfile.TemporaryDirectory() as folder:
        log = killed_logs(Path(folder), kills=options.kills, seed=options.seed)
    print(log, flush=True)
    PAGE.write_text(page(rows, log), encoding="utf-8")
    wrong = any(each.torn or each.lost or each.litter for _, each in rows)
    return int(wrong or log != LogTally(kills=log.kills))


@contextmanager
def temporary_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


if __name__ == "__main__":
    sys.exit(main())
