"""Zip archives as an attacker writes them: everything is read, and what does not fit together is told."""

import io
import pickle
import random
import struct
import zipfile

import pytest

import brinery

EVIL = b"cos\nsystem\n(S'id'\ntR."


def archive(*members: tuple[str, bytes], method: int = zipfile.ZIP_STORED) -> bytearray:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as target:
        for name, content in members:
            target.writestr(name, content)
    return bytearray(file.getvalue())


def directory_of(data: bytearray) -> int:
    return data.index(b"PK\x01\x02")


def seen(data: bytes) -> tuple[set[str], bool]:
    """Codes of problems, and whether the payload was found."""
    contents = brinery.peek(bytes(data))
    return {each.code for each in contents.problems}, "os.system" in contents.globals


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2])
def test_members_are_found_by_content(method):
    contents = brinery.peek(bytes(archive(("model/readme.txt", EVIL), ("x.pkl", b"plain text"), method=method)))
    assert contents.ok
    assert [each.place for each in contents.pickles] == ["model/readme.txt"]
    assert [each.place for each in contents.blobs] == ["x.pkl"]


def test_archives_in_archives():
    inner = archive(("a.pkl", EVIL), method=zipfile.ZIP_DEFLATED)
    contents = brinery.peek(bytes(archive(("in.zip", bytes(inner)))))
    assert [each.place for each in contents.pickles] == ["in.zip/a.pkl"]


def test_a_member_said_to_be_encrypted_is_read_all_the_same():
    for mark in (b"PK\x03\x04", b"PK\x01\x02"):
        data = archive(("a.pkl", EVIL))
        data[data.index(mark) + (6 if mark.endswith(b"\x04") else 8)] |= 1
        assert seen(data) == ({"encrypted"}, True)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_all_members_of_one_name_are_read():
    for members in ((("a.pkl", EVIL), ("a.pkl", pickle.dumps(1))), (("a.pkl", pickle.dumps(1)), ("a.pkl", EVIL))):
        assert seen(archive(*members)) == ({"duplicate-name"}, True)


def test_a_wrong_checksum_keeps_nobody_from_reading():
    data = archive(("a.pkl", EVIL))
    data[directory_of(data) + 16] ^= 1
    assert seen(data) == ({"wrong-checksum"}, True)


@pytest.mark.parametrize("size", [3, len(EVIL) + 5, 10**6])
def test_wrong_sizes_are_problems(size):
    data = archive(("a.pkl", EVIL))
    struct.pack_into("<L", data, directory_of(data) + 24, size)
    codes, found = seen(data)
    assert "wrong-size" in codes
    assert found
    struct.pack_into("<L", data, directory_of(data) + 20, size)
    assert seen(data)[0] >= {"wrong-checksum"}


def test_headers_that_disagree_with_the_directory_are_problems():
    data = archive(("a.pkl", EVIL))
    data[30:35] = b"b.txt"
    assert seen(data) == ({"name-mismatch"}, True)
    data = archive(("a.pkl", EVIL))
    data[8] = zipfile.ZIP_DEFLATED
    assert seen(data) == ({"method-mismatch"}, True)
    assert "name-mismatch" in seen(archive(("a.pkl?txt", EVIL)).replace(b"?", b"\0"))[0]


def test_members_that_the_directory_does_not_list_are_found():
    one, two = archive(("seen.txt", b"plain")), archive(("hidden.pkl", EVIL))
    at, hidden = directory_of(one), two[: directory_of(two)]
    data = one[:at] + hidden + one[at:]
    struct.pack_into("<L", data, len(data) - 6, at + len(hidden))
    assert seen(data) == ({"unlisted-member"}, True)


def test_a_directory_that_is_lost_or_broken_leaves_the_members():
    data = archive(("seen.txt", b"plain"), ("a.pkl", EVIL))
    assert seen(data[: directory_of(data)]) == ({"broken-archive", "unlisted-member"}, True)
    data[directory_of(data)] ^= 1
    codes, found = seen(data)
    assert "broken-archive" in codes
    assert found


def test_a_file_that_is_a_pickle_and_an_archive_is_read_as_both():
    data = pickle.dumps({"harmless": 1}) + archive(("a.pkl", EVIL))
    codes, found = seen(data)
    assert {"polyglot", "trailing-bytes", "before-archive"} <= codes
    assert found
    assert seen(EVIL + archive(("a.txt", b"plain")))[1]


def test_unknown_compression_is_not_passed_over():
    assert seen(archive(("a.pkl", EVIL), method=zipfile.ZIP_LZMA)) == ({"unreadable-format"}, False)


def overlapping(size: int, count: int) -> bytes:
    """An archive whose directory leads to one member again and again."""
    data = archive(("a.bin", bytes(size)))
    at = directory_of(data)
    entries = data[at:-22] * count
    return data[:at] + entries + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, count, count, len(entries), at, 0)


def test_members_that_overlap_are_problems_and_cost_no_more_than_the_budget():
    assert seen(overlapping(9, 2))[0] == {"overlap", "duplicate-name"}
    assert seen(overlapping(10**6, 2_000))[0] == {"limit", "duplicate-name"}


def test_a_long_name_that_many_entries_lead_to_is_read_no_more_than_the_budget_allows():
    data = archive(("n" * 60_000, b""))
    at = directory_of(data)
    struct.pack_into("<H", data, at + 28, 1)
    entry = data[at : at + 47]
    entries = entry * 5_000
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 5_000, 5_000, len(entries), at, 0)
    contents = brinery.peek(bytes(data[:at] + entries + end))
    assert "limit" in {each.code for each in contents.problems}
    assert max(len(each.message) + len(each.place) for each in contents.problems) < 1_000


def test_a_bomb_of_many_members_is_refused():
    data = archive(*((f"{i}", bytes(20 * 10**6)) for i in range(10)), method=zipfile.ZIP_DEFLATED)
    assert "limit" in seen(data)[0]


def test_damage_anywhere_never_raises():
    chance = random.Random(1)
    whole = archive(("a.pkl", EVIL), ("b/c.txt", b"text" * 20), method=zipfile.ZIP_DEFLATED)
    for _ in range(2_000):
        data = bytearray(whole)
        for _ in range(chance.choice((1, 2, 8))):
            data[chance.randrange(len(data))] = chance.randrange(256)
        contents = brinery.peek(bytes(data[: chance.choice((len(data), chance.randrange(len(data))))]))
        assert str(contents)
        assert contents.to_json()
