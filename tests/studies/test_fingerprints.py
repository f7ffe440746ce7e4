"""The same run has the same fingerprint, and any other has another."""

from dataclasses import replace
from functools import partial

import pytest

from convwright.studies.fingerprints import code_of, job_fingerprint, measure_fingerprint
from reference.tiny_study import STUDY


def one(x):
    """Words that do not count."""
    return x + 1  # nor does this


def same(x):
    return x + 1


def other(x):
    return x + 2


def test_a_measure_is_its_code():
    measure = STUDY.measures[0]
    assert code_of(one).replace("'one'", "'same'") == code_of(same)
    assert measure_fingerprint(replace(measure, function=one)) != measure_fingerprint(replace(measure, function=other))
    assert code_of(partial(pow, exp=2)) != code_of(partial(pow, exp=3))
    assert measure_fingerprint(measure) != measure_fingerprint(replace(measure, before=False))


@pytest.mark.parametrize("parts", [["a", "b"], ["ab", 1], ["ab", "1"]])
def test_a_job_is_all_its_parts(parts):
    assert job_fingerprint(parts) == job_fingerprint(list(parts))
    assert job_fingerprint(parts) != job_fingerprint(["ab"])
