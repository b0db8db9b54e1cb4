"""What the user allows in all programs: an environment variable, and a file beside the keys.

``BRINERY_TRUST`` holds dotted names, separated by commas. ``trust.toml``, which nobody else may be able to change::

    allow = ["shop.models.*", "theirlibrary.Thing"]
    vetted = true

    [limits]
    depth = 100_000
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from brinery.errors import PolicyError
from brinery.trust.files import home, read_checked
from brinery.trust.names import name_of

__all__ = ["FILE", "VARIABLE", "Settings", "read_settings"]

VARIABLE = "BRINERY_TRUST"
FILE = "trust.toml"


class Settings(NamedTuple):
    """See :class:`brinery.trust.Trust`."""

    allowed: tuple[str, ...] = ()
    vetted: bool = True
    limits: Mapping[str, int] | None = None


def read_settings() -> Settings:
    """What the variable and the file say together.

    Raises:
        PolicyError: They say what cannot be understood.
        KeyFileError: Others can change the file.
    """
    path = home() / FILE
    text = read_checked(path, secret=False)
    found = parsed(text, path) if text is not None else Settings()
    words = tuple(word.strip() for word in os.environ.get(VARIABLE, "").split(",") if word.strip())
    return found._replace(allowed=found.allowed + checked_names(words, VARIABLE))


def parsed(text: str, path: Path) -> Settings:
    """The settings that a file holds."""
    import tomllib

    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PolicyError(f"{path}: {error}") from None
    if unknown := content.keys() - {"allow", "vetted", "limits"}:
        raise PolicyError(f"{path}: there is no setting {sorted(unknown)[0]!r}, only allow, vetted and limits")
    allowed, vetted, limits = content.get("allow", []), content.get("vetted", True), content.get("limits")
    if not isinstance(allowed, list) or not all(isinstance(each, str) for each in allowed):
        raise PolicyError(f"{path}: allow must be a list of dotted names")
    if not isinstance(vetted, bool):
        raise PolicyError(f"{path}: vetted must be true or false")
    if limits is not None and not (isinstance(limits, dict) and all(type(each) is int for each in limits.values())):
        raise PolicyError(f"{path}: limits must be a table of whole numbers")
    return Settings(checked_names(allowed, path), vetted, limits)


def checked_names(words: Any, source: object) -> tuple[str, ...]:
    try:
        return tuple(map(name_of, words))
    except ValueError as error:
        raise PolicyError(f"{source}: {error}") from None
