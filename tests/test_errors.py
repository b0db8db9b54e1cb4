"""Errors travel, and are what their names say."""

import pickle

import pytest

from brinery import errors
from brinery import pickle as brinery_pickle


@pytest.mark.parametrize("module", [pickle, brinery_pickle])
@pytest.mark.parametrize("name", errors.__all__)
def test_an_error_survives_the_trip(name, module):
    error = getattr(errors, name)("what happened", 3)
    back = module.loads(module.dumps(error))
    assert type(back) is type(error)
    assert back.args == error.args


def test_those_who_catch_the_stdlibs_errors_catch_ours():
    assert issubclass(errors.EncodeError, pickle.PicklingError)
    assert issubclass(errors.DecodeError, pickle.UnpicklingError)
