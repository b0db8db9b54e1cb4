"""encode(tail=...): what a hook appends after STOP, and which arrays it is told of."""

import pickle
import sys

import numpy as np
import pytest

from brinery.codec import encode


def spans_of(obj, **rest):
    seen = []
    data = encode(obj, 5, tail=lambda data, spans=[]: seen.append((data, spans)) or b"tail", **rest)
    ((whole, spans),) = seen
    assert data == whole + b"tail"
    assert whole == encode(obj, 5, **rest)
    return whole, spans


@pytest.mark.parametrize(
    "obj",
    [None, [1, 2, 3], "x" * 70_000, list(range(100_000)), b"y" * 3_000_000, [b"z" * 2_000_000, "a" * 500_000]],
    ids=lambda obj: type(obj).__name__,
)
def test_the_tail_follows_the_bytes_as_they_would_be_without(obj):
    whole, spans = spans_of(obj)
    assert spans == []
    assert pickle.loads(whole + b"tail") == obj


def test_bytes_that_the_hook_keeps_stay_as_they_are():
    kept = []
    data = encode("text", tail=lambda data: kept.append(data) or b"tail")
    assert kept == [encode("text")]
    assert data == kept[0] + b"tail"


@pytest.mark.parametrize("kind", ["i2", "u4", "i8", "f2", "f8", ">f4", "c16", "g"])
@pytest.mark.parametrize("writeable", [True, False])
def test_large_arrays_of_numbers_are_spans(kind, writeable):
    array = (np.arange(100_000) % 100).astype(kind)
    array.flags.writeable = writeable
    whole, ((offset, length),) = spans_of(["before", array, "after", np.arange(3)])
    assert whole[offset : offset + length] == array.tobytes()


@pytest.mark.parametrize("size", [70_000, 1_500_000])
def test_spans_are_right_among_other_large_parts(size):
    arrays = [np.full(size, number, "i4") for number in range(3)]
    whole, spans = spans_of([b"a" * 2_000_000, arrays[0], ["b" * 100, arrays[1]], "c" * 300_000, arrays[2], 7])
    assert [whole[offset : offset + length] for offset, length in spans] == [each.tobytes() for each in arrays]


@pytest.mark.parametrize("kind", ["u1", "i1", "?", "S100", "U30", "V50", "M8[s]", "i4,f8", "O"])
def test_arrays_that_may_carry_anything_else_are_none(kind):
    assert spans_of(np.zeros(200_000, kind))[1] == []


def test_small_and_noncontiguous_arrays_are_none():
    assert spans_of([np.arange(8000), np.arange(1_000_000)[::2]])[1] == []


class Foreign:
    def __reduce__(self):
        return Foreign, ()


def test_spans_are_right_after_starting_over():
    array = np.arange(200_000)
    whole, spans = spans_of([array, Foreign(), np.ones(300_000)], reduce=lambda *args: NotImplemented)
    assert whole[spans[0][0] : sum(spans[0])] == array.tobytes()
    assert whole[spans[1][0] : sum(spans[1])] == np.ones(300_000).tobytes()
    assert len(spans) == 2


def test_a_failing_hook_and_a_wrong_answer_fail_the_call():
    with pytest.raises(ZeroDivisionError):
        encode([1], tail=lambda data: 1 / 0)
    with pytest.raises(TypeError, match="bytes, not str"):
        encode([1], tail=lambda data: "text")
    with pytest.raises(TypeError):
        encode([1], tail=3)


def test_a_hook_may_encode_too():
    outer, inner = [1], [2]
    expected = encode(outer) + encode(inner)
    assert encode(outer, tail=lambda data: encode(inner)) == expected


def test_appending_leaks_nothing():
    before = sys.getrefcount(None)
    for _ in range(1000):
        encode(np.arange(20_000), 5, tail=lambda data, spans: b"tail")
    assert abs(sys.getrefcount(None) - before) < 50


@pytest.mark.parametrize("size", [0, 126, 127, 128, 129, 1000, 200_000])
def test_a_tail_of_any_size_follows_and_a_hash_taken_before_is_forgotten(size):
    for obj in ("text", "x" * 70_000, [b"z" * 2_000_000, "a"]):
        whole = encode(obj)
        data = encode(obj, tail=lambda data: bytes(size) if hash(data) else b"")
        assert data == whole + bytes(size)
        assert hash(data) == hash(whole + bytes(size))
