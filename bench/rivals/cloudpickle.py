"""cloudpickle: the C pickle with a Python reducer for what it can't take."""

from typing import Any

import cloudpickle

name = "cloudpickle"
loads = cloudpickle.loads


def dumps(obj: Any) -> bytes:
    return cloudpickle.dumps(obj, 5)
