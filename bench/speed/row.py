"""What was measured of one workload, and the figures that follow from it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from statistics import median


@dataclass
class Row:
    """Seconds by implementation. `_pickle` is measured twice: what it differs from itself is noise."""

    name: str
    dumps: dict[str, float] = field(default_factory=dict)
    loads: dict[str, float] = field(default_factory=dict)
    stock: float = math.nan  # brinery loading what _pickle wrote
    sizes: dict[str, int] = field(default_factory=dict)
    dumps_noise: float = 0.0  # how far the stdlib was from itself, as a fraction
    loads_noise: float = 0.0

    @property
    def dumps_ratio(self) -> float:
        return stdlib_time(self.dumps) / self.dumps["brinery"]

    @property
    def loads_ratio(self) -> float:
        return stdlib_time(self.loads) / self.loads["brinery"]

    @property
    def stock_ratio(self) -> float:
        return stdlib_time(self.loads) / self.stock


def stdlib_time(times: dict[str, float]) -> float:
    """The better of both: brinery gains nothing by the stdlib's bad luck."""
    return min(times["_pickle"], times["_pickle again"])


def spread(times: dict[str, float]) -> float:
    """How far what was measured twice is from itself; 0 where nothing was."""
    if "_pickle again" not in times:
        return 0.0
    one, other = times["_pickle"], times["_pickle again"]
    return max(one, other) / min(one, other) - 1


def middle(rows: list[Row]) -> Row:
    """One row of those that several processes measured: the median of each time, and the worst noise."""
    first = rows[0]
    return Row(
        first.name,
        *(
            {name: median(getattr(row, what)[name] for row in rows) for name in getattr(first, what)}
            for what in ("dumps", "loads")
        ),
        median(row.stock for row in rows),
        first.sizes,
        max(row.dumps_noise for row in rows),
        max(row.loads_noise for row in rows),
    )


def geometric_mean(values: list[float]) -> float:
    return math.exp(sum(map(math.log, values)) / len(values))
