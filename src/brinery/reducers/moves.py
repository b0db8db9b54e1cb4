"""Where things are that pickles look for in their old places.

Asked only about names that are not found as they are written: no class that exists is ever shadowed, and nothing that
is found is slowed. What moved in widely used packages is in :mod:`brinery.reducers.known_moves`.
"""

from __future__ import annotations

import difflib
import importlib
import sys
from collections import deque
from collections.abc import Iterator
from typing import Any

from brinery.errors import DecodeError

MOST_SUGGESTIONS = 3

_moves: dict[str, str] = {}


def moved(old: str, new: str) -> None:
    """Tell where a class, a function, or a whole module with all that is in it, is now.

    :func:`brinery.loads` looks there for what is not found in the old place. Moves of moves are followed. What was told
    before about the old place is replaced.

    Args:
        old: The dotted name that pickles have, ``"old.module.Name"`` or ``"old.module"``.
        new: The dotted name it has now. It need not be importable yet.

    Raises:
        ValueError: A name is empty or no dotted name, or both are the same.

    >>> import brinery
    >>> moved("shop.models.Money", "decimal.Decimal")
    >>> brinery.loads(b"cshop.models\\nMoney\\n.", trust="everything")
    <class 'decimal.Decimal'>
    """
    for name in (old, new):
        if not isinstance(name, str) or not all(step.isidentifier() for step in name.split(".")):
            raise ValueError(f"expected a dotted name, such as 'package.module.Name', not {name!r}")
    if old == new:
        raise ValueError(f"{old} cannot have moved to where it was")
    _moves[old] = new


def find_moved(module: str, name: str, error: Exception) -> Any:
    """What a pickle names, somewhere else than where it says; the hook of the decoder.

    Raises:
        DecodeError: It is nowhere.
    """
    for place in moved_places(module, name):
        try:
            return located(".".join(place))
        except (ImportError, AttributeError):
            continue
    raise DecodeError(explained(module, name, error)) from error


def moved_places(module: str, name: str) -> Iterator[tuple[str, str]]:
    """Where else than where it says something may be, the likeliest first; moves of moves are followed.

    >>> next(moved_places("__builtin__", "unicode"))
    ('builtins', 'str')
    """
    seen = {f"{module}.{name}"}
    waiting = deque([(module, name)])
    while waiting:
        for place in renamed(*waiting.popleft()):
            path = ".".join(place)
            if path not in seen:
                seen.add(path)
                waiting.append(place)
                yield place


def renamed(module: str, name: str) -> Iterator[tuple[str, str]]:
    """The next places to look, the user's word first: by the longest part of the name that has moved."""
    import _compat_pickle

    from brinery.reducers.known_moves import KNOWN_MOVES

    path = f"{module}.{name}"
    for table in (_moves, KNOWN_MOVES):
        part = path
        while part and part not in table:
            part = part.rpartition(".")[0]
        if part:
            place, _, last = (table[part] + path[len(part) :]).rpartition(".")
            yield place, last
    if (module, name) in _compat_pickle.NAME_MAPPING:
        yield _compat_pickle.NAME_MAPPING[module, name]
    elif module in _compat_pickle.IMPORT_MAPPING:
        yield _compat_pickle.IMPORT_MAPPING[module], name


def located(path: str) -> Any:
    """What a dotted name leads to, modules imported as needed; raises ImportError or AttributeError."""
    steps = path.removeprefix(".").split(".")
    for end in range(len(steps) - 1, 0, -1):
        module_name = ".".join(steps[:end])
        try:
            found: Any = importlib.import_module(module_name)
        except ModuleNotFoundError as error:
            if not is_about(error, module_name):
                raise
            continue
        for step in steps[end:]:
            found = getattr(found, step)
        return found
    raise ImportError(f"no module for {path}")


def is_about(error: Exception, module: str) -> bool:
    """Whether an error says that this very module, or one that it is in, does not exist."""
    missing = getattr(error, "name", None)
    return isinstance(error, ModuleNotFoundError) and f"{module}.".startswith(f"{missing}.")


def explained(module: str, name: str, error: Exception) -> str:
    """What is missing, and what to do about it."""
    path = f"{module}.{name}"
    if isinstance(error, ImportError) and not is_about(error, module):
        return f"{path} cannot be loaded, as importing {module} failed: {error}. Install or repair what it needs"
    reason = "there is no such module here" if isinstance(error, ImportError) else "the module has no such name"
    if module == "__main__":
        reason = "it was in the main program of the process that pickled it"
    message = f'{path} is not found: {reason}. If it is elsewhere now, say brinery.moved("{path}", "its.new.Place")'
    matches = close_matches(module, name)
    return f"{message}. Is it {' or '.join(matches)}?" if matches else message


def close_matches(module: str, name: str) -> list[str]:
    """Dotted names that may be meant: of the same module, or of the same name in modules that are loaded."""
    loaded = sys.modules.get(module)
    if loaded is not None:
        return [f"{module}.{each}" for each in difflib.get_close_matches(name, dir(loaded), MOST_SUGGESTIONS)]
    package = module.partition(".")[0]
    near = [each for each in list(sys.modules) if each.partition(".")[0] == package]
    near += difflib.get_close_matches(module, list(sys.modules), MOST_SUGGESTIONS)
    found = [f"{each}.{name}" for each in near if name in getattr(sys.modules.get(each), "__dict__", {})]
    return list(dict.fromkeys(found))[:MOST_SUGGESTIONS]
