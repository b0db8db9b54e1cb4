"""What every Python since 2.7 ever pickled, brinery reads; the files beside this one are by the interpreters they name."""

import json
import pickle
from pathlib import Path

import pytest

from brinery import pickle as brinery_pickle
from tests.strategies import difference
from tests.vectors import generate

FOLDER = Path(__file__).parent
VERSIONS = sorted(path.stem for path in FOLDER.glob("*.json"))


def vectors(version):
    written = json.loads((FOLDER / f"{version}.json").read_text())
    return {name: bytes.fromhex(data) for name, data in written.items()}


def outcome(loads, data, **options):
    try:
        return None, loads(data, **options)
    except Exception as error:
        return type(error), None


def test_there_are_vectors_of_every_version():
    assert set(VERSIONS) == {"2.7", *(f"3.{minor}" for minor in range(6, 14))}


# Protocols below 4 have no place for it.
FOLDLESS = {f"fold/{protocol}" for protocol in range(4)}


@pytest.mark.parametrize("version", VERSIONS[1:])
def test_pickles_of_python_3_are_the_values_they_were(version):
    written = generate.values()
    for name, data in vectors(version).items():
        expected_error, expected = outcome(pickle.loads, data)
        error, found = outcome(brinery_pickle.loads, data)
        assert error is expected_error, name
        if error is not None:
            # Python 3.13 names paths pathlib._local, which older ones do not have.
            assert (version, name.partition("/")[0], error) == ("3.13", "path", ModuleNotFoundError), name
            continue
        assert difference(expected, found) is None, name
        assert name in FOLDLESS or difference(written[name.partition("/")[0]], found) is None, name


@pytest.mark.parametrize("options", [{}, {"encoding": "latin1"}, {"encoding": "bytes"}, {"errors": "replace"}])
def test_pickles_of_python_2_are_read_as_the_stdlib_reads_them(options):
    for name, data in vectors("2.7").items():
        expected_error, expected = outcome(pickle.loads, data, **options)
        error, found = outcome(brinery_pickle.loads, data, **options)
        assert error is expected_error, name
        assert difference(expected, found) is None, name


def test_strings_of_python_2_come_back_as_asked():
    data = vectors("2.7")["bytes/2"]
    with pytest.raises(UnicodeDecodeError):
        brinery_pickle.loads(data)
    assert brinery_pickle.loads(data, encoding="bytes") == generate.values()["bytes"]
    assert brinery_pickle.loads(data, encoding="latin1")[1] == "raw\0\xff\n'\""
    assert brinery_pickle.loads(data, errors="ignore")[1] == "raw\0\n'\""


def test_names_of_python_2_are_mapped_unless_that_is_turned_off():
    data = vectors("2.7")["globals/2"]
    assert brinery_pickle.loads(data)[3] is range
    with pytest.raises(ImportError):
        brinery_pickle.loads(data, fix_imports=False)
