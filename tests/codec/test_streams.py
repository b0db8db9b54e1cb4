"""Files of every kind: what is read, and no more; what is written, and how."""

import io
import pickle

import pytest

from brinery import codec

VALUES = [{"a": [1, 2.5, "x" * 70]}, list(range(3000)), b"y" * 200_000, None, "é" * 40_000, [["s"] * 5] * 9]


def several(protocol):
    """Pickles one behind the other, each by one of the two writers, and then bytes of somebody else."""
    writers = (codec.dumps, pickle.dumps)
    return b"".join(writers[index % 2](value, protocol) for index, value in enumerate(VALUES)) + b"tail"


class OnlyReadAndReadline:
    """The least that pickle asks of a file. Not seekable."""

    def __init__(self, data):
        self._file = io.BytesIO(data)
        self.read, self.readline = self._file.read, self._file.readline


class WithReadinto(OnlyReadAndReadline):
    def __init__(self, data):
        super().__init__(data)
        self.readinto = self._file.readinto


class WithPeek:
    """As a socket's file is: not seekable, with a buffer to look into. Gives little at each peek."""

    def __init__(self, data):
        self._file = io.BufferedReader(io.BytesIO(data), 512)
        self.read, self.readline, self.peek = self._file.read, self._file.readline, self._file.peek
        self.readinto = self._file.readinto


class Trickling(OnlyReadAndReadline):
    """Asserts that nobody asks for more than there is up to the end of the pickle."""

    def __init__(self, data, end):
        super().__init__(data)
        self.end = end
        inner = self._file

        def read(size):
            assert size >= 0
            assert inner.tell() + size <= end, "asked for bytes behind the pickle"
            return inner.read(size)

        self.read = read


KINDS = [io.BytesIO, OnlyReadAndReadline, WithReadinto, WithPeek]


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("kind", KINDS)
def test_several_pickles_in_one_file_are_read_without_a_byte_more(kind, protocol):
    file = kind(several(protocol))
    for value in VALUES:
        assert codec.load(file) == value
    assert file.read(4) == b"tail"


@pytest.mark.parametrize("protocol", range(6))
def test_a_real_file_stands_behind_each_pickle(tmp_path, protocol):
    path = tmp_path / "several"
    path.write_bytes(several(protocol))
    with path.open("rb") as file, path.open("rb", buffering=0) as raw, path.open("rb") as stock:
        for value in VALUES:
            assert codec.load(file) == value
            assert codec.load(raw) == value
            pickle.load(stock)
            assert file.tell() == raw.tell() == stock.tell()
        assert file.read() == raw.read() == b"tail"


@pytest.mark.parametrize("protocol", [4, 5])
def test_framed_pickles_are_never_asked_for_bytes_behind_them(protocol):
    data = codec.dumps(VALUES[0], protocol)
    assert codec.load(Trickling(data + b"tail", len(data))) == VALUES[0]


def test_one_unpickler_reads_on_and_keeps_its_memo():
    file = io.BytesIO()
    pickler = codec.Pickler(file, 5)
    shared = ["shared"]
    pickler.dump(shared)
    pickler.dump([shared, "new"])
    file.seek(0)
    unpickler = codec.Unpickler(file)
    first, second = unpickler.load(), unpickler.load()
    assert second == [["shared"], "new"]
    assert second[0] is first


def test_a_pickler_without_its_memo_writes_pickles_that_stand_alone():
    file = io.BytesIO()
    pickler = codec.Pickler(file, 5)
    shared = ["shared"]
    pickler.dump(shared)
    pickler.clear_memo()
    middle = file.tell()
    pickler.dump(shared)
    assert codec.loads(file.getvalue()[middle:]) == shared


@pytest.mark.parametrize("length", [0, 1, 2, 10, 100])
def test_the_end_of_a_file_within_a_pickle(length):
    data = codec.dumps(VALUES, 5)[:length]
    for kind in KINDS:
        with pytest.raises((EOFError, pickle.UnpicklingError)) as expected:
            pickle.load(kind(data))
        with pytest.raises(type(expected.value)):
            codec.load(kind(data))


class Sink:
    """Nothing but write; remembers each piece."""

    def __init__(self):
        self.pieces = []

    def write(self, data):
        self.pieces.append(bytes(data))


@pytest.mark.parametrize("protocol", range(6))
def test_a_file_with_nothing_but_write(protocol):
    sink = Sink()
    codec.dump(VALUES, sink, protocol)
    assert codec.loads(b"".join(sink.pieces)) == VALUES


def test_files_that_fail_pass_their_error_on():
    class Failing(OnlyReadAndReadline, Sink):
        def __init__(self):
            def fail(*arguments):
                raise OSError(5, "the disk is gone")

            self.read = self.readline = self.write = fail

    with pytest.raises(OSError, match="the disk is gone"):
        codec.load(Failing())
    with pytest.raises(OSError, match="the disk is gone"):
        codec.dump(VALUES, Failing())


@pytest.mark.parametrize("missing", ["read", "readline"])
def test_files_without_what_is_needed_are_refused_at_once(missing):
    file = OnlyReadAndReadline(b"N.")
    delattr(file, missing)
    with pytest.raises(TypeError):
        codec.Unpickler(file)
    with pytest.raises(TypeError):
        codec.Pickler(object())


@pytest.mark.parametrize("answer", ["text", 5, None])
def test_files_that_answer_with_something_else_than_bytes(answer):
    file = OnlyReadAndReadline(b"")
    file.read = file.readline = lambda *arguments: answer
    with pytest.raises(Exception) as expected:  # noqa: PT011 - whatever the stdlib raises is the measure
        pickle.load(file)
    with pytest.raises(type(expected.value)):
        codec.load(file)
