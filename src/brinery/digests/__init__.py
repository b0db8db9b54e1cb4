"""The canonical content hash of any object: :func:`digest`.

What is equal and what is not, and the bytes that are hashed, are told in ``docs/digest.md``. The room's name is in the
plural because ``brinery.digest`` is the function.
"""

from brinery.digests import (  # noqa: F401 - for their rules
    arrays,
    classes,
    columnar,
    functions,
    tables,
    tensors,
    values,
)
from brinery.digests.walk import digest

__all__ = ["digest"]
