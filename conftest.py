"""For tests and examples in docstrings alike: decoded images are kept in a folder of this run's own."""

import pytest


@pytest.fixture(autouse=True, scope="session")
def _cache_of_this_run(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CONVWRIGHT_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield
