"""The reference is checked too: against torch, which was written by others."""

import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from reference.pooling import Pool, average_pool, lp_mean_pool, max_pool
from reference.strategies import pooled_maps, torch_arguments


@given(pooled_maps(dilated=True))
def test_torch_agrees_on_the_maximum(case):
    window, x = case
    theirs = F.max_pool2d(torch.from_numpy(x), dilation=window.dilation, **torch_arguments(window))
    torch.testing.assert_close(theirs, torch.from_numpy(max_pool(x, window)))


@given(pooled_maps(), st.booleans())
def test_torch_agrees_on_the_average(case, count_include_pad):
    window, x = case
    theirs = F.avg_pool2d(torch.from_numpy(x), count_include_pad=count_include_pad, **torch_arguments(window))
    torch.testing.assert_close(theirs, torch.from_numpy(average_pool(x, window, count_include_pad=count_include_pad)))


def test_by_hand():
    x = torch.tensor([[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]]]).numpy()
    window = Pool(kernel_size=(2, 2), stride=(2, 2), ceil_mode=True)
    assert max_pool(x, window).tolist() == [[[[5.0, 6.0]]]]
    assert average_pool(x, window).tolist() == [[[[3.0, 4.5]]]]
    assert lp_mean_pool(x, window, 1).tolist() == [[[[3.0, 4.5]]]]
