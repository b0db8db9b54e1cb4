"""Trees in arrays: what is no tree is refused, in whatever numbers it is written; heights are those of a slower look."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from brinery.errors import IntegrityError
from brinery.trust.guards.nodes import require_nodes

NAMES = ("left", "right", "feature", None)
FLAGGED = ("left", "right", "feature", "leaf")
KINDS = ["<i2", "<i4", "<i8", ">i4"]
FEATURES = 4
Rows = list[list[int]]


def nodes(rows: Rows, kind: str = "<i8") -> np.ndarray:
    fields = [("left", kind), ("leaf", "u1"), ("right", kind), ("feature", kind)]
    return np.array([(left, left == -1, right, feature) for left, right, feature in rows], fields)


@st.composite
def trees(draw: st.DrawFn) -> Rows:
    """Trees that grow by splitting leaves, so that children come after all that there was."""
    rows = [[-1, -1, -2]]
    for choice in draw(st.lists(st.integers(0, 2**16), max_size=50)):
        leaves = [at for at, row in enumerate(rows) if row[0] == -1]
        rows[leaves[choice % len(leaves)]] = [len(rows), len(rows) + 1, choice % FEATURES]
        rows += [[-1, -1, -2], [-1, -1, -2]]
    return rows


def height(rows: Rows, node: int = 0) -> int:
    left, right, _ = rows[node]
    return 0 if left == -1 else 1 + max(height(rows, left), height(rows, right))


@given(trees(), st.sampled_from(KINDS))
def test_the_height_of_any_tree(rows: Rows, kind: str) -> None:
    for names in (NAMES, FLAGGED):
        assert require_nodes(nodes(rows, kind), names, FEATURES, "a tree") == height(rows)


@given(trees(), st.sampled_from(KINDS), st.data())
def test_children_before_their_parents_or_beyond_the_end_are_refused(
    rows: Rows, kind: str, data: st.DataObject
) -> None:
    node = data.draw(st.integers(0, len(rows) - 1))
    child = data.draw(st.sampled_from([node, 0, -2, -(2**15), len(rows), 2**15 - 1]))
    rows[node] = [child, child, 0]
    for names in (NAMES, FLAGGED):
        with pytest.raises(IntegrityError, match="children must lie after their parents"):
            require_nodes(nodes(rows, kind), names, FEATURES, "a tree")


@pytest.mark.parametrize("feature", [-1, FEATURES, 2**15 - 1])
def test_features_that_there_are_not_are_refused(feature: int) -> None:
    with pytest.raises(IntegrityError, match="feature must lie within the 4 features"):
        require_nodes(nodes([[1, 2, feature], [-1, -1, -2], [-1, -1, -2]]), NAMES, FEATURES, "a tree")


def test_indexes_too_large_for_signed_numbers_are_refused() -> None:
    forged = nodes([[1, 2, 0], [-1, -1, 0], [-1, -1, 0]]).astype(
        [("left", "u8"), ("leaf", "u1"), ("right", "u8"), ("feature", "u8")]
    )
    assert require_nodes(forged, FLAGGED, FEATURES, "a tree") == 1
    for field in ("left", "right", "feature"):
        wrong = forged.copy()
        wrong[field][0] = 2**64 - 2
        with pytest.raises(IntegrityError, match="feature" if field == "feature" else "children"):
            require_nodes(wrong, FLAGGED, FEATURES, "a tree")


@pytest.mark.parametrize("kind", [("left", "f8"), ("left", "O"), ("left", "M8[s]"), ("left", "i8", 2), ("other", "i8")])
def test_fields_that_are_no_whole_numbers_are_refused(kind: tuple[str, ...]) -> None:
    forged = np.zeros(3, [kind, ("right", "i8"), ("feature", "i8")])
    with pytest.raises(IntegrityError, match="nodes must have whole numbers for left, right, feature"):
        require_nodes(forged, NAMES, FEATURES, "a tree")
