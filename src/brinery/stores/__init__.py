"""Many objects under keys: :class:`Store`."""

from brinery.stores.aio import AsyncStore
from brinery.stores.backend import Backend, Range
from brinery.stores.history import Past, Version
from brinery.stores.moving import export_store, import_store
from brinery.stores.repairing import Repair, repair_store
from brinery.stores.store import ABSENT, Store
from brinery.stores.verifying import Verification

__all__ = [
    "ABSENT",
    "AsyncStore",
    "Backend",
    "Past",
    "Range",
    "Repair",
    "Store",
    "Verification",
    "Version",
    "export_store",
    "import_store",
    "repair_store",
]
