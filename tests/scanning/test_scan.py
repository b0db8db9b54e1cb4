"""Judging files: what is found in them, and that it is what loading does."""

import io
import json
import os
import pickle
import subprocess
import sys
import zipfile
from collections import OrderedDict
from pathlib import Path

import pytest

import brinery
from brinery import scanning
from brinery.trust import keyring
from tests.trust.strangers import Point


class Attack:
    def __reduce__(self):
        return os.mkdir, ("gone-wrong",)


ATTACK = pickle.dumps(Attack())


def test_what_is_vetted_is_clean():
    report = brinery.scan(pickle.dumps([OrderedDict(a=1)]))
    assert (report.verdict, report.loads, report.needs, report.findings) == ("clean", True, [], [])
    (usage,) = report.files[0].pickles[0].globals
    assert (usage.name, usage.verdict) == ("collections.OrderedDict", "vetted")


def test_what_is_not_vetted_is_suspicious_until_it_is_allowed():
    data = pickle.dumps(Point(1, 2))
    report = brinery.scan(data)
    assert (report.verdict, report.loads, report.needs) == ("suspicious", False, ["tests.trust.strangers.Point"])
    assert report.files[0].pickles[0].advice == "trust=['tests.trust.strangers.Point']"
    allowed = brinery.scan(data, trust=[Point])
    assert (allowed.verdict, allowed.loads) == ("clean", True)
    assert allowed.files[0].pickles[0].globals[0].verdict == "allowed"


