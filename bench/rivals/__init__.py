"""Who is measured. Each module has `name`, `dumps` and `loads`."""

from bench.rivals import brinery, cloudpickle, marshal, msgspec, pyfory, stdlib

OTHERS = [marshal, msgspec, pyfory, cloudpickle]

__all__ = ["OTHERS", "brinery", "stdlib"]
