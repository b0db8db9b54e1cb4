"""The canonical content hash of any object: :func:`digest`.

What is equal and what is not, and the bytes that are hashed, are told in ``docs/digest.md``. The room's name is in the
plural because ``brinery.digest`` is the function.
"""

from brinery.digests import arrays, classes, functions, tables, tensors, values  # noqa: F401 - for their rules
from brinery.digests.walk import digest

__all__ = ["digest"]
