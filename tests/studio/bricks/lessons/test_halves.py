"""Ways to halve a map: alike in size, and as costly as the analyzer counts."""

import pytest

from convwright import units
from convwright.layers import downsample_names
from convwright.studio.bricks.fragments import stage
from convwright.studio.bricks.lessons.halves import costs, halved
from convwright.studio.bricks.pixels import tensor_of
from convwright.studio.bricks.state import read_lesson
from convwright.studio.shared.photographs import Photographs


@pytest.fixture(scope="module")
def x():
    return tensor_of(Photographs().get("chelsea"), 96)


def test_every_way_halves_and_a_pool_costs_four_times(x):
    found = halved(x, "outline")
    assert list(found) == list(costs()) == list(downsample_names())
    assert len({map_.shape for map_ in found.values()}) == 1
    parameters, macs = 64 * 128 * 9 + 2 * 128, 64 * 128 * 9 * 16 * 16
    assert costs()["strided"] == (parameters, macs)
    assert costs()["max"] == costs()["average"] == (parameters, 4 * macs)


def test_costs_are_those_of_the_layers():
    text = stage(read_lesson({"lesson": "halves"}), Photographs().get("rocket"))
    assert "costs 4.00 times the MACs" in text
    for parameters, macs in costs().values():
        assert f"<dd>{parameters:,}</dd>" in text
        assert f"<dd>{units.count(macs)}</dd>" in text
