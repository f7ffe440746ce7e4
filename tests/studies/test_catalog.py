"""Studies are found by their files."""

import pytest

from convwright.errors import ConvwrightError
from convwright.studies import studies, study_named


def test_every_file_is_a_study():
    assert {"pooling", "degradation"} <= set(studies())
    assert study_named("pooling").baseline == "max"


def test_an_unknown_name_gets_the_nearest():
    with pytest.raises(ConvwrightError, match=r"unknown study 'poolin'.*did you mean pooling"):
        study_named("poolin")
