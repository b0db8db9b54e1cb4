"""The standard library's values that would compute too much, or believe too much."""

from __future__ import annotations

import pickle
import re
from fractions import Fraction
from xml.etree.ElementTree import Element, fromstring

import pytest

from brinery.errors import IntegrityError
from brinery.trust.guards import find, stand_in, values
from tests.trust.loading import loads


def test_fractions_are_not_computed() -> None:
    assert values.fraction(Fraction, 1, 3) == values.fraction(Fraction, "1/3") == Fraction(1, 3)
    for args in (("1e1000000000",), ("1.5",), (1, 0), (1.5, 2)):
        with pytest.raises(IntegrityError):
            values.fraction(Fraction, *args)


def test_patterns_do_not_print(capsys: pytest.CaptureFixture[str]) -> None:
    assert values.pattern("a+", int(re.I)).fullmatch("AA")
    with pytest.raises(IntegrityError, match="debug"):
        values.pattern("a+", int(re.DEBUG))
    with pytest.raises(IntegrityError, match="refused"):
        values.pattern("(", 0)
    assert capsys.readouterr().out == ""


def test_children_of_elements_are_elements() -> None:
    tree = fromstring("<a k='v'><b>text</b>tail</a>")
    assert loads(pickle.dumps(tree)).find("b").text == "text"
    with pytest.raises(IntegrityError, match="_children"):
        values.element(Element("a"), {"tag": "a", "_children": [5], "attrib": {}})


def test_a_stand_in_is_called_and_made_alike() -> None:
    stand = stand_in("stdlib.fraction", Fraction)
    assert stand(1, 2) == stand.__new__(stand, 1, 2) == Fraction(1, 2)
    assert find("stdlib.fraction") is values.fraction
