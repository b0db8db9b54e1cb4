"""What looks at state that C or Cython would believe.

A *builder* is called with an object that was just made and the state that a pickle has for it: it checks what the
object's own code does not, and restores the object. A *guarded callee* takes the place of a function that pickles
call, and has its signature. A *maker* takes the place of a class that is called, and has the signature of its
``__new__``. All raise :class:`~brinery.errors.IntegrityError`, naming the field.

Vetted entries name guards by ``group.name``; a group is a file here, which is loaded when one of its guards is needed.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

__all__ = ["GROUPS", "Guard", "find", "stand_in"]

Guard = Callable[..., Any]
# By group: the modules of this room that hold its guards.
GROUPS: dict[str, str] = {
    "stdlib": "values",
    "numpy": "arrays",
    "dtype": "dtypes",
    "random": "generators",
    "estimator": "estimators",
    "forest": "forests",
    "histogram": "histograms",
    "neighbors": "neighbors",
    "svm": "machines",
    "encoder": "encoders",
    "cluster": "clusters",
    "pandas": "tables",
    "sparse": "sparse",
    "space": "space",
    "curve": "curves",
    "arrow": "columns",
    "tensor": "tensors",
    "picture": "pictures",
    "graph": "graphs",
    "symbol": "symbols",
    "booster": "boosters",
}


def find(name: str) -> Guard:
    """The guard of a name.

    Raises:
        LookupError: There is none.

    >>> find("stdlib.pattern")("a+", 0).pattern
    'a+'
    """
    group, _, own = name.partition(".")
    if group not in GROUPS:
        raise LookupError(f"no guard is called {name!r}")
    found = getattr(import_module(f"{__name__}.{GROUPS[group]}"), own, None)
    if found is None or found.__module__ != f"{__name__}.{GROUPS[group]}":
        raise LookupError(f"no guard is called {name!r}")
    guard: Guard = found
    return guard


def stand_in(name: str, cls: type) -> type:
    """A class to take the place of one whose calls a guard, its *maker*, answers.

    Calling it, and its ``__new__`` as the opcode NEWOBJ does, calls the maker with the real class and the arguments.

    >>> from fractions import Fraction
    >>> stand = stand_in("stdlib.fraction", Fraction)
    >>> stand(1, 3) == stand.__new__(stand, 1, 3) == Fraction(1, 3)
    True
    """
    make = find(name)

    def __new__(_: type, /, *args: Any, **kwargs: Any) -> Any:
        return make(cls, *args, **kwargs)

    return type(cls.__name__, (), {"__new__": __new__})
