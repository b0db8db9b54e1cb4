"""Any graph, any protocol: what brinery writes and reads is what the stdlib would."""

import pickle

import pytest
from hypothesis import given

from brinery import pickle as brinery_pickle
from tests.strategies import difference, graphs


def check(obj, protocol):
    try:
        stock = pickle.dumps(obj, protocol)
    except Exception as error:
        with pytest.raises(type(error)):
            brinery_pickle.dumps(obj, protocol)
        return
    # The stdlib's own loss is the measure: what it keeps, brinery keeps.
    expected = pickle.loads(stock)
    own = brinery_pickle.dumps(obj, protocol)
    assert difference(expected, pickle.loads(own)) is None
    assert difference(expected, brinery_pickle.loads(own)) is None
    assert difference(expected, brinery_pickle.loads(stock)) is None


@given(obj=graphs())
@pytest.mark.parametrize("protocol", range(6))
def test_a_graph_comes_back_as_the_stdlib_brings_it_back(protocol, obj):
    check(obj, protocol)
