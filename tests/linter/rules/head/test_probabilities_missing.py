"""CW602 for the losses that take no logits."""

import pytest
from torch import nn

from reference.linting import found


@pytest.mark.parametrize(
    ("loss", "last", "fires"),
    [
        ("nll", nn.Softmax(dim=1), True),
        ("nll", nn.LogSoftmax(dim=1), False),
        ("bce", nn.Identity(), True),
        ("bce", nn.Sigmoid(), False),
        ("bce", nn.Softmax(dim=1), False),
        ("bce-with-logits", nn.Identity(), False),
    ],
)
def test_what_a_loss_needs(loss, last, fires):
    assert bool(found("CW602", nn.Sequential(nn.Linear(8, 10), last), (2, 8), loss=loss)) is fires


def test_maps_of_scores_are_scores():
    assert found("CW602", nn.Sequential(nn.Conv2d(3, 1, 1)), loss="bce")
