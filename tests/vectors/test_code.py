"""Functions and classes that each version of Python wrote work on the one that runs this."""

import json
import sys
from pathlib import Path

import pytest

import brinery

FOLDER = Path(__file__).parent / "code"
HERE = sys.version_info[:2]
VECTORS = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.json"))}
EACH = [(version, name) for version, vectors in VECTORS.items() for name in vectors]


def test_there_are_vectors_of_every_version():
    assert set(VECTORS) == {"3.11", "3.12", "3.13"}
    assert all(len(vectors) >= 40 for vectors in VECTORS.values())


@pytest.mark.parametrize(("version", "name"), EACH)
def test_what_one_version_wrote_does_the_same_on_this_one(version, name):
    vector = VECTORS[version][name]
    data = bytes.fromhex(vector["data"])
    of_this_version = tuple(map(int, version.split("."))) == HERE
    if name == "exec without source" and not of_this_version:
        with pytest.raises(brinery.DecodeError, match=r"f of '<string>' .* without its source: there is no source for"):
            brinery.loads(data, trust="everything")
    elif tuple(vector["since"]) > HERE:
        with pytest.raises(brinery.DecodeError, match=rf"Python {version}|since 3\.12"):
            brinery.loads(data, trust="everything")
    else:
        assert eval(vector["use"], {"made": brinery.loads(data, trust="everything")})
