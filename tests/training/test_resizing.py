"""Small images are what Pillow makes of them, in the batch's own form."""

import numpy as np
import pytest
import torch
from PIL import Image

from convwright.training.resizing import three_quarters


@pytest.mark.parametrize(("size", "smaller"), [((32, 32), (24, 24)), ((9, 30), (6, 22)), ((1, 2), (1, 1))])
def test_against_pillow(size, smaller):
    image = torch.rand(size)
    by_pillow = Image.fromarray(image.numpy()).resize(smaller[::-1], Image.Resampling.BILINEAR)
    found = three_quarters(image.expand(2, 1, *size))
    assert found.shape == (2, 1, *smaller)
    np.testing.assert_allclose(found[1, 0].numpy(), np.asarray(by_pillow), atol=1e-6)


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_precision_and_memory_format_stay(layout):
    images = torch.rand(2, 3, 8, 8, dtype=torch.bfloat16).contiguous(memory_format=layout)
    found = three_quarters(images)
    assert found.dtype == torch.bfloat16
    assert found.is_contiguous(memory_format=layout)
