"""What a scan says would let a pickle load is enough, and where it says that nothing would, nothing is."""

import pickle

import pytest

import brinery
from brinery.trust import Trust
from tests.trust.strangers import Point, Row, Table, Tag


def pickle_in(data):
    return brinery.scan(data, trust=Trust()).files[0].pickles[0]  # whatever other tests have allowed


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize(
    "obj",
    [{Tag("a"), 1}, Table({Tag("a"): Row([Point(1, 2)])}), {Tag("b"): [Tag("c")]}],
    ids=["set", "table", "dict"],
)
def test_the_names_are_enough_and_none_of_them_is_too_many(obj, protocol):
    data = pickle.dumps(obj, protocol)
    needs = pickle_in(data).needs
    assert brinery.loads(data, trust=needs) == obj
    for name in needs:
        with pytest.raises(brinery.UntrustedError):
            brinery.loads(data, trust=[each for each in needs if each != name])


def test_what_is_vetted_and_used_in_another_way_needs_its_name_only_if_nothing_less_will_do():
    assert pickle_in(b"c_codecs\nencode\n(Vx\nVrot13\ntR.").needs == ("_codecs.encode",)
    calls_method = b"cbuiltins\ngetattr\n(cshop.models\nUser\nVmake\ntR(tR."
    needs = pickle_in(calls_method).needs
    assert needs == ("shop.models.User", "builtins.getattr")
    assert Trust(needs).judge(calls_method).passes


@pytest.mark.parametrize(
    "data",
    [
        b"\x80\x04X\x02\x00\x00\x00osX\x01\x00\x00\x00*\x93.",  # os.*
        b"ca b\nc\n.",
        b"cshop\nf.<locals>.User\n.",
        b"cshop\nUser\n",
        b"(cshop\nUser\nPid\nt.",
        b"(cshop\nUser\n\x82\x01t.",
        b"I" + b"9" * 10_000 + b"\n.",
    ],
    ids=["pattern", "no name", "local", "broken", "persistent", "extension", "limit"],
)
def test_where_no_names_would_do_none_are_given(data):
    report = pickle_in(data)
    assert (report.loads, report.needs) == (False, ())
    assert report.advice == "no names that could be allowed would let it load"


def test_what_is_in_the_bytes_of_another_pickle_is_not_needed_to_load_that():
    report = brinery.scan(pickle.dumps([Point(1, 2), pickle.dumps(Tag("a"))]))
    assert report.needs == ["tests.trust.strangers.Point"]


def test_many_names_take_no_longer_than_they_are():
    data = b"".join(f"cshop\nThing{number}\n0".encode() for number in range(20_000)) + b"N."
    assert len(pickle_in(data).needs) == 20_000
