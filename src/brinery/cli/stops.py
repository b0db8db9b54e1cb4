"""The stops of the tour: one for each use a person has for pickling; later rooms add theirs.

Every object is made the same way in each process, so that the fresh one can compare what it loads with what it makes.
"""

from __future__ import annotations

import ast
import importlib
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Stop:
    """An object of the tour: how it is made, and whether another is the same."""

    name: str
    make: Callable[[], Any]
    same: Callable[[Any, Any], bool]
    out_of_band: bool = False


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


STOPS = [
    Stop("scikit-learn model", model, same_model),
    Stop("DataFrame", frame, same_frame),
    Stop("8,000 dataclass records", orders, lambda one, other: bool(one == other)),
    Stop("syntax tree of a module", tree, same_tree),
    Stop("80 MB array, out of band", array, same_array, out_of_band=True),
    Stop("80 MB array, in band", array, same_array),
]
