"""What of a result is shipped, and what stands in for it where nothing can be."""

from dataclasses import replace

import pytest

from convwright.errors import ConvwrightError
from reference.outcomes import outcome, transfer_result


def test_the_first_seed_of_the_recommended_strategy_is_shipped_whatever_the_others_reached():
    first, second = outcome([True, False] * 5, "probe", seed=0), outcome([True] * 10, "probe", seed=1)
    found = transfer_result(outcome([False] * 10, "bad", seed=0), outcome([False] * 10, "bad", seed=1), first, second)
    assert found.shipped is first
    assert found.model is first.result.model


def test_the_card_says_where_weights_began():
    assert transfer_result(outcome([True], "probe")).card.weights == "somewhere.pth"
    assert transfer_result(outcome([True], "scratch")).card.weights == ""


def test_without_a_network_nothing_is_shipped():
    knn = outcome([True], "knn")
    found = transfer_result(replace(knn, result=replace(knn.result, model=None)))
    assert (found.recommendation, found.shipped) == (None, None)
    assert found.to_dict()["recommendation"] is None
    with pytest.raises(ConvwrightError, match="the network to ship: expected a strategy that makes one, got knn"):
        found.model  # noqa: B018
