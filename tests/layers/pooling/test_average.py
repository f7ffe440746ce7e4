import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from convwright.errors import ConvwrightError
from convwright.layers import AvgPool2d
from reference.pooling import average_pool
from reference.strategies import pooled_maps, torch_arguments


@given(pooled_maps(), st.booleans())
def test_definition(case, count_include_pad):
    window, x = case
    pool = AvgPool2d(**torch_arguments(window), count_include_pad=count_include_pad)
    expected = average_pool(x, window, count_include_pad=count_include_pad)
    torch.testing.assert_close(pool(torch.from_numpy(x)), torch.from_numpy(expected))


def test_a_map_too_small_is_named():
    with pytest.raises(ConvwrightError, match=r"window is larger than its map: expected at least 2 px .* got 1 px"):
        AvgPool2d(2)(torch.zeros(1, 1, 1, 2))
