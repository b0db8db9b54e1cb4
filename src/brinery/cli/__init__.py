"""The ``brinery`` command: shows what the rooms return."""

from brinery.cli.app import main

__all__ = ["main"]
