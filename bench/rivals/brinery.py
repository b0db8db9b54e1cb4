"""brinery.pickle at protocol 5."""

from typing import Any

from brinery import pickle

name = "brinery"
loads = pickle.loads


def dumps(obj: Any) -> bytes:
    return pickle.dumps(obj, 5)
