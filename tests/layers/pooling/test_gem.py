import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from convwright.errors import ConvwrightError
from convwright.layers import GeMPool2d
from reference.pooling import lp_mean_pool
from reference.strategies import maps, pooled_maps, torch_arguments


@given(pooled_maps(), st.sampled_from([1.0, 3.0, 8.0]))
def test_definition_over_windows(case, p):
    window, x = case
    ours = GeMPool2d(**torch_arguments(window), p=p).double()(torch.from_numpy(x))
    torch.testing.assert_close(ours, torch.from_numpy(lp_mean_pool(x.clip(min=0), window, p)))


@given(maps(), st.sampled_from([1.0, 3.0, 8.0]))
def test_definition_over_the_whole_map(x, p):
    """Radenovic et al. 2018, equation 2."""
    ours = GeMPool2d(p=p).double()(torch.from_numpy(x))
    expected = (x.clip(min=0) ** p).mean((2, 3), keepdims=True) ** (1 / p)
    torch.testing.assert_close(ours, torch.from_numpy(expected))


def test_p_is_learned_and_comes_back():
    pool = GeMPool2d()
    pool(torch.rand(2, 3, 5, 5)).sum().backward()
    assert pool.p.grad > 0  # a larger power is nearer to the maximum
    torch.nn.init.constant_(pool.p, 9.0)
    pool.reset_parameters()
    assert pool.p.item() == 3


@pytest.mark.parametrize("scale", [0.0, 1e-40, 1.0, 1e6])
def test_output_and_gradients_are_finite(scale):
    x = (torch.randn(2, 3, 7, 7) * scale).requires_grad_()
    pool = GeMPool2d(p=10.0)
    y = pool(x)
    y.sum().backward()
    assert y.isfinite().all()
    assert x.grad.isfinite().all()
    assert pool.p.grad.isfinite()


def test_bad_input():
    with pytest.raises(ConvwrightError, match=r"^kernel_size: expected at least 1, got 0$"):
        GeMPool2d(0)
    with pytest.raises(ConvwrightError, match=r"^p: expected at least 1, got 0\.5$"):
        GeMPool2d(p=0.5)
