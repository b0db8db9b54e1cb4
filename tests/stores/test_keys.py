"""Keys as bytes: they come back, sort as the keys do, and are told apart by type."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import brinery
from brinery.errors import DecodeError
from brinery.stores.keys import after_prefix, is_plain, key_from, key_to_bytes

LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-(2**1000), 2**1000)
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary()
)
KEYS = st.recursive(LEAVES, lambda parts: st.lists(parts, max_size=3).map(tuple))
SORTED = [
    st.integers(-(2**70), 2**70),
    st.integers(-(2**1000), 2**1000),
    st.floats(allow_nan=False),
    st.text(),
    st.binary(),
    st.lists(st.integers()).map(tuple),
    st.lists(st.text()).map(tuple),
    st.tuples(st.text(), st.integers(), st.binary()),
]


@given(KEYS)
def test_a_key_comes_back(key: Any) -> None:
    data = key_to_bytes(key)
    assert repr(key_from(data, None)) == repr(key)
    assert is_plain(data)


@given(st.one_of(*[st.tuples(keys, keys) for keys in SORTED]))
def test_keys_sort_as_they_do(keys: tuple[Any, Any]) -> None:
    one, other = keys
    if one < other:
        assert key_to_bytes(one) < key_to_bytes(other)


@given(KEYS, KEYS)
def test_keys_are_told_apart_by_type(one: Any, other: Any) -> None:
    assert (key_to_bytes(one) == key_to_bytes(other)) == (repr(one) == repr(other))


@given(st.text(), st.text())
def test_a_prefix_has_what_starts_with_it(prefix: str, key: str) -> None:
    start, end = after_prefix(prefix)
    assert (start <= key_to_bytes(key) < end) == key.startswith(prefix)


@given(st.lists(LEAVES, max_size=2).map(tuple), st.lists(LEAVES, max_size=3).map(tuple))
def test_a_tuple_is_a_prefix_of_those_that_start_with_its_parts(prefix: Any, key: Any) -> None:
    start, end = after_prefix(prefix)
    assert (start <= key_to_bytes(key) < end) == (repr(key[: len(prefix)]) == repr(prefix))


@given(
    st.lists(LEAVES, max_size=2).map(tuple), st.sampled_from(["a", b"a", b"", b"a\xff"]), st.lists(LEAVES).map(tuple)
)
def test_a_prefix_has_no_tuple_whose_part_only_begins_as_its_own(before: Any, part: Any, after: Any) -> None:
    start, end = after_prefix((*before, part))
    longer = part + (b"\0b" if isinstance(part, bytes) else "\0b")
    assert start <= key_to_bytes((*before, part, *after)) < end
    assert not start <= key_to_bytes((*before, longer, *after)) < end


def test_other_keys_are_pickles_that_equal_ones_share() -> None:
    data = key_to_bytes(("day", date(2026, 11, 25), frozenset({"a", "b"})))
    assert data == key_to_bytes(("day", date(2026, 11, 25), frozenset({"b", "a"})))
    assert not is_plain(data)
    assert key_from(data, brinery.loads) == ("day", date(2026, 11, 25), frozenset({"a", "b"}))


def test_what_cannot_be_hashed_is_no_key() -> None:
    with pytest.raises(TypeError, match="unhashable"):
        key_to_bytes([1])


@given(st.binary())
def test_other_bytes_are_of_no_key(data: bytes) -> None:
    try:
        key = key_from(data, lambda pickle: pickle)
    except DecodeError:
        return
    assert data[:1] in {b"\x06", b"\x07", b"\x09"} or key_from(key_to_bytes(key), None) is not None or key is None
