"""The decoder's hook for globals that are not where the pickle says."""

import pickle

import pytest

from brinery.codec import decode


def named(module: str, name: str) -> bytes:
    return f"c{module}\n{name}\n.".encode()


def test_the_hook_is_asked_with_the_names_and_the_error():
    asked = []

    def missing(module, name, error):
        asked.append((module, name, type(error)))
        return name.upper

    assert decode(named("no_such_module", "a"), missing=missing)() == "A"
    assert decode(named("collections", "b"), missing=missing)() == "B"
    assert asked == [("no_such_module", "a", ModuleNotFoundError), ("collections", "b", AttributeError)]


def test_the_hook_is_asked_once_for_a_global_that_is_met_again():
    asked = []
    data = b"\x80\x04]\x94(\x8c\x04gone\x94\x8c\x01a\x94\x93\x94h\x03h\x03e."
    assert decode(data, missing=lambda *names: asked.append(names) or 7) == [7, 7, 7]
    assert len(asked) == 1


def test_what_is_found_is_not_asked_about():
    assert decode(pickle.dumps(len), missing=lambda *names: pytest.fail("asked")) is len
    assert decode(pickle.dumps([1, "a"]), missing=None) == [1, "a"]


def test_what_the_hook_raises_is_raised():
    def refuse(module, name, error):
        raise KeyError(name)

    with pytest.raises(KeyError, match="a") as caught:
        decode(named("gone", "a"), missing=refuse)
    assert "GLOBAL" in caught.value.__notes__[0]


def test_without_a_hook_the_error_is_the_stdlibs():
    with pytest.raises(ModuleNotFoundError):
        decode(named("gone", "a"))


def test_buffers_are_taken_from_where_they_are_given():
    buffers = []
    data = pickle.dumps(pickle.PickleBuffer(b"abc"), 5, buffer_callback=buffers.append)
    assert bytes(decode(data, buffers=buffers)) == b"abc"
