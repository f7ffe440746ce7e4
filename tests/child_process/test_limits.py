"""Limits of a process; that they hold is in test_call."""

import pytest

from convwright.child_process.limits import Limits, free_memory, memory_error


def test_by_default_half_of_what_is_free():
    assert 2**20 < Limits().memory_bytes <= 0.6 * free_memory()
    assert Limits().seconds == 10


@pytest.mark.parametrize("error", [MemoryError(), ValueError("x")])
def test_without_a_limit_nothing_is_explained_by_it(error):
    assert memory_error(error, "net.py") is None


def test_an_error_that_is_its_own_cause_is_no_reason_to_search_forever():
    error = ValueError("no memory was asked for")
    error.__cause__ = error
    assert memory_error(error, "net.py") is None
