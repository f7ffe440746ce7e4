import pytest
import torch
from hypothesis import given

from convwright.errors import ConvwrightError
from convwright.layers import MaxPool2d
from reference.pooling import max_pool
from reference.strategies import pooled_maps, torch_arguments


@given(pooled_maps(dilated=True))
def test_definition(case):
    window, x = case
    ours = MaxPool2d(dilation=window.dilation, **torch_arguments(window))(torch.from_numpy(x))
    torch.testing.assert_close(ours, torch.from_numpy(max_pool(x, window)))


def test_indices_can_still_be_asked_for():
    values, indices = MaxPool2d(2, return_indices=True)(torch.tensor([[[[0.0, 1.0], [3.0, 2.0]]]]))
    assert (values.item(), indices.item()) == (3.0, 2)


def test_a_map_too_small_is_named():
    with pytest.raises(ConvwrightError, match=r"window is larger than its map: expected at least 3 px .* got 2 px"):
        MaxPool2d(3)(torch.zeros(1, 1, 5, 2))
