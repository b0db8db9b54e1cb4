"""NumPy, pandas and scikit-learn, imported when they are needed."""

from __future__ import annotations

import random
from typing import Any

from bench.workloads.builtin import word


def small_arrays() -> list[Any]:
    import numpy as np

    return [np.arange(8.0) + i for i in range(4000)]


def large_arrays() -> list[Any]:
    import numpy as np

    source = np.random.default_rng(21)
    return [source.random(250_000) for _ in range(8)]


def same_arrays(one: list[Any], other: list[Any]) -> bool:
    import numpy as np

    return all(a.dtype == b.dtype and np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def scalars() -> list[Any]:
    import numpy as np

    source = np.random.default_rng(22)
    return [np.float64(value) for value in source.random(8000)]


def data_frame() -> Any:
    import numpy as np
    import pandas as pd

    source = random.Random(23)
    values = np.random.default_rng(24)
    return pd.DataFrame(
        {
            "number": np.arange(50_000),
            "value": values.random(50_000),
            "flag": values.random(50_000) > 0.5,
            "name": [word(source) for _ in range(50_000)],
        }
    )


def same_frame(one: Any, other: Any) -> bool:
    return bool(one.equals(other)) and list(one.columns) == list(other.columns)


def forest() -> Any:
    from sklearn.datasets import load_digits
    from sklearn.ensemble import RandomForestClassifier

    digits = load_digits()
    return RandomForestClassifier(100, random_state=25).fit(digits.data, digits.target)


def same_forest(one: Any, other: Any) -> bool:
    import numpy as np
    from sklearn.datasets import load_digits

    digits = load_digits()
    return np.array_equal(one.predict_proba(digits.data), other.predict_proba(digits.data))
