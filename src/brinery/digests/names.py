"""Who is told by name and who by content: the user's own code, and everybody else's.

The code of the standard library, of installed packages and of brinery is somebody else's, and told by its name. What
lies anywhere else, what no module is known of, and what was named to :func:`brinery.by_value` is the user's own.
"""

from __future__ import annotations

import functools
import sys
import sysconfig
from pathlib import Path
from typing import Any

from brinery.digests.form import Form, text_form
from brinery.reducers.classes import is_builtin
from brinery.reducers.rule import goes_by_value

# Modules that moved between versions of Python; the name that imports have kept.
PUBLIC_NAMES = {"pathlib._local": "pathlib", "pathlib._abc": "pathlib"}


def global_form(module: str, qualified_name: str) -> Form:
    """The form of what is told by its name: the module's, a colon, and its own."""
    return Form(b"g" + text_form(f"{PUBLIC_NAMES.get(module, module)}:{qualified_name}"))


def name_of(obj: Any) -> Form | None:
    """The form of an object that its name leads to in this process; None where it leads elsewhere, or nowhere."""
    module = getattr(obj, "__module__", None)
    name = getattr(obj, "__qualname__", None) or getattr(obj, "__name__", None)
    if not isinstance(module, str) or not isinstance(name, str):
        return None
    found: Any = sys.modules.get(module)
    for step in name.split("."):
        found = getattr(found, step, None)
    return global_form(module, name) if found is obj else None


def tag(obj: Any) -> Any:
    """What tells the class of a value, or who rebuilds it: the name if it leads there, or else the object itself."""
    if isinstance(obj, type) and is_builtin(obj):
        return global_form(obj.__module__, obj.__qualname__)
    return name_of(obj) or obj


def is_own(module_name: Any) -> bool:
    """Whether the code of the module of this name is the user's own."""
    if not isinstance(module_name, str) or goes_by_value(module_name):
        return True
    top = module_name.partition(".")[0]
    if top in sys.stdlib_module_names or top == "brinery":
        return False
    module = sys.modules.get(module_name)
    file = getattr(module, "__file__", None)
    if isinstance(file, str):
        return not is_installed(file)
    return getattr(module, "__spec__", None) is None


@functools.lru_cache(1024)
def is_installed(file: str) -> bool:
    """Whether a file is one of the standard library's or of an installed package."""
    path = Path(file)
    if not {"site-packages", "dist-packages"}.isdisjoint(path.parts):
        return True
    places = sysconfig.get_paths()
    return any(path.is_relative_to(places[each]) for each in ("stdlib", "platstdlib", "purelib", "platlib"))
