"""Settings that all tests share."""

import os

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "ci", derandomize=True, deadline=None, max_examples=60, suppress_health_check=list(HealthCheck)
)
settings.register_profile("long", deadline=None, max_examples=3000, suppress_health_check=list(HealthCheck))
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


@pytest.fixture(scope="session", autouse=True)
def keys_of_their_own(tmp_path_factory):
    """Keep the tests, and the processes they start, away from the keys of the user who runs them."""
    os.environ["BRINERY_HOME"] = str(tmp_path_factory.mktemp("keys"))
    os.environ.pop("BRINERY_KEY", None)
