"""Orders in a store, and a costly report that is computed once and kept until what it depends on changes."""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import brinery


@dataclass
class Order:
    customer: str
    total: float


def main() -> None:
    folder = Path(tempfile.mkdtemp())
    with brinery.Store(folder / "shop", keep=3) as store:
        store.set_many({("order", n): Order(f"customer {n % 7}", n * 9.5) for n in range(1000)})
        with store.edit(("order", 7)) as order:
            order.total += 5
        print("totals of order 7:", [version.load().total for version in store.versions(("order", 7))])
        print("orders of 990 and more:", len(list(store.range(("order", 990), ("order", 1000)))))

        @brinery.memoize(store=folder / "results")
        def report(orders: list[Order], minimum: float = 0.0) -> dict[str, float]:
            time.sleep(0.2)  # so costly
            found: dict[str, float] = {}
            for each in orders:
                if each.total >= minimum:
                    found[each.customer] = found.get(each.customer, 0.0) + each.total
            return found

        orders = list(store.values())
        report(orders)
        start = time.perf_counter()
        report(orders)
        print(f"the report again: {(time.perf_counter() - start) * 1e3:.1f} ms")
        print("another one:", *report.explain(orders, minimum=100.0).changes)
        print(report.stats())


if __name__ == "__main__":
    main()
