"""By reference or by value: the one rule.

A class or function goes **by reference** -- as the name of its module and its own -- when another process can import it
from there. It goes **by value** -- with its code -- when it cannot: when its module is ``__main__`` (a script, a
notebook, ``python -m``), when it stands in a function's local scope, when its module was made by hand, or when the
module was named to :func:`by_value`.
"""

from __future__ import annotations

import importlib.util
import sys
from types import ModuleType
from typing import Any

# Names of modules whose contents go by value; the core looks at it, too.
VALUE_MODULES: set[str] = {"__main__", "__mp_main__"}


def by_value(module: ModuleType | str) -> None:
    """Send the classes and functions of a module, and of the modules in it, with their code from now on.

    For code that the receiving side does not have, such as a module under development.

    >>> by_value("theproject")
    >>> "theproject" in VALUE_MODULES
    True
    >>> VALUE_MODULES.discard("theproject")
    """
    name = module if isinstance(module, str) else module.__name__
    VALUE_MODULES.add(name)
    prefix = name + "."
    VALUE_MODULES.update(each for each in sys.modules if each.startswith(prefix))


def goes_by_value(name: str) -> bool:
    """Whether the contents of the module of this name go by value."""
    if name in VALUE_MODULES:
        return True
    parent = name.rpartition(".")[0]
    return bool(parent) and goes_by_value(parent)


def is_importable(name: Any) -> bool:
    """Whether another process can import a module of this name: one that is loaded here, and was found somewhere."""
    if not isinstance(name, str) or goes_by_value(name):
        return False
    module = sys.modules.get(name)
    if module is None:
        return False
    if getattr(module, "__spec__", None) is not None:
        return True
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError, AttributeError):
        return False


def leads_to(module_name: Any, qualified_name: Any, obj: object) -> bool:
    """Whether the object is what its module and qualified name lead to, in this process and in others."""
    if not isinstance(module_name, str) or module_name in VALUE_MODULES:
        return False
    if not isinstance(qualified_name, str) or "<" in qualified_name or not is_importable(module_name):
        return False
    found: Any = sys.modules[module_name]
    for step in qualified_name.split("."):
        found = getattr(found, step, None)
    return found is obj
