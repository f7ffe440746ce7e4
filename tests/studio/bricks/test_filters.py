"""Filters do what they are called, at any size."""

import numpy as np
import pytest
import torch
from scipy import ndimage

from convwright.errors import ConvwrightError
from convwright.studio.bricks.filters import FILTERS, filter_of


@pytest.mark.parametrize("size", range(1, 10))
@pytest.mark.parametrize("name", FILTERS)
def test_sums_say_what_a_flat_picture_becomes(name, size):
    if size == 1 and ("edges" in name or name == "outline"):
        with pytest.raises(ConvwrightError, match=f"a filter for {name}: expected a kernel_size of at least 2, got 1"):
            filter_of(name, size)
        return
    weights = filter_of(name, size)
    assert weights.shape == (size, size)
    total = 0.0 if "edges" in name or name == "outline" else 1.0
    assert weights.sum().item() == pytest.approx(total, abs=1e-6)


def test_edges_are_sobel_s():
    image = np.random.default_rng(0).random((9, 11)).astype(np.float32)
    for name, axis in (("vertical edges", 1), ("horizontal edges", 0)):
        ours = torch.nn.functional.conv2d(torch.tensor(image)[None, None], filter_of(name, 3)[None, None])
        assert np.allclose(ours[0, 0], ndimage.sobel(image, axis)[1:-1, 1:-1] / 4, atol=1e-6)


@pytest.mark.parametrize("size", range(2, 10))
def test_a_step_from_black_to_white_is_one(size):
    steps = torch.zeros(1, 1, size, 4 * size)
    steps[..., 2 * size :] = 1
    found = torch.nn.functional.conv2d(steps, filter_of("vertical edges", size)[None, None])
    assert found.max().item() == pytest.approx(1.0)
