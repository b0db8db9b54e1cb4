"""What was measured of one workload, and the figures that follow from it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field


@dataclass
class Row:
    """Seconds by implementation. `_pickle` is measured twice: what it differs from itself is noise."""

    name: str
    dumps: dict[str, float] = field(default_factory=dict)
    loads: dict[str, float] = field(default_factory=dict)
    stock: float = math.nan  # brinery loading what _pickle wrote
    sizes: dict[str, int] = field(default_factory=dict)

    @property
    def dumps_ratio(self) -> float:
        return stdlib_time(self.dumps) / self.dumps["brinery"]

    @property
    def loads_ratio(self) -> float:
        return stdlib_time(self.loads) / self.loads["brinery"]

    @property
    def stock_ratio(self) -> float:
        return stdlib_time(self.loads) / self.stock

    @property
    def dumps_noise(self) -> float:
        """How far the stdlib was from itself in dumps, as a fraction."""
        return spread(self.dumps)

    @property
    def loads_noise(self) -> float:
        """How far the stdlib was from itself in loads, as a fraction."""
        return spread(self.loads)


def stdlib_time(times: dict[str, float]) -> float:
    """The better of both: brinery gains nothing by the stdlib's bad luck."""
    return min(times["_pickle"], times["_pickle again"])


def spread(times: dict[str, float]) -> float:
    """How far what was measured twice is from itself; 0 where nothing was."""
    if "_pickle again" not in times:
        return 0.0
    one, other = times["_pickle"], times["_pickle again"]
    return max(one, other) / min(one, other) - 1


def geometric_mean(values: list[float]) -> float:
    return math.exp(sum(map(math.log, values)) / len(values))
