"""Suites that hold parts of one's own against what brinery expects of them, to be run by pytest."""

from brinery.testing.stores import BackendContract, StoreContract

__all__ = ["BackendContract", "StoreContract"]
