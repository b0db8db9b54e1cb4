"""How much there may be of what a file unfolds to."""

from __future__ import annotations

MIB = 2**20
LEAST = 96 * MIB
RATIO = 64
MOST_LEVELS = 8
MOST_PICKLES = 10_000


class OverBudgetError(Exception):
    """A file unfolds to more than it may; becomes a Problem of the code "limit"."""


class Budget:
    """Shared by all that is found in one file, however it is nested."""

    def __init__(self, size: int, unfolded: int | None = None) -> None:
        """For a file of `size` bytes, which may unfold to that many: by default 64 times its size, and 96 MiB."""
        self.unfolded = max(LEAST, RATIO * size) if unfolded is None else unfolded
        self._left = self.unfolded
        self._pickles = MOST_PICKLES

    @property
    def is_spent(self) -> bool:
        """Whether nothing more may come."""
        return self._left < 0 or self._pickles < 0

    def take(self, size: int) -> None:
        """Count bytes that came; raises OverBudgetError."""
        self._left -= size
        if self._left < 0:
            raise OverBudgetError(f"unfolds to more than {self.unfolded:,} bytes; see the argument `unfolded`")

    def take_pickle(self) -> None:
        """Count a pickle; raises OverBudgetError."""
        self._pickles -= 1
        if self._pickles < 0:
            raise OverBudgetError(f"holds more than {MOST_PICKLES:,} pickles")
