"""brinery.pickle where the stdlib's pickle was: only the import changes."""

from __future__ import annotations

import pickle as stdlib
from dataclasses import dataclass, field
from datetime import UTC, datetime

from brinery import pickle


@dataclass
class Order:
    number: int
    placed: datetime
    items: list[str] = field(default_factory=list)


def main() -> None:
    orders = [Order(n, datetime(2026, 1, 1, tzinfo=UTC), ["ink", "paper"]) for n in range(1000)]
    data = pickle.dumps(orders)
    print(f"{len(data)} bytes")
    print("the stdlib reads it:", stdlib.loads(data) == orders)
    print("and the other way round:", pickle.loads(stdlib.dumps(orders)) == orders)


if __name__ == "__main__":
    main()
