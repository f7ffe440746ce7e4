import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from convwright.errors import ConvwrightError
from convwright.layers import GatedPool2d
from reference.pooling import Pool, average_pool, max_pool, mixed_pool
from reference.strategies import pooled_maps, torch_arguments


def gate_by_definition(x: np.ndarray, window: Pool, mask: np.ndarray) -> np.ndarray:
    """sigmoid(w . window) with zeros where a window leaves the map; `mask` is (channels or 1, 1, height, width)."""
    gates = np.zeros((*x.shape[:2], *window.output_shape(x[0, 0])))
    for n, c, row, column in np.ndindex(*gates.shape):
        top, left = window.starts(0, x.shape[2])[row], window.starts(1, x.shape[3])[column]
        score = 0.0
        for i, j in np.ndindex(*window.kernel_size):
            if 0 <= top + i < x.shape[2] and 0 <= left + j < x.shape[3]:
                score += mask[c % len(mask), 0, i, j] * x[n, c, top + i, left + j]
        gates[n, c, row, column] = 1 / (1 + np.exp(-score))
    return gates


@given(pooled_maps(), st.booleans())
def test_definition(case, per_channel):
    window, x = case
    pool = GatedPool2d(**torch_arguments(window), channels=x.shape[1] if per_channel else None).double()
    torch.nn.init.normal_(pool.weight)
    largest, average = max_pool(x, window), average_pool(x, window)
    gate = gate_by_definition(x, window, pool.weight.detach().numpy())
    torch.testing.assert_close(pool(torch.from_numpy(x)), torch.from_numpy(gate * largest + (1 - gate) * average))


@given(pooled_maps())
def test_an_empty_mask_opens_every_gate_by_half(case):
    window, x = case
    ours = GatedPool2d(**torch_arguments(window)).double()(torch.from_numpy(x))
    torch.testing.assert_close(ours, torch.from_numpy(mixed_pool(x, window, 0.5)))


def test_a_mask_comes_back_to_zero():
    pool = GatedPool2d((2, 3), channels=4)
    assert pool.weight.shape == (4, 1, 2, 3)
    torch.nn.init.ones_(pool.weight)
    pool.reset_parameters()
    assert not pool.weight.any()


def test_the_mask_learns_from_the_first_step():
    pool = GatedPool2d(2)
    pool(torch.randn(2, 3, 6, 6)).sum().backward()
    assert (pool.weight.grad != 0).all()


def test_bad_input():
    with pytest.raises(ConvwrightError, match=r"^channels: expected at least 1, got 0$"):
        GatedPool2d(2, channels=0)
    with pytest.raises(ConvwrightError, match=r"the input of GatedPool2d: expected 8 channels, got 3$"):
        GatedPool2d(2, channels=8)(torch.zeros(1, 3, 4, 4))
