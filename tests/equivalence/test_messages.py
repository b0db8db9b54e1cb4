"""Small plain data goes a way of its own: the bytes are those of the general way."""

import io
import pickle
import pickletools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brinery import pickle as brinery_pickle
from tests.strategies import difference

NAMES = ["id", "name", "a", "tags", "x" * 255, "x" * 256, "größe", ""]
numbers = st.integers() | st.floats() | st.integers(-(2**70), 2**70)
leaves = st.none() | st.booleans() | numbers | st.sampled_from(NAMES) | st.text(max_size=40) | st.binary(max_size=300)


@st.composite
def messages(draw):
    """Containers of leaves and of each other; parts may be shared, and containers may hold themselves."""
    made = []

    def again(_):
        return made[draw(st.integers(0, len(made) - 1))] if made else None

    def keep(part):
        made.append(part)
        return part

    parts = st.recursive(
        leaves,
        lambda inner: (
            st.lists(inner | st.none().map(again), max_size=6).map(keep)
            | st.lists(inner | st.none().map(again), max_size=6).map(tuple).map(keep)
            | st.dictionaries(st.sampled_from(NAMES) | st.integers(), inner | st.none().map(again), max_size=6).map(
                keep
            )
        ),
        max_leaves=20,
    )
    message = draw(
        st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=8), parts, max_size=8) | st.lists(parts, max_size=8)
    )
    if made and draw(st.booleans()):
        loop = draw(st.sampled_from(made))
        if isinstance(loop, list):
            loop.append(message)
    return message


def dumped_the_general_way(obj, protocol):
    """A like object that is no message makes the next ones be taken for none, too."""
    no_message = dict.fromkeys(range(len(obj) - 1), None) if isinstance(obj, dict) else [None] * (len(obj) - 1)
    if isinstance(obj, dict):
        no_message["no leaf"] = object()
    else:
        no_message.append(object())
    brinery_pickle.dumps(no_message, protocol)
    return brinery_pickle.dumps(obj, protocol)


@given(obj=messages().filter(len))
@pytest.mark.parametrize("protocol", [4, 5])
def test_a_message_has_the_bytes_of_the_general_way(protocol, obj):
    for _ in range(100):  # whatever was taken for no message before is tried again
        own = brinery_pickle.dumps(obj, protocol)
    assert dumped_the_general_way(obj, protocol) == own
    expected = pickle.loads(pickle.dumps(obj, protocol))
    assert difference(expected, pickle.loads(own)) is None
    assert difference(expected, brinery_pickle.loads(own)) is None


@pytest.mark.parametrize(
    "obj",
    [{"key": [b"x" * size, "y" * size]} for size in range(440, 560)]
    + [[["z" * 250] * count] for count in (1, 2, 3, 4, 5)]
    + [[None] * 33, [[None] * 300], [[[None] * 255] * 5]],
)
def test_what_is_near_the_limit_of_a_message_is_whole(obj):
    data = brinery_pickle.dumps(obj)
    pickletools.dis(data, out=io.StringIO())  # which fails where the stack does not come out even
    assert pickle.loads(data) == obj
