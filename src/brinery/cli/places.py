"""Names of files on the command line: on this machine, where the shell completes them, or addresses."""

from __future__ import annotations

import os
from glob import escape, iglob

import typer

from brinery.files.remote import is_remote

__all__ = ["completions", "existing"]


def existing(name: str) -> str:
    """The name of a file, looked for if it is on this machine.

    Raises:
        typer.BadParameter: It is not there, or is a folder.
    """
    if not is_remote(name):
        if not os.path.exists(name):
            raise typer.BadParameter(f"file {name!r} does not exist")
        if os.path.isdir(name):
            raise typer.BadParameter(f"{name!r} is a folder")
    return name


def completions(incomplete: str) -> list[str]:
    """The files and folders whose names begin so."""
    return sorted(each + ("/" if os.path.isdir(each) else "") for each in iglob(escape(incomplete) + "*"))
