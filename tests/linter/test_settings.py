"""What the linter is told."""

import pytest

from convwright.errors import ConvwrightError
from convwright.linter import Settings


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"loss": "cross_entropy"}, "did you mean cross-entropy"),
        ({"target": "tpu"}, "unknown target 'tpu'.*gpu"),
        ({"object_px": 0}, "object-px: expected at least 1, got 0"),
    ],
)
def test_what_is_not_known_is_refused(given, told):
    with pytest.raises(ConvwrightError, match=told):
        Settings(**given)


def test_the_default_is_the_default_rules():
    assert Settings().select == ("default",)
