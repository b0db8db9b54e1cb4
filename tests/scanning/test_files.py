"""Files, folders and archives: what cannot be read to its end is never clean."""

import io
import os
import pickle
import zipfile

import pytest

import brinery
from tests.attacks.archives import with_flag, with_other_local_name, with_wrong_checksum


class Attack:
    def __reduce__(self):
        return os.mkdir, ("gone-wrong",)


def archive(*members, method=zipfile.ZIP_STORED):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as made:
        for name, data in members:
            made.writestr(name, data)
    return file.getvalue()


INNOCENT = archive(("model/data.pkl", pickle.dumps([1])))


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (with_flag(INNOCENT, 0x1), "encrypted"),
        (with_wrong_checksum(INNOCENT), "wrong-checksum"),
        (with_other_local_name(INNOCENT), "name-mismatch"),
        (INNOCENT[:-30], "broken-archive"),
        (b"#!/bin/sh\n" + INNOCENT, "no-pickle"),
        (pickle.dumps(1) + INNOCENT, "polyglot"),
        (archive(("a", bytes(200_000_000)), method=zipfile.ZIP_DEFLATED), "limit"),
        (b"7z\xbc\xaf\x27\x1c" + bytes(50), "unreadable-format"),
    ],
    ids=["encrypted", "checksum", "two names", "cut", "before", "polyglot", "bomb", "7z"],
)
def test_an_archive_that_does_not_fit_together_is_not_clean(data, code):
    report = brinery.scan(data)
    assert report.verdict != "clean"
    assert not report.loads
    assert code in {each.code for each in report.findings}


def test_a_folder_that_cannot_be_listed_is_unreadable(tmp_path, monkeypatch):
    (tmp_path / "ok").write_bytes(pickle.dumps([1]))
    (tmp_path / "closed").mkdir()
    listed = os.scandir

    def scandir(path):
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return listed(path)

    monkeypatch.setattr(os, "scandir", scandir)
    report = brinery.scan(tmp_path)
    assert report.verdict == "unreadable"
    assert [(each.path, each.verdict) for each in report.files] == [
        (str(tmp_path / "closed"), "unreadable"),
        (str(tmp_path / "ok"), "clean"),
    ]


def test_a_file_that_cannot_be_opened_is_unreadable(tmp_path):
    (tmp_path / "one").write_bytes(pickle.dumps([1]))
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    assert brinery.scan(tmp_path).verdict == "clean"
    with pytest.raises(OSError, match="symbolic links"):
        brinery.scan(tmp_path / "loop")


def test_several_processes_say_what_one_says(tmp_path):
    for number in range(40):
        (tmp_path / f"{number:02}").write_bytes(pickle.dumps(Attack() if number % 7 == 0 else [number]))
    seen = []
    report = brinery.scan(tmp_path, jobs=2, progress=lambda done, total, path: seen.append(done))
    assert report.to_dict() == brinery.scan(tmp_path).to_dict()
    assert seen == list(range(40))
    with pytest.raises(ValueError, match="at least 1"):
        brinery.scan(tmp_path, jobs=0)


def test_several_processes_go_by_the_policy_that_is_given(tmp_path):
    for number in range(3):
        (tmp_path / f"{number}").write_bytes(b"cshop\nUser\n.")
    assert brinery.scan(tmp_path, jobs=2, trust=["shop.*"]).verdict == "clean"
    assert brinery.scan(tmp_path, jobs=2).verdict == "suspicious"


def test_reports_are_short_to_look_at():
    file = brinery.scan(pickle.dumps(Attack())).files[0]
    assert repr(file) == "<FileReport '' dangerous: 1 pickles, 1 findings>"
    assert repr(file.pickles[0]) == "<PickleReport dangerous: 1 findings; trust=['posix.mkdir']>"
