"""What the lessons say is so."""

import pytest
import torch
from torch import nn

from convwright.layers import downsample_names
from convwright.studio.bricks.layers import window_poolings
from convwright.studio.bricks.lessons import costs_of_halving, halved, shifted, side_by_side, whole_map
from convwright.studio.bricks.pixels import tensor_of
from convwright.studio.shared.photographs import Photographs


@pytest.fixture(scope="module")
def x():
    return tensor_of(Photographs().get("chelsea"), 96)


def test_poolings_keep_the_order_that_theory_gives(x):
    made = {one.name: one for one in side_by_side(x, kernel_size=4, stride=4, padding=0, mix=0.5, p=3.0)}
    assert set(made) == {*window_poolings(), "stochastic, one draw"}
    maps = {name: one.map for name, one in made.items()}
    assert torch.equal(maps["max"], nn.functional.max_pool2d(x, 4))
    for name in ("average", "lp", "stochastic", "mixed", "gem", "gated"):
        assert (maps[name] <= maps["max"] + 1e-6).all(), name
        assert (maps[name] >= maps["average"] - 1e-6).all(), name
    mean, largest, deviation = made["max"].brightness
    assert (mean, largest) == (maps["max"].mean().item(), maps["max"].max().item())
    assert deviation == pytest.approx(float(maps["max"].numpy().std()), rel=1e-4)


def test_a_draw_is_a_value_of_its_window_and_the_same_each_time(x):
    drawn, again = (
        {one.name: one.map for one in side_by_side(x, kernel_size=3, stride=3, padding=0)}["stochastic, one draw"]
        for _ in range(2)
    )
    assert torch.equal(drawn, again)
    windows = nn.functional.unfold(x, 3, stride=3).view(3, 9, -1)
    assert (windows == drawn.view(3, 1, -1)).any(1).all()
    assert not torch.equal(drawn, nn.functional.max_pool2d(x, 3))


def test_the_whole_map_becomes_its_mean(x):
    (found,) = whole_map(x)
    assert found.name == "global_average"
    assert torch.equal(found.map, x.mean((2, 3), keepdim=True))


def test_lp_goes_from_average_to_max(x):
    def mean(p):
        made = {one.name: one for one in side_by_side(x, kernel_size=4, stride=4, padding=0, p=p)}
        return made["lp"].brightness[0], made["average"].brightness[0], made["max"].brightness[0]

    low, average, largest = mean(1.0)
    assert low == pytest.approx(average, rel=1e-5)
    assert low < mean(3.0)[0] < mean(20.0)[0] < largest


def test_every_way_halves_and_a_pool_costs_four_times(x):
    made, costs = halved(x, "outline"), costs_of_halving()
    assert [one.name for one in made] == list(costs) == list(downsample_names())
    assert len({one.map.shape for one in made}) == 1
    parameters = 64 * 128 * 9 + 2 * 128
    assert costs["strided"].parameters == costs["max"].parameters == costs["average"].parameters == parameters
    assert costs["strided"].macs == 64 * 128 * 9 * 16 * 16
    assert costs["max"].macs == costs["average"].macs == 4 * costs["strided"].macs


def options(**more):
    return {"shift": 1, "kernel_size": 3, "stride": 2, "mix": 0.5, "p": 3.0} | more


def test_a_shift_by_the_stride_leaves_nothing(x):
    for stride, shift in ((2, 2), (3, 3), (2, 4), (1, 1)):
        for one in shifted(x, "vertical edges", **options(stride=stride, shift=shift)):
            assert one.left == pytest.approx(0, abs=1e-6), (one.name, stride, shift)
            assert one.change > 0


def test_no_shift_changes_nothing(x):
    for one in shifted(x, "outline", **options(shift=0)):
        assert (one.change, one.left) == (0, 0)
        assert not one.difference.any()


def test_on_a_straight_line_moving_back_leaves_nothing():
    ramp = torch.arange(64.0).expand(1, 3, 32, 64) / 64
    found = {one.name: one for one in shifted(ramp, "leave as it is", **options())}
    for name in ("average", "max", "blur", "strided convolution", "max, then blur"):
        assert found[name].left == pytest.approx(0, abs=1e-5), name
    # Half a place of 2/64 each, against a ramp of 30 places: its deviation is 2/64 sqrt((n^2 - 1) / 12).
    columns = found["average"].before.shape[3]
    expected = 0.5 / ((columns**2 - 1) / 12) ** 0.5
    assert found["average"].change == pytest.approx(expected, rel=1e-4)


def test_the_blur_after_the_max_bears_a_shift_best_and_the_strided_convolution_worst():
    for picture in ("chelsea", "coffee", "rocket"):
        first, *others = shifted(tensor_of(Photographs().get(picture)), "vertical edges", **options())
        assert first.name == "convolution, nothing skipped"
        assert first.left == pytest.approx(0, abs=1e-6)
        assert [one.change for one in others] == sorted(one.change for one in others)
        left = {one.name: one.left for one in others}
        assert min(left, key=left.get) == "max, then blur"
        assert max(left, key=left.get) == "strided convolution"
