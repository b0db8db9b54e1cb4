"""What the suite needs of the process that it runs in."""

import sys
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True, scope="module")
def without_torch() -> Iterator[None]:
    """Take torch out of the modules that picklers search for an object's name.

    `torch.classes` answers with RuntimeError, not AttributeError, for a name that it does not have, and pickle.py, whose
    own tests these are, lets that through.
    """
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in sys.modules if name.partition(".")[0] == "torch"]:
            patch.delitem(sys.modules, name)
        yield
