"""sympy's expressions, put together as they stand: evaluating them anew could take any time and memory."""

from __future__ import annotations

import sys
from typing import Any

from brinery.trust.guards.checking import refuse, require

KIND = "sympy expression"


def unevaluated(cls: Any, *args: Any) -> Any:
    """What has been evaluated when it was made, of parts that have been as well.

    >>> import sympy
    >>> unevaluated(sympy.Pow, sympy.Integer(10), sympy.Integer(10**10))
    10**10000000000
    """
    parts = sys.modules["sympy"].Basic
    known = all(isinstance(each, parts) for each in args)
    require(known, KIND, "the arguments", "must be expressions: text would be run to make them")
    try:
        return cls(*args, evaluate=False)
    except (TypeError, ValueError, AttributeError) as error:
        refuse(KIND, "the arguments", f"are refused by sympy: {error}")
