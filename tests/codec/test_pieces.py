"""Pickles in pieces: what they make together is what `dumps` makes, and large memory stays where it is, aligned."""

from __future__ import annotations

import io
import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.strategies import graphs

from brinery.codec import encode, encode_pieces, outline

LARGE = 64 * 1024


def stream(pieces: list[Any]) -> bytes:
    return b"".join(bytes(memoryview(piece)) for piece in pieces)


def starts(pieces: list[Any]) -> list[int]:
    found, at = [], 0
    for piece in pieces:
        found.append(at)
        at += len(piece)
    return found


@given(graphs())
def test_small_objects_are_one_piece_of_the_bytes_that_encode_gives(obj: Any) -> None:
    pieces, buffers, _ = encode_pieces(obj, 5)
    assert stream(pieces) == encode(obj, 5)
    assert (len(pieces), buffers) == (1, [])


@given(
    st.lists(
        st.sampled_from([
            b"b" * LARGE, bytearray(LARGE + 1), "t" * (LARGE + 2), "ü" * LARGE, np.arange(LARGE, dtype="u1"),
            np.arange(99_999.0), np.asfortranarray(np.ones((300, 300))), np.zeros(9_000, "M8[s]"), 1, "short", [2.5],
        ]),
        max_size=8,
    ),
    st.sampled_from([1, 2, 64, 4096]),
)  # fmt: skip
def test_large_payloads_are_aligned_and_the_stdlib_reads_the_whole(parts: list[Any], alignment: int) -> None:
    pieces, buffers, _ = encode_pieces(parts, 5, alignment=alignment)
    data = stream(pieces)
    assert pickle.dumps(pickle.loads(data)) == pickle.dumps(pickle.loads(encode(parts, 5)))
    payloads = [(at, len(piece)) for at, piece in zip(starts(pieces), pieces, strict=True) if not is_between(piece)]
    assert all(at % alignment == 0 and size >= LARGE for at, size in payloads)
    assert {(starts(pieces)[index], len(pieces[index])) for index in buffers} <= set(payloads)
    _, end, found = outline(data)
    assert end == len(data)
    assert found == payloads


def is_between(piece: Any) -> bool:
    return type(piece) is memoryview


def test_the_memory_of_arrays_is_not_copied() -> None:
    array = np.arange(100_000.0)
    pieces, buffers, _ = encode_pieces([array, b"b" * LARGE], 5)
    assert len(buffers) == 1
    array[0] = 42.0
    assert np.frombuffer(pieces[buffers[0]])[0] == 42.0


def test_buffers_are_what_is_memory_of_arrays_and_nothing_else() -> None:
    objects = [
        b"b" * LARGE,
        bytearray(LARGE),
        np.zeros(LARGE, "u1"),
        pickle.PickleBuffer(bytearray(LARGE)),
        "t" * LARGE,
    ]
    pieces, buffers, _ = encode_pieces(objects, 5)
    payloads = [index for index, piece in enumerate(pieces) if not is_between(piece)]
    assert [payloads.index(index) for index in buffers] == [2, 3]


def test_a_bytearray_keeps_its_size_as_long_as_its_piece_is_there() -> None:
    content = bytearray(LARGE)
    pieces = encode_pieces(content, 5)[0]
    with pytest.raises(BufferError):
        content.append(0)
    del pieces
    content.append(0)


def test_pieces_keep_what_they_are_of() -> None:
    def made() -> Any:
        return encode_pieces([np.full(LARGE, 7, "u1"), "ü" * LARGE], 5)[0]

    pieces = made()
    assert bytes(memoryview(pieces[1])) == b"\x07" * LARGE
    assert bytes(memoryview(pieces[3])).decode() == "ü" * LARGE


class Reduced:
    def __reduce__(self) -> Any:
        return complex, (1, 2)


@pytest.mark.parametrize("obj", [[Reduced(), complex, np.arange(9.0)], [[], Reduced(), [complex(1, 2)]]])
def test_each_global_is_named_once_and_in_order(obj: Any) -> None:
    _, _, found = encode_pieces(obj, 5)
    named = [argument.replace(" ", ".") for argument in globals_in(encode(obj, 5))]
    assert [f"{module}.{name}" for module, name in found] == named


def globals_in(data: bytes) -> list[str]:
    """By the stdlib's own reading."""
    found: list[str] = []

    class Noting(pickle.Unpickler):
        def find_class(self, module: str, name: str) -> Any:
            found.append(f"{module} {name}")
            return super().find_class(module, name)

    Noting(io.BytesIO(data)).load()
    return found


def test_a_broken_stream_ends_where_it_breaks() -> None:
    data = encode([1, "text", b"b" * LARGE], 5)
    for cut in (0, 1, 5, 20, len(data) - 1):
        values, end, _ = outline(data[:cut])
        assert end <= cut
        assert values <= 4
    assert outline(data + b"more")[1] == len(data)
    assert outline(b"\xff")[1] == 0


def test_values_are_counted() -> None:
    assert outline(encode([1, 2.5, "a", (None, True)], 5))[0] == 7
