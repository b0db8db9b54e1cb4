"""Many objects under keys."""

from brinery.stores.store import ABSENT, Store, Verification

__all__ = ["ABSENT", "Store", "Verification"]
