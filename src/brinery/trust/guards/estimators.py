"""scikit-learn's estimators that are attributes of Python, and nothing below it."""

from __future__ import annotations

from typing import Any

from brinery.trust.guards.checking import require, restore_once


def restore(obj: Any, state: Any) -> None:
    """Once: what other guards have looked at must not change after.

    A cache on disk is refused: it would be written, and pickles in it read, wherever the file says.
    """
    kind = f"sklearn.{type(obj).__name__}"
    restore_once(obj, state, kind)
    require(vars(obj).get("memory") is None, kind, "memory", "must be None; set it after loading")
