"""Results of functions, kept: :func:`brinery.memoize`."""

from brinery.caching.decorator import memoize
from brinery.caching.explaining import Change, Explanation
from brinery.caching.memoized import Memoized, Stats

__all__ = ["Change", "Explanation", "Memoized", "Stats", "memoize"]
