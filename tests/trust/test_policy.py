"""Loading what nobody vouches for: by the vetted list, and what the user allows besides."""

import copyreg
import datetime
import fractions
import os
import pickle
import subprocess
import sys
import threading
from collections import OrderedDict
from pathlib import Path

import pytest

import brinery
from brinery.trust import policy
from tests.trust.strangers import Point


@pytest.fixture(autouse=True)
def fresh_policy(monkeypatch):
    monkeypatch.setattr(policy.Default, "trust", None)
    monkeypatch.delenv("BRINERY_TRUST", raising=False)


class Attack:
    def __reduce__(self):
        return os.mkdir, ("gone-wrong",)


@pytest.mark.parametrize("protocol", range(6))
def test_what_is_vetted_loads_without_a_word(protocol):
    obj = [OrderedDict(a=datetime.date(2020, 1, 2)), fractions.Fraction(1, 3), {1, 2}, b"bytes", range(3)]
    assert brinery.loads(pickle.dumps(obj, protocol)) == obj


def test_what_is_not_vetted_is_refused_and_all_of_it_is_named():
    data = pickle.dumps([Attack(), Point(1, 2), OrderedDict()])
    with pytest.raises(brinery.UntrustedError) as raised:
        brinery.loads(data)
    assert raised.value.globals == ("posix.mkdir", "tests.trust.strangers.Point")
    message = str(raised.value)
    assert "posix.mkdir    RUNS CODE: runs commands of the operating system" in message
    assert "trust=['posix.mkdir', 'tests.trust.strangers.Point']" in message
    assert "neither sealed nor signed" in message
    assert not Path("gone-wrong").exists()


def named(module, name):
    return (
        b"\x80\x04X"
        + len(module).to_bytes(4, "little")
        + module
        + b"X"
        + len(name).to_bytes(4, "little")
        + name
        + b"\x93."
    )


@pytest.mark.parametrize(
    ("module", "name"), [(b"os", b"*"), (b"a b", b"c"), (b"", b"x"), (b"shop", b"f.<locals>.User")]
)
def test_a_name_that_says_more_than_itself_is_never_given_to_be_pasted(module, name):
    with pytest.raises(brinery.UntrustedError) as raised:
        brinery.loads(named(module, name))
    assert "trust=" not in str(raised.value)
    assert "Not all of these are names that can be allowed" in str(raised.value)
    assert raised.value.globals == ()


def test_a_name_that_looks_like_a_pattern_is_not_allowed_by_being_one():
    assert not brinery.Trust(["shop.Stars"]).judge(named(b"shop", b"*")).passes
    assert brinery.Trust(["shop.*"]).judge(named(b"shop", b"User")).passes


def test_a_way_to_code_through_another_module_is_said_to_run_code():
    with pytest.raises(brinery.UntrustedError, match=r"json\.codecs\.builtins\.eval    RUNS CODE"):
        brinery.loads(named(b"json", b"codecs.builtins.eval"))


def test_thousands_of_names_are_allowed_in_no_time():
    names = [f"shop.Thing{number}" for number in range(20_000)]
    trust = brinery.Trust(names)
    assert trust.judge(b"".join(f"cshop\nThing{number}\n0".encode() for number in range(20_000)) + b"N.").passes


def test_what_follows_a_pickle_is_counted_in_bytes_whatever_memory_it_is_in():
    data = pickle.dumps(1, 2) + b"more"
    padded = data + b"." * (-len(data) % 4)
    with pytest.raises(brinery.DecodeError, match="follow"):
        brinery.Trust().load(memoryview(padded).cast("i"))


@pytest.mark.parametrize("allowed", [Point, "tests.trust.strangers.Point", "tests.*", "tests.trust.strangers.*"])
def test_a_call_may_allow_more(allowed):
    data = pickle.dumps(Point(1, 2))
    assert brinery.loads(data, trust=[allowed]) == Point(1, 2)
    with pytest.raises(brinery.UntrustedError):
        brinery.loads(data)


