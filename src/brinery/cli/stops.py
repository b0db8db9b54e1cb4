"""The stops of the tour: one for each use a person has for pickling; later rooms add theirs.

Every object is made the same way in each process, so that the fresh one can compare what it loads with what it makes.
"""

from __future__ import annotations

import ast
import importlib
import operator
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from brinery.cli.ways import Digested, Everything, Resent, Way


@dataclass(frozen=True)
class Stop:
    """An object of the tour: how it is made, whether another is the same, and by which way it goes."""

    name: str
    make: Callable[[], Any]
    same: Callable[[Any, Any], bool] = operator.eq
    out_of_band: bool = False
    way: Callable[[], Way] = Way


def need(module: str) -> Any:
    """Import a part of the tour's extra, or say how to get it."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise SystemExit(f"the tour needs {module}: install it with  pip install 'brinery[tour]'") from error


@dataclass
class Line:
    """A line of an order."""

    sku: str
    quantity: int
    price: float


@dataclass
class Order:
    """A record as a backend has thousands of."""

    number: int
    customer: str
    paid: bool
    lines: list[Line] = field(default_factory=list)


def orders() -> list[Order]:
    """Eight thousand dataclass records with three lines each."""
    source = random.Random(1)
    return [
        Order(
            i,
            f"customer {source.randrange(500)}",
            source.random() < 0.5,
            [Line(f"sku-{source.randrange(10_000)}", source.randint(1, 9), source.random() * 100) for _ in range(3)],
        )
        for i in range(8000)
    ]


def model() -> Any:
    """A classifier of handwritten digits, trained on the data set that scikit-learn brings along."""
    digits = need("sklearn.datasets").load_digits()
    return need("sklearn.ensemble").RandomForestClassifier(60, random_state=0).fit(digits.data, digits.target)


def same_model(one: Any, other: Any) -> bool:
    """Whether two models say the same about every digit."""
    digits = need("sklearn.datasets").load_digits()
    return bool((one.predict_proba(digits.data) == other.predict_proba(digits.data)).all())


def frame() -> Any:
    """The passengers-like table: numbers, text, categories and dates, 20,000 rows."""
    numpy, pandas = need("numpy"), need("pandas")
    source = numpy.random.default_rng(2)
    rows = 20_000
    return pandas.DataFrame(
        {
            "when": pandas.date_range("2020-01-01", periods=rows, freq="min"),
            "value": source.normal(size=rows),
            "count": source.integers(0, 100, rows),
            "kind": pandas.Categorical(source.choice(["a", "b", "c"], rows)),
            "name": [f"row {i}" for i in range(rows)],
        }
    )


def same_frame(one: Any, other: Any) -> bool:
    """Whether two tables have the same values, types and labels."""
    return bool(one.equals(other)) and list(one.dtypes) == list(other.dtypes)


def tree() -> ast.Module:
    """The syntax tree of a module of the standard library."""
    return ast.parse(Path(ast.__file__).read_text(encoding="utf-8"))


def same_tree(one: ast.Module, other: ast.Module) -> bool:
    """Whether two trees have the same nodes at the same places in the text."""
    return ast.dump(one, include_attributes=True) == ast.dump(other, include_attributes=True)


def array() -> Any:
    """Ten million floats, 80 MB."""
    return need("numpy").arange(10_000_000, dtype="f8")


def same_array(one: Any, other: Any) -> bool:
    """Whether two arrays have the same elements."""
    return bool(one.dtype == other.dtype and (one == other).all())


def views() -> list[Any]:
    """Eight megabytes of floats, and two views of them."""
    whole = need("numpy").arange(1_000_000, dtype="f8")
    return [whole, whole[::2], whole.reshape(1000, 1000).T]


def same_views(one: list[Any], other: list[Any]) -> bool:
    """Whether arrays have the same elements, and the views see what is written to the whole."""
    whole, half, square = other
    if not all(map(same_array, one, other)):
        return False
    whole[2] = -1
    return bool(half[1] == square[2, 0] == -1)


def pricing() -> Callable[[float, str], float]:
    """A function that is in no module, with what it closes over."""
    rates = {"winter": 0.8, "summer": 0.9}

    def cents(value: float) -> float:
        return round(value, 2)

    def price(value: float, season: str) -> float:
        return cents(value * rates.get(season, 1))

    return price


def same_pricing(one: Callable[[float, str], float], other: Callable[[float, str], float]) -> bool:
    """Whether two functions answer the same."""
    questions = [(i / 7, season) for i in range(100) for season in ("winter", "summer", "fall")]
    return [one(*each) for each in questions] == [other(*each) for each in questions]


def basket() -> Any:
    """An instance of a class that is in no module."""

    @dataclass
    class Basket:
        lines: list[Line]

        def total(self) -> float:
            return sum(line.quantity * line.price for line in self.lines)

    return Basket([Line("sku-1", 2, 1.5), Line("sku-2", 1, 7.25)])


def same_basket(one: Any, other: Any) -> bool:
    """Whether two have the same lines, and their classes the same methods."""
    return repr(one) == repr(other) and one.total() == other.total() == 10.25 and other == type(other)(other.lines)


def job() -> dict[str, Any]:
    """What a cache of results has as its key: a function and what it is called with."""
    return {"function": pricing(), "orders": orders()[:100], "seasons": {"winter", "summer"}}


STOPS = [
    Stop("scikit-learn model", model, same_model),
    Stop("DataFrame", frame, same_frame),
    Stop("8,000 dataclass records", orders),
    Stop("syntax tree of a module", tree, same_tree),
    Stop("80 MB array, out of band", array, same_array, out_of_band=True),
    Stop("80 MB array, in band", array, same_array),
    Stop("arrays that share memory", views, same_views, way=Everything),
    Stop("function by value", pricing, same_pricing, way=Everything),
    Stop("instance of a local class", basket, same_basket, way=Everything),
    Stop("function sent again", pricing, same_pricing, way=Resent),
    Stop("digest of a job", job, way=Digested),
]
