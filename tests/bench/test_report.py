"""The report says what the numbers say."""

import math

import pytest
from bench.speed import report
from bench.speed.row import Row, geometric_mean, middle, spread


def row(name="words", dumps=(4.0, 1.0, 5.0), loads=(2.0, 1.0, 2.0), stock=4.0, rivals=None):
    names = ("_pickle", "brinery", "_pickle again")
    return Row(
        name,
        dict(zip(names, dumps, strict=True)) | (rivals or {}),
        dict(zip(names, loads, strict=True)),
        stock,
        {"_pickle": 200, "brinery": 150},
        spread(dict(zip(names, dumps, strict=True))),
        spread(dict(zip(names, loads, strict=True))),
    )


def test_ratios_are_against_the_better_of_the_stdlibs_two_times():
    one = row(dumps=(5.0, 2.0, 4.0))
    assert one.dumps_ratio == 2.0
    assert one.loads_ratio == 2.0
    assert one.stock_ratio == 0.5


def test_noise_is_how_far_two_times_are_from_each_other():
    assert spread({"_pickle": 4.0, "brinery": 1.0, "_pickle again": 5.0}) == 0.25
    assert spread({"brinery": 1.0}) == 0.0


def test_of_several_processes_the_median_time_and_the_worst_noise_count():
    one, two, three = row(dumps=(4.0, 1.0, 5.0)), row(dumps=(6.0, 3.0, 6.0)), row(dumps=(5.0, 2.0, 9.0), stock=7.0)
    three.dumps_noise, two.loads_noise = 0.8, 0.1
    found = middle([one, two, three])
    assert found.dumps == {"_pickle": 5.0, "brinery": 2.0, "_pickle again": 6.0}
    assert (found.stock, found.dumps_noise, found.loads_noise) == (4.0, 0.8, 0.1)


def test_geometric_mean():
    assert math.isclose(geometric_mean([2.0, 8.0]), 4.0)


def test_the_table_has_a_line_a_workload_and_the_means():
    *_, line, mean = report.ratios([row()])
    assert line == "| words | 4.00x | 25% | 2.00x | 0.50x | 0% | 0.75 |"
    assert mean == "| **geometric mean** | **4.00x** | | **2.00x** | **0.50x** | | |"


def test_every_line_of_a_table_has_as_many_cells():
    lines = report.ratios([row(), row("more")])
    assert len({line.count("|") for line in lines}) == 1


def test_a_rival_that_cannot_do_it_has_an_empty_cell():
    *_, line = report.times([row(rivals={"marshal": 0.5})], "dumps")
    assert line == "| words | 4e+03 | 1e+03 | 500 |  |  |  |"


@pytest.mark.parametrize(
    ("loads", "stock", "found"),
    [
        ((1.0, 1.05, 1.1), 1.0, []),
        ((1.0, 1.2, 1.1), 1.0, ["words: loads 0.83x, noise 10%"]),
        ((1.0, 1.0, 1.0), 2.0, ["words: loads of stock streams 0.50x, noise 0%"]),
    ],
)
def test_what_is_behind_by_more_than_the_noise_is_named(loads, stock, found):
    assert report.slower([row(loads=loads, stock=stock)]) == found


def test_noise_of_dumps_excuses_no_loads():
    assert report.slower([row(dumps=(1.0, 1.0, 9.0), loads=(1.0, 1.5, 1.0), stock=1.0)]) == [
        "words: loads 0.67x, noise 0%"
    ]


def test_where_a_rival_is_ahead_beyond_the_noise_is_said_with_the_reason():
    close = row("close", dumps=(4.0, 1.0, 5.0), rivals={"msgspec": 0.9})
    ahead = row("ahead", rivals={"msgspec": 0.5})
    assert report.wins([close, ahead], "msgspec") == ["ahead dumps 2.00x"]
    lines = "\n".join(report.where_rivals_win([close, ahead]))
    assert "- **msgspec**: ahead dumps 2.00x. It writes MessagePack" in lines
    assert "- **marshal**: nowhere." in lines


def test_the_readme_keeps_what_is_round_the_figures(tmp_path):
    readme = tmp_path / "README.md"
    readme.write_text("before\n<!-- figures:begin -->\nold\n<!-- figures:end -->\nafter\n", encoding="utf-8")
    report.update_readme(readme, [row("API-like records")])
    text = readme.read_text(encoding="utf-8")
    assert text.startswith("before\n<!-- figures:begin -->\n")
    assert text.endswith("\n<!-- figures:end -->\nafter\n")
    assert "old" not in text
    assert "| API-like records | 4.0x | 2.0x |" in text
    report.update_readme(readme, [row("API-like records")])
    assert readme.read_text(encoding="utf-8") == text


def test_the_page_keeps_the_large_array_out_of_the_means():
    large = row("80 MB array", dumps=(100.0, 1.0, 100.0))
    page = report.page([row()], [large], 11, 3, "a machine")
    assert "| **geometric mean** | **4.00x** |" in page
    assert "| 80 MB array | 100.00x |" in page
    assert "collector on) on a machine." in page
    assert "words: loads of stock streams 0.50x" in page
