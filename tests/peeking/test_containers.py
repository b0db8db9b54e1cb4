"""Every pickle in a file, whatever it is packed into."""

import bz2
import gzip
import io
import lzma
import pickle
import random
import tarfile
import zlib

import numpy as np
import pytest
import zstandard

import brinery
from brinery import codec
from brinery.peeking import Blob, Pickle, Problem, nested_in, opcodes_of, parts_of, sizes_of

OBJ = {"answer": [42, print]}
DATA = pickle.dumps(OBJ)
COMPRESSIONS = {
    "gzip": gzip.compress,
    "zlib": zlib.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "lzma": lambda data: lzma.compress(data, lzma.FORMAT_ALONE),
    "zstd": zstandard.compress,
}
each_compression = pytest.mark.parametrize("compress", COMPRESSIONS.values(), ids=COMPRESSIONS)


def pickles(data: bytes) -> list[Pickle]:
    return [each for each in parts_of(memoryview(data)) if isinstance(each, Pickle)]


def codes(data: bytes) -> list[str]:
    return [each.code for each in parts_of(memoryview(data)) if isinstance(each, Problem)]


def saved(save, *args, **kwargs) -> bytes:
    file = io.BytesIO()
    save(file, *args, **kwargs)
    return file.getvalue()


def test_files_are_known_by_content_and_never_by_name(tmp_path):
    path = tmp_path / "picture.png"
    path.write_bytes(gzip.compress(DATA))
    for source in (path, str(path), gzip.compress(DATA), bytearray(DATA), memoryview(DATA)):
        assert brinery.peek(source)["answer"][0].value == 42
    path.write_bytes(b"")
    assert brinery.peek(path).size == 0
    with pytest.raises(FileNotFoundError):
        brinery.peek(tmp_path / "missing.pkl")


@each_compression
def test_compressed_pickles_are_unfolded(compress):
    contents = brinery.peek(compress(DATA))
    assert contents.ok
    assert contents["answer"][0].value == 42


def test_members_of_compressed_files_follow_each_other():
    for compress in (gzip.compress, bz2.compress, lzma.compress, zstandard.compress):
        assert brinery.peek(compress(DATA[:9]) + compress(DATA[9:])).ok
    assert brinery.peek(b"\x50\x2a\x4d\x18\x02\x00\x00\x00xx" + zstandard.compress(DATA)).ok
    assert brinery.peek(gzip.compress(lzma.compress(bz2.compress(DATA)))).ok


@each_compression
def test_compressed_data_that_is_cut_off_says_so(compress):
    long = compress(pickle.dumps(list(range(100_000)), 3))
    contents = brinery.peek(long[:-5])
    assert "broken" in [each.code for each in contents.problems]
    assert "ends too early" in str(contents)


@each_compression
def test_bombs_are_refused(compress):
    bomb = compress(pickle.dumps(bytes(120 * 1024**2)))
    contents = brinery.peek(bomb)
    assert "limit" in [each.code for each in contents.problems]
    small = compress(pickle.dumps(bytes(10**6)))
    assert "limit" in [each.code for each in brinery.peek(small, unfolded=10**6).problems]
    assert brinery.peek(small, unfolded=2 * 10**6).ok


def test_pickles_in_a_row():
    row = DATA + pickle.dumps("second", 0) + pickle.dumps(["third"], 0)
    found = pickles(row)
    assert [each.place for each in found] == ["", "[1]", "[2]"]
    assert [bytes(each.opcode_bytes()) for each in found] == [
        DATA,
        row[len(DATA) : found[2].start],
        row[found[2].start :],
    ]
    assert codes(row) == []
    assert codes(row + b"junk") == ["trailing-bytes"]
    assert codes(b"N." * 10_001) == ["limit"]


def test_pickles_in_the_bytes_of_pickles():
    nested = pickle.dumps({"inner": DATA, "gzipped": gzip.compress(DATA), "text": b"cos\nsystem\n(S'id'\ntR."})
    contents = brinery.peek(pickle.dumps(nested, 3))
    assert len(contents.pickles) == 5
    assert contents.globals == ["builtins.print", "os.system"]
    assert "@" in contents.pickles[1].place
    inner = nested_in(brinery.peek(nested)["inner"])
    assert [each.globals for each in inner] == [["builtins.print"]]
    assert nested_in(brinery.peek(nested)["gzipped"])
    assert nested_in(brinery.peek(pickle.dumps(b"just bytes")).root) == []


def test_bytes_that_only_look_a_little_like_pickles_are_none():
    lookalikes = [
        b"\x80\x02\x00\x00",
        b"\x1f\x8b not gzip",
        b"PK\x03\x04",
        b"BZh9",
        b"N.",
        b"\x78\x9c\x00",
        b"import os\n",
    ]
    assert len(pickles(pickle.dumps(lookalikes, 3))) == 1


def test_deep_nesting_is_a_problem_and_not_passed_over():
    data = DATA
    for _ in range(20):
        data = pickle.dumps(data)
    assert codes(data) == ["limit"]
    folded = DATA
    for _ in range(20):
        folded = gzip.compress(folded)
    assert codes(folded) == ["limit"]


def test_tar_archives():
    def tar(file):
        with tarfile.open(fileobj=file, mode="w") as archive:
            for name, content in (("folder/" + "x" * 120 + ".pkl", DATA), ("notes.txt", b"text")):
                info = tarfile.TarInfo(name)
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))

    contents = brinery.peek(gzip.compress(saved(tar)))
    assert contents.ok
    assert contents.pickles[0].place.endswith("x.pkl")
    assert [each.place for each in contents.blobs] == ["notes.txt"]
    assert "wrong-size" in codes(saved(tar)[: 512 * 5 + 10]) or "broken-archive" in codes(saved(tar)[: 512 * 5 + 10])


