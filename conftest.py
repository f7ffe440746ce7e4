"""For tests and examples in docstrings alike: a cache of this run's own, and what the run says of itself at its end."""

import json
import time

import pytest

from reference import full_run, sampling

STARTED = time.monotonic()


@pytest.fixture(autouse=True, scope="session")
def _cache_of_this_run(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CONVWRIGHT_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


def pytest_addoption(parser):
    """`--keep-result`, which `make test-all` gives."""
    parser.addoption("--keep-result", action="store_true", help=f"write the counts of this run to {full_run.KEPT.name}")


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter, exitstatus, config):
    """The seed of the sample, and the last run without one."""
    say = terminalreporter.write_line
    if config.getoption("keep_result") and exitstatus == 0 and not config.option.collectonly:
        full_run.keep(terminalreporter.stats, time.monotonic() - STARTED)
    say(f"sample of networks: {sampling.VARIABLE}={sampling.seed()} draws it again; `make test-all` leaves none out")
    if full_run.KEPT.exists():
        kept = json.loads(full_run.KEPT.read_text(encoding="utf-8"))
        say(full_run.described(kept, full_run.fingerprint()))
