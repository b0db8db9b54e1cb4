"""What to do when results cannot be kept, or not be used: tell of it, once."""

from __future__ import annotations

import os
import sys
import warnings
from typing import Literal

from brinery.errors import ResultWarning

__all__ = ["OnError", "Problems"]

OnError = Literal["warn", "raise", "ignore"]
ROOM = os.path.dirname(os.path.dirname(__file__))
TOLD = {
    "arguments": "its calls cannot be told apart by their arguments, and are computed each time",
    "code": "it cannot be told whether its code is the same, and it is computed each time",
    "result": "what came of a call cannot be kept",
    "store": "its store cannot be used",
    "damaged": "a result that was kept cannot be used, and is computed and replaced",
    "background": "a result could not be computed again in the background",
}


class Problems:
    """The problems of one function: of each kind the first is told.

    >>> problems = Problems("app.f", "ignore")
    >>> problems.met("store", OSError("no space"))
    >>> problems.count
    1
    """

    def __init__(self, name: str, on_error: OnError) -> None:
        """Of the function of that name."""
        self._name = name
        self._on_error = on_error
        self._told: set[str] = set()
        self.count = 0

    def met(self, kind: str, error: Exception) -> None:
        """Something went wrong; the call is to go on.

        Raises:
            Exception: The error itself, if that is asked for, or if it is of the program and not of the call.
        """
        if isinstance(error, RecursionError | MemoryError):
            raise error
        self.count += 1
        if self._on_error == "raise" and kind not in {"damaged", "background"}:
            raise error
        if self._on_error == "ignore" or kind in self._told:
            return
        self._told.add(kind)
        told = f"{self._name}: {TOLD[kind]}: {type(error).__name__}: {error}"
        warnings.warn(told, ResultWarning, stacklevel=callers_level())


def callers_level() -> int:
    """How many frames above :meth:`Problems.met` the first is that is not of brinery."""
    frame, level = sys._getframe(2), 2
    while frame.f_back is not None and frame.f_code.co_filename.startswith(ROOM):
        frame, level = frame.f_back, level + 1
    return level