def test_what_runs_code_is_dangerous_and_shown_with_its_arguments(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    report = brinery.scan(ATTACK)
    assert report.verdict == "dangerous"
    assert report.files[0].pickles[0].calls[0].text == "posix.mkdir('gone-wrong')"
    (finding,) = report.findings
    assert (finding.severity, finding.code) == ("high", "unknown-global")
    assert "runs commands" in finding.message
    assert list(tmp_path.iterdir()) == []


def test_a_call_whose_result_is_thrown_away_is_shown():
    report = brinery.scan(b"\x80\x04cos\nsystem\n(S'x'\ntR0N.")
    assert report.verdict == "dangerous"
    assert [each.text for each in report.files[0].pickles[0].calls] == ["os.system('x')"]


@pytest.mark.parametrize("cut", [1, 10, 500])
def test_what_breaks_off_is_never_clean(cut):
    assert brinery.scan(pickle.dumps(list(range(1000)))[:-cut]).verdict == "unreadable"
    assert brinery.scan(ATTACK[:-1]).verdict == "dangerous"


def test_what_is_no_pickle_is_unreadable_by_itself_and_passed_over_in_a_folder(tmp_path):
    (tmp_path / "readme.txt").write_text("hello\n", encoding="utf-8")
    assert brinery.scan(b"").verdict == "unreadable"
    assert brinery.scan(tmp_path / "readme.txt").verdict == "unreadable"
    assert brinery.scan(tmp_path).files == ()


def test_bytes_behind_the_end_are_suspicious():
    report = brinery.scan(pickle.dumps(1) + b"xyz")
    assert (report.verdict, report.loads) == ("suspicious", False)
    assert report.findings[0].code == "trailing-bytes"


def test_a_second_pickle_is_judged_too():
    report = brinery.scan(pickle.dumps(1) + ATTACK)
    assert report.verdict == "dangerous"
    assert [each.verdict for each in report.files[0].pickles] == ["clean", "dangerous"]


def test_a_pickle_in_bytes_is_told_of_and_keeps_nothing_from_loading():
    data = pickle.dumps({"inner": ATTACK})
    report = brinery.scan(data)
    assert (report.verdict, report.loads) == ("dangerous", True)
    assert "nested-pickle" in {each.code for each in report.findings}
    assert brinery.loads(data) == {"inner": ATTACK}


def test_archives_are_looked_into_whatever_they_are_called(tmp_path):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("model/data.txt", ATTACK)
        archive.writestr("model/ok", pickle.dumps([1]))
    (tmp_path / "picture.png").write_bytes(file.getvalue())
    report = brinery.scan(tmp_path)
    assert report.verdict == "dangerous"
    assert [each.place for each in report.files[0].pickles if each.verdict == "dangerous"] == ["model/data.txt"]


def test_what_the_user_sealed_loads_in_full_and_says_so():
    report = brinery.scan(brinery.dumps(lambda: 1))
    assert (report.verdict, report.loads, report.files[0].origin) == ("clean", True, "you")
    assert report.findings[0].code == "sealed"
    broken = bytearray(brinery.dumps(lambda: 1))
    broken[-30] ^= 1
    report = brinery.scan(bytes(broken))
    assert report.files[0].findings[0].code == "broken-seal"
    assert report.verdict == "dangerous"
    assert not report.loads


@pytest.mark.parametrize("data", [b"cshop\nUser\n", b"(cshop\nUser\n(K\x01", pickle.dumps([1])[:-1]])
def test_a_seal_does_not_make_whole_what_is_broken(data):
    report = brinery.scan(keyring().current.seal.sealed(data))
    assert report.verdict != "clean"
    assert not report.loads


def test_a_seal_does_not_vouch_for_a_pickle_in_bytes():
    report = brinery.scan(brinery.dumps({"from elsewhere": ATTACK}))
    assert (report.verdict, report.loads) == ("dangerous", True)
    assert [each.verdict for each in report.files[0].pickles] == ["clean", "dangerous"]


def test_what_a_limit_keeps_from_being_read_is_not_clean_for_being_sealed():
    deep = b"(" * 30_000 + b"N" + b"t" * 30_000 + b"."
    assert brinery.scan(keyring().current.seal.sealed(deep)).verdict == "unreadable"


def test_a_joblib_file_is_followed_past_its_arrays(tmp_path):
    joblib = pytest.importorskip("joblib")
    numpy = pytest.importorskip("numpy")
    joblib.dump({"a": numpy.arange(1000.0)}, tmp_path / "plain")
    joblib.dump({"a": numpy.arange(1000.0)}, tmp_path / "packed", compress=3)
    report = brinery.scan(tmp_path)
    assert [each.verdict for each in report.files] == ["clean", "clean"]


def test_the_report_is_plain_data_and_says_what_it_is():
    report = brinery.scan(ATTACK)
    again = json.loads(json.dumps(report.to_dict()))
    assert again["files"][0]["pickles"][0]["needs"] == ["posix.mkdir"]
    assert repr(report) == "<ScanReport dangerous: 1 files (1 dangerous), 1 findings>"


def test_sarif_has_a_rule_for_each_code_and_points_into_the_file(tmp_path):
    (tmp_path / "bad").write_bytes(ATTACK)
    sarif = scanning.to_sarif(brinery.scan(tmp_path), "1.0")
    run = sarif["runs"][0]
    (result,) = run["results"]
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"] == "unknown-global"
    assert result["level"] == "error"
    location = result["locations"][0]["physicalLocation"]
    assert location["artifactLocation"]["uri"] == (tmp_path / "bad").as_uri()
    assert location["region"]["byteOffset"] > 0


def test_sarif_names_files_by_uris_and_places_in_them(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with zipfile.ZipFile("50% of it.bin", "w") as archive:
        archive.writestr("model/data", ATTACK)
    sarif = scanning.to_sarif(brinery.scan("50% of it.bin"), "1.0")
    (result,) = sarif["runs"][0]["results"]
    (location,) = result["locations"]
    assert location["physicalLocation"]["artifactLocation"]["uri"] == "50%25%20of%20it.bin"
    assert location["logicalLocations"] == [{"fullyQualifiedName": "model/data"}]
    assert sarif["runs"][0]["invocations"] == [{"executionSuccessful": True}]


def test_scanning_imports_nothing_that_is_named():
    script = (
        "import sys, brinery\n"
        "brinery.scan(b'cfractions\\nFraction\\n.'); before = set(sys.modules)\n"
        "for data in (b'cantigravity\\nfly\\n.', b'csmtplib\\nSMTP\\n(tR.', b'cwave\\nopen\\n(S\"x\"tR0N.'):\n"
        "    print(brinery.scan(data).verdict)\n"
        "print(sorted(each for each in set(sys.modules) - before if not each.startswith('brinery.')))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_thousand_files_are_told_one_by_one(tmp_path):
    for number in range(1000):
        (tmp_path / f"{number:04}").write_bytes(pickle.dumps([number]))
    seen = []
    report = brinery.scan(tmp_path, progress=lambda done, total, path: seen.append((done, total, Path(path).name)))
    assert len(report.files) == 1000
    assert seen[-1] == (999, 1000, "0999")


def test_persistent_ids_in_the_bytes_of_a_pickle_are_what_tensors_have():
    class Asking(pickle.Pickler):
        def persistent_id(self, obj):
            return "storage" if obj is OrderedDict else None

    inner = io.BytesIO()
    Asking(inner, 2).dump([OrderedDict])
    report = brinery.scan(pickle.dumps(inner.getvalue()))
    assert (report.verdict, report.loads) == ("clean", True)
    (nested,) = [each for each in report.files[0].pickles if each.nested]
    assert (nested.loads, [each.code for each in nested.findings]) == (False, ["persistent-id"])
    assert brinery.scan(inner.getvalue()).verdict == "suspicious"
