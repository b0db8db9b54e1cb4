"""The public suite on every place there is."""

from pathlib import Path

import pytest

from brinery.stores.sqlite import SQLite
from brinery.testing import StoreContract


class TestSQLite(StoreContract):
    @pytest.fixture
    def opened(self, tmp_path: Path):
        return lambda: SQLite(tmp_path / "store.db")
