"""Who is measured. Each module has `name`, `dumps`, `loads`, and the `options` that dumps takes after the object."""

from __future__ import annotations

import importlib
from types import ModuleType

OTHERS = ("marshal", "msgspec", "pyfory", "cloudpickle")


def others() -> list[ModuleType]:
    """The rivals besides the stdlib, which an extra brings."""
    try:
        return [importlib.import_module(f"bench.rivals.{name}") for name in OTHERS]
    except ImportError as error:
        raise SystemExit(f"the bench needs {error.name}: install it with  pip install 'brinery[bench]'") from error
