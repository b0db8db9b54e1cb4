"""Calls of what nobody has vouched for: none that runs code can hide among others."""

import brinery

EVIL = b"cos\nsystem\n(S'evil'\ntR"
HARMLESS = b"cshop\nA\n(K\x01tR"


def pickle_in(data):
    return brinery.scan(data, static=True).files[0].pickles[0]


def test_what_runs_code_comes_first_however_many_others_there_are():
    report = pickle_in(b"(" + HARMLESS * 150 + EVIL + b"t.")
    assert report.calls[0].text == "os.system('evil')"
    assert len(report.calls) == 100
    assert report.more_calls


def test_all_of_a_few_are_given_in_order():
    report = pickle_in(b"(" + HARMLESS + b"cshop\nB\n)R" + b"t.")
    assert [each.text for each in report.calls] == ["shop.A(1)", "shop.B(...)"]
    assert not report.more_calls


def test_depth_hides_nothing():
    report = pickle_in(b"cshop\nA\n(" * 3000 + EVIL + b"tR" * 3000 + b".")
    assert report.calls[0].text == "os.system('evil')"


def test_plain_data_hides_nothing():
    assert pickle_in(b"]" + b"K\x01a" * 300_000 + EVIL + b"a.").calls[0].text == "os.system('evil')"


def test_what_a_call_returns_is_called_too():
    report = pickle_in(b"cshop\nmaker\n(K\x01tR(K\x02tR.")
    assert len(report.calls) == 2


def test_arguments_that_are_not_shown_are_told_of():
    report = pickle_in(b"cshop\nA\n(" + b"K\x01" * 11 + b"tR.")
    assert report.calls[0].text == "shop.A(" + "1, " * 10 + "...)"
