"""One run as plain values."""

import json

import pytest

from reference.outcomes import outcome


def test_the_gap_is_training_less_test_accuracy():
    assert outcome([True, True, False, True]).gap == pytest.approx(0.25)


def test_plain_values_survive_json():
    plain = outcome([True, False]).to_dict()
    assert json.loads(json.dumps(plain)) == plain
    assert plain["train"]["accuracy"] == 1
    assert plain["validation"]["confusion"] == [[1, 0], [1, 0]]
    assert (plain["choices"], plain["num_trained"], plain["feature_seconds"]) == ({"C": 0.1}, 10, 0.0)
