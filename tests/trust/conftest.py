"""Every test has a home of its own for keys."""

import pytest

from brinery.trust.current import forget
from brinery.trust.reading import keys_of_process


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    folder = tmp_path / "home"
    monkeypatch.setenv("BRINERY_HOME", str(folder))
    monkeypatch.delenv("BRINERY_KEY", raising=False)
    forget()
    keys_of_process.clear()
    yield folder
    forget()
    keys_of_process.clear()
