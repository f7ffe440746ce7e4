"""A shift by a pixel: what is lost is what theory says."""

import pytest
import torch

from convwright import units
from convwright.studio.bricks.fragments import stage
from convwright.studio.bricks.lessons.shift import shifted
from convwright.studio.bricks.pixels import tensor_of
from convwright.studio.bricks.state import read_lesson
from convwright.studio.shared.photographs import Photographs


@pytest.fixture(scope="module")
def x():
    return tensor_of(Photographs().get("chelsea"), 96)


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


def test_a_shift_is_said_in_percent():
    image = Photographs().get("rocket")
    text = stage(read_lesson({"lesson": "shift", "shift": "3"}), image)
    found = shifted(tensor_of(image), "vertical edges", **options(shift=3))
    for one in found:
        assert f">{units.percent(one.change)}</td>" in text
        assert f">{units.percent(one.left)}</td>" in text
    assert "moved by 3 px" in text
    still = stage(read_lesson({"lesson": "shift", "shift": "0"}), image)
    assert still.count(">0.0 %</td>") == 2 * len(found)
