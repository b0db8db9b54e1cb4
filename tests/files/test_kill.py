"""A process that is killed while it rewrites a file: the short form of `make bench-kill`."""

from __future__ import annotations

from pathlib import Path

import pytest
from bench.kill.killing import SMALL_DISK, Tally, killed, small_disk


@pytest.mark.parametrize("durable", [False, True])
@pytest.mark.parametrize("compress", [False, True])
def test_a_kill_at_any_moment_leaves_a_whole_file_and_no_litter(tmp_path: Path, durable: bool, compress: bool) -> None:
    assert killed(tmp_path, kills=6, seed=1, durable=durable, compress=compress) == Tally(kills=6)


def test_kills_and_write_errors_leave_a_whole_file_and_no_litter(tmp_path: Path) -> None:
    found = killed(tmp_path, kills=6, seed=1, trouble="write errors")
    assert found == Tally(kills=6, failed=found.failed)
    assert found.failed > 0


def test_kills_and_a_full_disk_leave_a_whole_file_and_no_litter() -> None:
    try:
        with small_disk(SMALL_DISK) as folder:
            found = killed(folder, kills=6, seed=1, trouble="full disk")
    except PermissionError as error:
        pytest.skip(str(error))
    assert found == Tally(kills=6, failed=found.failed)
    assert found.failed > 0
