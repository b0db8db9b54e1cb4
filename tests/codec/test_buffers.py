"""Buffers out of band (PEP 574), and what bytes may be read from."""

import array
import pickle

import pytest

from brinery import codec


def test_buffers_go_out_of_band_uncopied_and_come_back_as_they_are():
    data = bytearray(b"x" * 1000)
    kept = []
    stream = codec.dumps([pickle.PickleBuffer(data)] * 2, 5, buffer_callback=kept.append)
    assert len(stream) < 100
    assert kept[0].raw().obj is data
    for loads in (codec.loads, pickle.loads):
        assert all(each is data for each in loads(stream, buffers=[data] * len(kept)))


def test_a_true_answer_keeps_a_buffer_in_band():
    data = bytearray(b"x" * 1000)
    stream = codec.dumps(pickle.PickleBuffer(data), 5, buffer_callback=lambda buffer: True)
    assert codec.loads(stream) == pickle.loads(stream) == data
    assert type(codec.loads(stream)) is bytearray


def test_read_only_buffers_come_back_read_only():
    kept = []
    stream = codec.dumps(pickle.PickleBuffer(b"frozen"), 5, buffer_callback=kept.append)
    view = codec.loads(stream, buffers=[bytearray(b"frozen")])
    assert isinstance(view, memoryview)
    assert view.readonly
    assert type(pickle.loads(stream, buffers=[bytearray(b"frozen")])) is memoryview


@pytest.mark.parametrize("buffers", [None, [], ()])
def test_too_few_buffers_are_an_unpickling_error(buffers):
    stream = codec.dumps(pickle.PickleBuffer(b"x"), 5, buffer_callback=lambda buffer: None)
    with pytest.raises(pickle.UnpicklingError, match="NEXT_BUFFER"):
        codec.loads(stream, buffers=buffers)


def test_buffers_that_do_not_lie_in_one_piece_are_refused():
    with pytest.raises(pickle.PicklingError):
        codec.dumps(pickle.PickleBuffer(memoryview(b"abcdef")[::2]), 5)


@pytest.mark.parametrize("protocol", range(5))
def test_buffers_need_protocol_five(protocol):
    with pytest.raises(pickle.PicklingError):
        codec.dumps(pickle.PickleBuffer(b"x"), protocol)
    with pytest.raises(ValueError, match="buffer_callback"):
        codec.dumps(b"x", protocol, buffer_callback=lambda buffer: None)


def test_a_callback_that_fails_fails_the_dump():
    def fail(buffer):
        raise KeyError("full")

    with pytest.raises(KeyError, match="full"):
        codec.dumps(pickle.PickleBuffer(b"x"), 5, buffer_callback=fail)


@pytest.mark.parametrize("wrap", [bytes, bytearray, memoryview, lambda data: array.array("B", data)])
def test_any_buffer_can_be_loaded(wrap):
    assert codec.loads(wrap(codec.dumps({"a": [1]}, 5))) == {"a": [1]}


@pytest.mark.parametrize("wrong", ["text", 5, None, [1]])
def test_what_is_no_buffer_is_refused(wrong):
    with pytest.raises(TypeError):
        codec.loads(wrong)


def test_a_buffer_is_let_go_after_loading():
    data = bytearray(codec.dumps([1, "a" * 100, b"b" * 100], 5))
    codec.loads(data)
    data.append(0)  # BufferError while anything still looks into it
    with pytest.raises(pickle.UnpicklingError):
        codec.loads(data[:20])
    data.append(0)
