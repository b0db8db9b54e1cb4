"""Many objects under keys: :class:`Store`."""

from brinery.stores.backend import Backend, Range
from brinery.stores.history import Past, Version
from brinery.stores.repairing import Repair, repair_store
from brinery.stores.store import ABSENT, Store, Verification

__all__ = ["ABSENT", "Backend", "Past", "Range", "Repair", "Store", "Verification", "Version", "repair_store"]
