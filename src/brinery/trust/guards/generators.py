"""NumPy's random generators: positions in their buffers, which they do not check."""

from __future__ import annotations

from typing import Any

from brinery.trust.guards.checking import fields_of, is_array, is_count, require, require_array

WORDS = 624  # of the state of MT19937
LARGEST_POOL = 1 << 16


def restore(obj: Any, state: Any) -> None:
    """A bit generator; its own code checks the name and reads the numbers."""
    kind = f"numpy.random.{type(obj).__name__}"
    content = state[0] if type(state) is tuple and len(state) == 2 else state
    require_state(content, kind)
    obj.__setstate__(state)


def require_state(state: Any, kind: str) -> None:
    fields = fields_of(state, kind)
    require(fields.get("bit_generator", "") == kind.rpartition(".")[2], kind, "bit_generator", "must be its name")
    inner = fields_of(fields.get("state"), kind)
    name = kind.rpartition(".")[2]
    if name == "MT19937":
        require_words(inner, "key", WORDS, kind)
        require_position(inner, "pos", WORDS, kind)
    elif name == "Philox":
        require_words(inner, "counter", 4, kind)
        require_words(inner, "key", 2, kind)
        require_words(fields, "buffer", 4, kind)
        require_position(fields, "buffer_pos", 4, kind)
    elif name == "SFC64":
        require_words(inner, "state", 4, kind)
    for field in ("has_uint32", "has_gauss"):
        require(fields.get(field, 0) in {0, 1}, kind, field, "must be 0 or 1")


def require_words(fields: dict[str, Any], name: str, count: int, kind: str) -> None:
    words: Any = fields.get(name)
    require_array(words, kind, name, ndim=1, dtype="iu")
    require(is_array(words) and len(words) == count, kind, name, f"must have {count} items")


def require_position(fields: dict[str, Any], name: str, most: int, kind: str) -> None:
    position = fields.get(name)
    require(is_count(position) and int(position or 0) <= most, kind, name, f"must lie within 0 and {most}")


def restore_legacy(obj: Any, state: Any) -> None:
    """A RandomState, which is told the whole state of its generator."""
    fields = fields_of(state, "numpy.random.RandomState")
    require_state(fields, f"numpy.random.{type(obj._bit_generator).__name__}")
    require(isinstance(fields.get("gauss", 0.0), int | float), "numpy.random.RandomState", "gauss", "must be a number")
    obj.__setstate__(state)


def restore_seed(obj: Any, state: Any) -> None:
    """A SeedSequence: entropy, children, pool, size of the pool, spawn key."""
    kind = "numpy.random.SeedSequence"
    require(type(state) is tuple and len(state) == 5, kind, "the state", "must be a tuple of five")
    _, children, pool, size, spawn_key = state
    require(is_count(children), kind, "n_children_spawned", "must be a number")
    require(is_count(size) and 4 <= size <= LARGEST_POOL, kind, "pool_size", "must be a number from 4 on")
    require_array(pool, kind, "pool", ndim=1, dtype="u")
    require(pool.dtype.itemsize == 4 and len(pool) == size, kind, "pool", f"must be {size} words")
    require(type(spawn_key) is tuple, kind, "spawn_key", "must be a tuple")
    obj.__setstate__(state)
