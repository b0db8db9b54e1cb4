"""The public suite on every place there is."""

import pytest

from brinery.testing import StoreContract
from tests.stores.places import Place


class TestEveryPlace(StoreContract):
    @pytest.fixture
    def opened(self, place: Place):
        return place.open
