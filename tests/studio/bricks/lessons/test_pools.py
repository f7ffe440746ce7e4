"""Poolings side by side: each is its layer, and they are ordered as theory says."""

import re

import pytest
import torch
from torch import nn

from convwright.layers import poolings
from convwright.studio.bricks.fragments import stage
from convwright.studio.bricks.layers import window_poolings
from convwright.studio.bricks.lessons.pools import brightness, pooled, pooled_whole
from convwright.studio.bricks.pixels import tensor_of
from convwright.studio.bricks.state import read_lesson
from convwright.studio.shared.photographs import Photographs


@pytest.fixture(scope="module")
def x():
    return tensor_of(Photographs().get("chelsea"), 96)


def test_poolings_keep_the_order_that_theory_gives(x):
    maps = pooled(x, kernel_size=4, stride=4, padding=0, mix=0.5, p=3.0)
    assert set(maps) == {*window_poolings(), "stochastic, one draw"}
    assert torch.equal(maps["max"], nn.functional.max_pool2d(x, 4))
    for name in ("average", "lp", "stochastic", "mixed", "gem", "gated"):
        assert (maps[name] <= maps["max"] + 1e-6).all(), name
        assert (maps[name] >= maps["average"] - 1e-6).all(), name
    mean, largest, deviation = brightness(maps["max"]).values()
    assert (mean, largest) == (maps["max"].mean().item(), maps["max"].max().item())
    assert deviation == pytest.approx(float(maps["max"].numpy().std()), rel=1e-4)


def test_a_draw_is_a_value_of_its_window_and_the_same_each_time(x):
    drawn, again = (pooled(x, kernel_size=3, stride=3, padding=0)["stochastic, one draw"] for _ in range(2))
    assert torch.equal(drawn, again)
    windows = nn.functional.unfold(x, 3, stride=3).view(3, 9, -1)
    assert (windows == drawn.view(3, 1, -1)).any(1).all()
    assert not torch.equal(drawn, nn.functional.max_pool2d(x, 3))


def test_the_whole_map_becomes_its_mean(x):
    ((name, map_),) = pooled_whole(x).items()
    assert name == "global_average"
    assert torch.equal(map_, x.mean((2, 3), keepdim=True))


def test_lp_goes_from_average_to_max(x):
    def mean(p):
        maps = pooled(x, kernel_size=4, stride=4, padding=0, p=p)
        return [maps[name].mean().item() for name in ("lp", "average", "max")]

    low, average, largest = mean(1.0)
    assert low == pytest.approx(average, rel=1e-5)
    assert low < mean(3.0)[0] < mean(20.0)[0] < largest


def test_poolings_come_with_their_words_and_the_brightest_first():
    text = stage(read_lesson({"lesson": "pools"}), Photographs().get("rocket"))
    means = [float(value) for value in re.findall(r"<dt>mean</dt><dd>([\d.]+)", text)][1:-1]
    assert means == sorted(means, reverse=True)
    for name, brick in poolings().items():
        assert f"<h2>{name.replace('_', ' ')} " in text
        assert brick.downside in text
