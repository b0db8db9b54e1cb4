"""What the linter of the core looks at, and when again."""

import json
from pathlib import Path

import pytest
from scripts.tidy import TidyError, compile_commands, flags_of, groups_of, state_of


def test_a_source_of_several_targets_is_looked_at_as_the_first_compiles_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    entries = [
        {"directory": str(tmp_path / "build"), "file": "../native/scan.cpp", "command": f"c++ -D{target}"}
        for target in ("CORE", "TEST")
    ]
    (tmp_path / "compile_commands.json").write_text(json.dumps(entries), encoding="utf-8")
    assert compile_commands(Path()) == {Path("native/scan.cpp"): "c++ -DCORE"}


def test_without_a_build_it_says_what_to_do(tmp_path):
    with pytest.raises(TidyError, match=r"no .*compile_commands.json: run  make setup  first"):
        compile_commands(tmp_path)


def test_a_source_is_looked_at_again_when_it_or_its_flags_or_what_all_share_has_changed(tmp_path):
    source = tmp_path / "scan.cpp"
    source.write_text("int one;\n", encoding="utf-8")
    passed = state_of(source, "c++ -O3", b"headers")
    assert state_of(source, "c++ -O3", b"headers") == passed
    assert state_of(source, "c++ -O2", b"headers") != passed
    assert state_of(source, "c++ -O3", b"other headers") != passed
    source.write_text("int two;\n", encoding="utf-8")
    assert state_of(source, "c++ -O3", b"headers") != passed


def test_sources_that_are_compiled_alike_are_looked_at_together_where_there_are_many():
    commands = {Path(f"native/{name}.cpp"): f"c++ -O3 -MF {name}.d -o {name}.o -c {name}.cpp" for name in "abcdefghij"}
    commands[Path("native/k.cpp")] = "c++ -O2 -o k.o -c k.cpp"
    assert flags_of(commands[Path("native/a.cpp")]) == "c++ -O3"
    assert [len(group) for group in groups_of(list(commands), commands)] == [8, 2, 1]
    few = list(commands)[:8]
    assert groups_of(few, commands) == [[each] for each in few]
