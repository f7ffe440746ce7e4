"""Usual values by name."""

import pytest
from torch import nn

from convwright.networks.evidence.usual_values import likely_values


@pytest.mark.parametrize(
    ("name", "first"),
    [("n_classes", 10), ("img_size", 224), ("norm_layer", nn.BatchNorm2d), ("dropout", 0.1), ("vocab_size", 1000)],
)
def test_the_likeliest(name, first):
    assert likely_values(name)[0] == first


def test_a_name_that_says_nothing():
    assert likely_values("question") == ()
