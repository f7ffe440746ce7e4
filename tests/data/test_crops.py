"""Random crops, against torchvision's."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ks_2samp
from torchvision.transforms import v2

from convwright.data.crops import crop_boxes, crop_numbers, cropped


def numbers(number, seed=0):
    return crop_numbers(number, torch.Generator().manual_seed(seed))


@given(st.integers(1, 300), st.integers(1, 300), st.floats(0, 1), st.integers(0, 99))
def test_boxes_lie_within_the_image(height, width, least, seed):
    tops, lefts, heights, widths = crop_boxes(numbers(20, seed), height, width, least).unbind(1)
    assert (tops >= 0).all()
    assert (lefts >= 0).all()
    assert (heights >= 1).all()
    assert (widths >= 1).all()
    assert (tops + heights <= height).all()
    assert (lefts + widths <= width).all()


@pytest.mark.parametrize(("height", "width", "least"), [(60, 80, 0.08), (200, 50, 0.08), (100, 100, 0.5)])
def test_boxes_are_drawn_as_torchvision_draws_them(height, width, least):
    theirs = v2.RandomResizedCrop(32, scale=(least, 1.0))
    torch.manual_seed(0)
    names = ("top", "left", "height", "width")
    drawn = [theirs.make_params([torch.empty(3, height, width)]) for _ in range(3000)]
    ours = crop_boxes(numbers(3000), height, width, least)
    for column, name in enumerate(names):
        assert ks_2samp(ours[:, column].tolist(), [box[name] for box in drawn]).pvalue > 0.001


@pytest.mark.parametrize(("height", "width"), [(1000, 10), (10, 1000), (60, 60)])
def test_what_never_fits_is_the_largest_box_at_the_center(height, width):
    never = torch.full((1, 10, 4), 0.9999, dtype=torch.float64)  # nearly all of the area, 4:3 wide
    theirs = v2.RandomResizedCrop(32, scale=(0.9999, 1.0), ratio=(3 / 4, 4 / 3))
    torch.manual_seed(0)
    if height == width:
        expected = {"top": 0, "left": 0, "height": 60, "width": 60}
    else:
        expected = theirs.make_params([torch.empty(3, height, width)])
    assert crop_boxes(never, height, width, 0.9)[0].tolist() == [
        expected[name] for name in ("top", "left", "height", "width")
    ]


def test_a_crop_of_the_whole_is_the_image():
    image = torch.randint(0, 256, (3, 9, 7), dtype=torch.uint8)
    assert torch.equal(cropped(image, torch.tensor([0, 0, 9, 7]), 9, 7), image)
    assert torch.equal(cropped(image, torch.tensor([2, 1, 4, 5]), 4, 5), image[:, 2:6, 1:6])
    assert cropped(image, torch.tensor([2, 1, 4, 5]), 16, 12).shape == (3, 16, 12)