@pytest.mark.parametrize(
    "allowed", ["tests.trust.strangers.Points", "tests.trust.strangers.Point.*", "test.*", "strangers.Point"]
)
def test_nothing_else_is_allowed_with_it(allowed):
    with pytest.raises(brinery.UntrustedError):
        brinery.loads(pickle.dumps(Point(1, 2)), trust=[allowed])


@pytest.mark.parametrize("allowed", ["Point", "*", "", "a b.c", ".x", "tests.*.Point", 3, lambda: 1])
def test_what_is_no_dotted_name_is_refused_and_nothing_is_allowed(allowed):
    with pytest.raises(ValueError, match="dotted name"):
        brinery.allow(Point, allowed)
    with pytest.raises(brinery.UntrustedError):
        brinery.loads(pickle.dumps(Point(1, 2)))


def test_a_string_in_place_of_a_list_is_refused():
    with pytest.raises(TypeError, match=r"\['tests.trust.strangers.Point'\]"):
        brinery.loads(pickle.dumps(Point(1, 2)), trust="tests.trust.strangers.Point")


def test_the_process_may_allow_more():
    brinery.allow(Point)
    assert brinery.loads(pickle.dumps(Point(1, 2))) == Point(1, 2)


def test_a_policy_of_ones_own_counts_alone():
    data = pickle.dumps([Point(1, 2), fractions.Fraction(1, 2)])
    brinery.allow(Point)
    with pytest.raises(brinery.UntrustedError) as raised:
        brinery.loads(data, trust=brinery.Trust(vetted=False))
    assert raised.value.globals == ("tests.trust.strangers.Point", "fractions.Fraction")
    both = brinery.Trust([Point, fractions.Fraction], vetted=False)
    assert brinery.loads(data, trust=both) == [Point(1, 2), fractions.Fraction(1, 2)]
    assert repr(both) == "Trust(['tests.trust.strangers.Point', 'fractions.Fraction'], vetted=False)"


def test_everything_is_for_those_who_say_so(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    brinery.loads(pickle.dumps(Attack()), trust="everything")
    assert Path("gone-wrong").is_dir()


def test_what_the_user_sealed_loads_in_full(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert brinery.loads(brinery.dumps(lambda: 42))() == 42
    brinery.loads(brinery.dumps(Attack()))
    assert Path("gone-wrong").is_dir()


def test_another_process_of_the_user_loads_it_in_full():
    data = brinery.dumps([lambda: 42, Point(1, 2)])
    script = "import sys, brinery; f, p = brinery.loads(sys.stdin.buffer.read()); print(f(), p.x)"
    done = subprocess.run([sys.executable, "-c", script], input=data, capture_output=True, check=True)
    assert done.stdout == b"42 1\n"


def test_without_a_seal_it_is_a_strangers():
    with pytest.raises(brinery.UntrustedError):
        brinery.loads(brinery.dumps(Point(1, 2), seal=False))


def test_canonical_bytes_are_sealed_only_when_that_is_asked_for():
    plain = brinery.dumps([1], canonical=True)
    assert brinery.dumps([1], canonical=True, seal=True).startswith(plain)
    assert brinery.loads(plain) == [1]
    assert plain.endswith(b".")


@pytest.mark.parametrize("change", [lambda d: d[:-1], lambda d: d + b"N.", lambda d: d[:20] + b"\x00" + d[21:]])
@pytest.mark.parametrize("trust", [None, "everything"])
def test_a_broken_seal_is_refused(change, trust):
    with pytest.raises(brinery.IntegrityError):
        brinery.loads(change(brinery.dumps(["some text that is long enough", Point(1, 2)])), trust=trust)


def test_what_follows_a_strangers_pickle_is_refused():
    with pytest.raises(brinery.DecodeError, match="ends at byte 4, and 3 bytes"):
        brinery.loads(b"\x80\x04N.abc")


def test_the_variable_allows_more_in_all_programs(monkeypatch):
    monkeypatch.setenv("BRINERY_TRUST", "somewhere.else, tests.trust.strangers.*")
    assert brinery.loads(pickle.dumps(Point(1, 2))) == Point(1, 2)


def test_the_file_allows_more_in_all_programs(home):
    home.mkdir(exist_ok=True)
    (home / "trust.toml").write_text('allow = ["tests.trust.strangers.Point"]\n', encoding="utf-8")
    assert brinery.loads(pickle.dumps(Point(1, 2))) == Point(1, 2)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("allow = 1", "allow must be a list"),
        ('allow = ["a b"]', "dotted name"),
        ("vetted = 1", "vetted must be"),
        ("allows = []", "no setting 'allows'"),
        ("[limits]\ndepth = 'x'", "limits must be"),
        ("allow = [", "trust.toml"),
    ],
)
def test_a_file_that_cannot_be_understood_is_an_error(home, text, message):
    home.mkdir(exist_ok=True)
    (home / "trust.toml").write_text(text, encoding="utf-8")
    with pytest.raises(brinery.PolicyError, match=message):
        brinery.loads(pickle.dumps(Point(1, 2)))


