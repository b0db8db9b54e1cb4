"""A process that is killed while it rewrites a file: the short form of `make bench-kill`."""

from __future__ import annotations

from pathlib import Path

import pytest
from bench.kill.killing import Tally, killed


@pytest.mark.parametrize("durable", [False, True])
@pytest.mark.parametrize("compress", [False, True])
def test_a_kill_at_any_moment_leaves_a_whole_file_and_no_litter(tmp_path: Path, durable: bool, compress: bool) -> None:
    assert killed(tmp_path, kills=6, seed=1, durable=durable, compress=compress) == Tally(kills=6)
