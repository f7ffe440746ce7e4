import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from convwright.errors import ConvwrightError
from convwright.layers import LpPool2d
from reference.pooling import lp_mean_pool, max_pool
from reference.strategies import pooled_maps, torch_arguments

POWERS = [1.0, 1.5, 2.0, 2.7, 3.0, 7.0, 10.0, 20.0, 50.0]


@given(pooled_maps(), st.sampled_from(POWERS) | st.floats(1, 12), st.booleans())
def test_definition(case, p, learned):
    window, x = case
    pool = LpPool2d(**torch_arguments(window), p=p, learned=learned).double()
    exponent = pool.p.item() if learned else p  # a parameter is made in float32
    torch.testing.assert_close(pool(torch.from_numpy(x)), torch.from_numpy(lp_mean_pool(x, window, exponent)))


def test_the_mean_where_torch_takes_the_sum():
    x = torch.rand(2, 3, 8, 8, dtype=torch.double)
    for p in (1, 2, 3.5):
        torch.testing.assert_close(LpPool2d(2, p=p)(x) * 4 ** (1 / p), torch.nn.LPPool2d(p, 2)(x))


def test_p_of_one_is_the_average_of_magnitudes():
    x = torch.randn(2, 3, 7, 8)
    torch.testing.assert_close(LpPool2d(3, 2, 1, p=1)(x), F.avg_pool2d(x.abs(), 3, 2, 1))


@given(pooled_maps())
def test_a_growing_p_climbs_to_the_maximum(case):
    """The power mean M_p is between max * N^(-1/p) and max, and grows with p."""
    window, x = case
    largest = torch.from_numpy(max_pool(abs(x), window))
    last, count = torch.zeros_like(largest), window.kernel_size[0] * window.kernel_size[1]
    for p in (1, 4, 50, 400):
        y = LpPool2d(**torch_arguments(window), p=p)(torch.from_numpy(x))
        assert (y >= last - 1e-12).all()
        assert (y <= largest + 1e-12).all()
        assert (y >= largest * count ** (-1 / p) - 1e-12).all()
        last = y


@pytest.mark.parametrize("p", [20, 50])
def test_a_faint_window_beside_a_strong_one_does_not_vanish(p):
    x = torch.full((1, 1, 2, 4), 1e-3)
    x[..., :2] = 1.0
    torch.testing.assert_close(LpPool2d(2, p=p)(x), torch.tensor([[[[1.0, 1e-3]]]]))


@pytest.mark.parametrize("p", POWERS)
@pytest.mark.parametrize("learned", [False, True])
@pytest.mark.parametrize("scale", [0.0, 1e-40, 1e-20, 1.0, 1e6, 1e30])
def test_output_and_gradients_are_finite(p, learned, scale):
    x = torch.randn(2, 3, 7, 7) * scale
    x[0, 0], x[1, :, ::2] = 0, 0
    x.requires_grad_()
    pool = LpPool2d(3, 2, 1, p=p, learned=learned)
    y = pool(x)
    y.sum().backward()
    assert y.isfinite().all()
    assert x.grad.isfinite().all()
    if learned:
        assert pool.p.grad.isfinite()


@pytest.mark.parametrize("p", POWERS)
def test_a_power_changes_with_the_scale_of_its_input(p):
    """M_p(s x) = s M_p(x), in float32 up to the largest activations anybody has."""
    x = torch.rand(2, 3, 6, 6) + 0.1
    pool = LpPool2d(2, p=p)
    for scale in (1e-6, 1e6):
        torch.testing.assert_close(pool(x * scale), pool(x) * scale, rtol=1e-5, atol=0)


def test_the_gradient_of_a_window_of_zeros_is_zero():
    x = torch.zeros(1, 1, 2, 2, requires_grad=True)
    LpPool2d(2, p=2.5)(x).sum().backward()
    assert not x.grad.any()


def test_gradients_match_differences_on_signed_input_and_for_p():
    x = torch.randn(2, 2, 5, 5, dtype=torch.double, requires_grad=True)
    pool = LpPool2d(3, 2, 1, True, p=2.3, learned=True).double()
    assert torch.autograd.gradcheck(lambda x, p: torch.func.functional_call(pool, {"p": p}, x), (x, pool.p))


def test_a_learned_p_below_one_counts_as_one():
    x, pool = torch.randn(1, 2, 6, 6), LpPool2d(2, p=3, learned=True)
    torch.nn.init.constant_(pool.p, 0.2)
    torch.testing.assert_close(pool(x), F.avg_pool2d(x.abs(), 2))
    pool.reset_parameters()
    assert pool.p.item() == 3


@pytest.mark.parametrize("p", [0.5, 0, -1, float("nan")])
def test_bad_input(p):
    with pytest.raises(ConvwrightError, match=f"^p: expected at least 1, got {p}$"):
        LpPool2d(2, p=p)