def test_a_file_that_others_can_change_is_refused(home):
    home.mkdir(exist_ok=True)
    file = home / "trust.toml"
    file.write_text("allow = []", encoding="utf-8")
    file.chmod(0o666)
    with pytest.raises(brinery.KeyFileError, match="others can change"):
        brinery.loads(pickle.dumps(Point(1, 2)))


def test_a_refused_stream_leaves_the_modules_as_they_were():
    script = (
        "import sys, brinery, pickle\n"
        "try: brinery.loads(b'cos\\nsystem\\n.')\n"
        "except brinery.UntrustedError: pass\n"
        "before = set(sys.modules)\n"
        "for data in (b'cantigravity\\nfly\\n.', b'cfractions\\nFraction\\ncsmtpd\\nx\\n\\x86.', b'cwave\\nopen\\n(S\"x\"tR'):\n"
        "    try: brinery.loads(data)\n"
        "    except brinery.DecodeError: pass\n"
        "    else: print('loaded')\n"
        "print(sorted(set(sys.modules) - before))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_names_of_before_a_move_are_vetted_as_what_they_are_now():
    assert brinery.loads(b"c__builtin__\nset\n((lp0\nI1\natR.") == {1}
    assert brinery.loads(b"\x80\x04ccollections\nOrderedDict\n)R.") == OrderedDict()
    brinery.moved("old.shop.Money", "fractions.Fraction")
    assert brinery.loads(b"cold.shop\nMoney\n(I1\nI2\ntR.") == fractions.Fraction(1, 2)


def test_a_class_for_a_value_stays_the_class_where_a_guard_makes_its_instances():
    assert brinery.loads(pickle.dumps([fractions.Fraction]))[0] is fractions.Fraction
    assert brinery.loads(pickle.dumps([fractions.Fraction(1, 2)])) == [fractions.Fraction(1, 2)]


def test_a_vetted_function_cannot_reach_another():
    data = b"cbuiltins\ngetattr\n(ccollections\nOrderedDict\nV__init__\ntR."
    with pytest.raises(brinery.UntrustedError):
        brinery.loads(data)


def test_extensions_and_persistent_ids_are_refused():
    copyreg.add_extension("fractions", "Fraction", 240)
    try:
        for data in (b"\x82\xf0.", b"Pid\n.", b"Vid\nQ."):
            with pytest.raises(brinery.DecodeError):
                brinery.loads(data)
    finally:
        copyreg.remove_extension("fractions", "Fraction", 240)


def test_many_threads_may_load_for_the_first_time_at_once():
    data = [pickle.dumps(each) for each in (fractions.Fraction(1, 2), OrderedDict(a=1), datetime.date(2020, 1, 1))]
    failures = []

    def work():
        for each in data * 20:
            try:
                brinery.loads(each)
            except Exception as error:
                failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
