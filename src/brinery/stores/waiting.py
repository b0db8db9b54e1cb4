"""Waiting for others that write."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

from brinery.errors import StoreError

__all__ = ["WAIT", "waited"]

T = TypeVar("T")

WAIT = 60.0  # seconds for other writers
FIRST_SLEEP = 0.001
LONGEST_SLEEP = 0.05


def waited(attempt: Callable[[], T | None], place: str) -> T:
    """What an attempt answers with, tried again until it is something.

    Raises:
        StoreError: That was not within a minute.
    """
    end, sleep = time.monotonic() + WAIT, FIRST_SLEEP
    while (found := attempt()) is None:
        if time.monotonic() > end:
            raise StoreError(f"{place}: somebody else has been writing for {WAIT:.0f} seconds: try again later")
        # Not in step with others that wait.
        time.sleep(sleep * random.uniform(0.5, 1))
        sleep = min(2 * sleep, LONGEST_SLEEP)
    return found
