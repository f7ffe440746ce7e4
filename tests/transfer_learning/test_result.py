"""What of a result is shipped, and what stands in for it where nothing can be."""

from dataclasses import replace

import pytest
import torch

from convwright.errors import ConvwrightError
from convwright.preprocessing import Preprocessing
from convwright.training.record import environment
from convwright.transfer_learning.backbone import Origin
from convwright.transfer_learning.result import TransferResult
from reference.outcomes import outcome
from reference.tiny_transfer import tiny_pool, tiny_tuning

WEIGHTS_OF = Origin(model="resnet20", weights="somewhere.pth")


def result(*outcomes):
    pool = tiny_pool()
    return TransferResult(
        backbone=replace(pool.backbone, origin=WEIGHTS_OF),
        data=replace(pool.data, preprocessing=Preprocessing(resize_px=8, crop_px=8)),
        outcomes=outcomes,
        titles={each.strategy: "made up" for each in outcomes},
        tuning=tiny_tuning(),
        environment=environment(torch.device("cpu"), 1),
        notes=(),
        seconds=1.0,
    )


def test_the_first_seed_of_the_recommended_strategy_is_shipped_whatever_the_others_reached():
    first, second = outcome([True, False] * 5, "probe", seed=0), outcome([True] * 10, "probe", seed=1)
    found = result(outcome([False] * 10, "bad", seed=0), outcome([False] * 10, "bad", seed=1), first, second)
    assert found.shipped is first
    assert found.model is first.learned.model


def test_the_card_says_where_weights_began():
    assert result(outcome([True], "probe")).card.weights == "somewhere.pth"
    assert result(outcome([True], "scratch")).card.weights == ""


def test_without_a_network_nothing_is_shipped():
    knn = outcome([True], "knn")
    found = result(replace(knn, learned=replace(knn.learned, model=None)))
    assert (found.recommendation, found.shipped) == (None, None)
    assert found.to_dict()["recommendation"] is None
    with pytest.raises(ConvwrightError, match="the network to ship: expected a strategy that makes one, got knn"):
        found.model  # noqa: B018