@pytest.mark.parametrize("magic", [b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07\x00", b"\x04\x22\x4d\x18"])
def test_formats_that_are_not_read_are_never_passed_over(magic):
    assert codes(magic + bytes(100)) == ["unreadable-format"]


def test_npy_and_npz():
    numbers = brinery.peek(saved(np.save, np.zeros((3, 4))))
    assert numbers.ok
    assert [(each.description, each.size) for each in numbers.blobs] == [("array float64 (3, 4)", 96)]
    objects = np.array([{"a": print}, None], dtype=object)
    assert brinery.peek(saved(np.save, objects)).globals[-1] == "builtins.print"
    records = np.zeros(2, dtype=[("a", "f8"), ("b", [("c", "O")])])
    assert len(pickles(saved(np.save, records))) == 1
    both = brinery.peek(saved(np.savez_compressed, numbers=np.arange(5), objects=objects))
    assert both.ok
    assert [each.place for each in both.pickles] == ["objects.npy"]
    assert [each.place for each in both.blobs] == ["numbers.npy"]


@pytest.mark.parametrize(
    "header",
    [b"", b"\x01\x00\xff\xff{}", b"\x01\x00\x02\x00{}", b"\x01\x00\x05\x00[[[[[", b"\x01\x00\x04\x00\xff\xff\xff\xff",
     b"\x01\x00\x28\x00{'descr': '<f8', 'shape': (-1, 10**99)}  "],
)  # fmt: skip
def test_broken_headers_of_arrays_are_problems(header):
    assert codes(b"\x93NUMPY" + header) == ["broken"]


JOBLIB = {
    "numbers": np.arange(1000.0).reshape(10, 100),
    "fortran": np.zeros((5, 3), order="F"),
    "objects": np.array([1, "two", print], dtype=object),
    "again": ["text", np.ones(3, dtype="u1")],
    "records": np.zeros(2, dtype=[("a", "f8"), ("b", "O")]),
    "empty": np.zeros((0, 4)),
    "scalar": np.array(5),
    "words": np.array(["one", "twelve"]),
}


@pytest.mark.parametrize("compress", [0, 3, ("gzip", 3), ("bz2", 3), ("xz", 3), ("lzma", 3)])
def test_joblib_files(compress):
    joblib = pytest.importorskip("joblib", reason="writes the files of this test")
    contents = brinery.peek(saved(lambda file: joblib.dump(JOBLIB, file, compress=compress)))
    assert contents.ok
    assert contents.root.keys() == list(JOBLIB)
    assert repr(contents["numbers"]) == "<Tree numpy.ndarray float64 (10, 100), by joblib>"
    assert contents["again"][0].value == "text"
    assert "builtins.print" in contents.globals
    assert [each.place[:6] for each in contents.pickles] == ["", "[array", "[array"]


def test_joblib_files_give_their_opcodes_without_the_arrays():
    joblib = pytest.importorskip("joblib", reason="writes the files of this test")
    whole = saved(lambda file: joblib.dump(JOBLIB, file))
    first = pickles(whole)[0]
    alone = codec.trace(first.opcode_bytes())
    assert alone.error is None
    assert [name for _, name, _ in alone.opcodes()] == [
        each.name for each in opcodes_of(first) if each.name != "(array)"
    ]
    assert sum(each.size for each in opcodes_of(first)) == first.size == len(whole)
    assert all(codec.trace(whole[each.offset : each.offset + 1] + b"." * 99).opcodes() for each in opcodes_of(first))
    assert sizes_of(first).largest[0].name == "(array)"


def test_joblib_files_that_are_cut_off_show_what_there_is():
    joblib = pytest.importorskip("joblib", reason="writes the files of this test")
    whole = saved(lambda file: joblib.dump(JOBLIB, file))
    contents = brinery.peek(whole[:4000])
    assert not contents.ok
    assert "float64 (10, 100)" in str(contents)


@pytest.mark.parametrize("new", [True, False], ids=["zip", "legacy"])
def test_torch_files(new):
    torch = pytest.importorskip("torch", reason="writes the files of this test")
    model = torch.nn.Linear(3, 2)
    contents = brinery.peek(saved(lambda file: torch.save(model, file, _use_new_zipfile_serialization=new)))
    assert contents.ok
    assert "torch.nn.modules.linear.Linear" in contents.globals
    assert "torch.Tensor Float (2, 3)" in str(contents)
    if new:
        assert contents["_parameters"]["weight"].arguments[1].value is True
        assert {each.place.split("/")[-1] for each in contents.blobs} >= {"version", "0", "1"}
    else:
        assert contents.blobs == [Blob("", 48, "storages of torch")]


def test_damage_anywhere_never_raises():
    chance = random.Random(7)
    seeds = [DATA, pickle.dumps(OBJ, 0), saved(np.save, np.array([OBJ], dtype=object)), saved(np.savez, np.arange(3))]
    seeds += [
        pickle.dumps({"nested": DATA, "folded": gzip.compress(DATA)}),
        *(fold(DATA) for fold in COMPRESSIONS.values()),
    ]
    for _ in range(4_000):
        data = bytearray(chance.choice(seeds))
        for _ in range(chance.choice((1, 1, 3, 10))):
            data[chance.randrange(len(data))] = chance.randrange(256)
        contents = brinery.peek(data[: chance.choice((len(data), chance.randrange(len(data))))])
        assert str(contents)
        assert contents.to_json(width=100)
        assert all(sum(op.size for op in opcodes_of(each)) <= each.size for each in contents.pickles)
