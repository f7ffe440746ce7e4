import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare

from convwright.layers import StochasticPool2d
from reference.pooling import Pool, pool, stochastic_expectation
from reference.strategies import pooled_maps, torch_arguments


def values_of_windows(x: np.ndarray, window: Pool) -> dict[tuple[int, ...], set[float]]:
    """What may be drawn at each output position: the positive values of its window, or zero if there is none."""
    allowed: dict[tuple[int, ...], set[float]] = {}
    for n, c in np.ndindex(*x.shape[:2]):
        for row, column, values, _count, _padded in window.windows(x[n, c]):
            allowed[n, c, row, column] = {float(v) for v in values if v > 0} or {0.0}
    return allowed


@given(pooled_maps())
def test_eval_is_the_expectation(case):
    window, x = case
    ours = StochasticPool2d(**torch_arguments(window)).eval()(torch.from_numpy(x))
    torch.testing.assert_close(ours, torch.from_numpy(stochastic_expectation(x, window)))


@given(pooled_maps(), st.integers(0, 2**31))
def test_train_draws_a_positive_value_of_the_window(case, seed):
    window, x = case
    generator = torch.Generator().manual_seed(seed)
    drawn = StochasticPool2d(**torch_arguments(window), generator=generator)(torch.from_numpy(x))
    allowed = values_of_windows(x, window)
    assert drawn.shape == pool(x, window, lambda *_: 0.0).shape
    assert all(drawn[place].item() in values for place, values in allowed.items())


def draws(values: list[float], times: int, seed: int) -> torch.Tensor:
    window = torch.tensor(values).view(1, 1, 1, -1).expand(times, -1, -1, -1)
    return StochasticPool2d((1, len(values)), generator=torch.Generator().manual_seed(seed))(window).flatten()


@pytest.mark.parametrize("values", [[1.0, 2.0, 3.0, 4.0], [0.5, -3.0, 0.0, 8.0, 1.5], [1e-3, 1.0]])
def test_frequencies_match_the_probabilities(values):
    """A chi-square test at a fixed seed; 1 in 1000 of the seeds would fail a right layer, none a fixed one."""
    times = 40_000
    drawn = draws(values, times, seed=3)
    positive = [value for value in values if value > 0]
    observed = [(drawn == value).sum().item() for value in positive]
    assert sum(observed) == times
    assert chisquare(observed, [times * value / sum(positive) for value in positive]).pvalue > 1e-3


@pytest.mark.parametrize(("uniform", "chosen"), [(0.0, 2.0), (1 - 2**-24, 3.0)])
def test_the_ends_of_the_draw_never_choose_a_zero(monkeypatch, uniform, chosen):
    """torch.rand gives 0, and at most the float32 before 1; zeros stand first and last in this window."""
    monkeypatch.setattr(torch, "rand", lambda *shape, **_: torch.full(*shape, uniform))
    window = torch.tensor([-1.0, 0.0, 2.0, 3.0, 0.0, -4.0]).view(1, 1, 2, 3)
    assert StochasticPool2d((2, 3))(window).item() == chosen


def test_the_mean_of_many_draws_is_the_eval_output():
    x = torch.rand(1, 2, 4, 4)
    layer = StochasticPool2d(2, generator=torch.Generator().manual_seed(0))
    mean = layer(x.expand(20_000, -1, -1, -1)).mean(0)
    # Values in 0..1 spread by at most 1/2, so the mean of 20 000 by 0.0036; four of those.
    torch.testing.assert_close(mean, layer.eval()(x)[0], atol=0.015, rtol=0)


@pytest.mark.parametrize("training", [True, False])
def test_a_window_without_a_positive_value_gives_zero_and_no_gradient(training):
    x = torch.tensor([[0.0, 0.0, -1.0, -2.0], [0.0, 0.0, -3.0, -0.5]]).view(1, 1, 2, 4).requires_grad_()
    y = StochasticPool2d(2).train(training)(x)
    assert y.tolist() == [[[[0.0, 0.0]]]]
    y.sum().backward()
    assert x.grad.isfinite().all()
    assert not x.grad[x < 0].any()


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("scale", [1e-40, 1e-30, 1.0, 1e30])
def test_gradients_are_finite_at_every_scale(training, scale):
    x = (torch.randn(2, 3, 7, 7) * scale).requires_grad_()
    y = StochasticPool2d(3, 2, 1).train(training)(x)
    y.sum().backward()
    assert y.isfinite().all()
    assert x.grad.isfinite().all()


def test_the_gradient_reaches_what_was_drawn():
    x = torch.rand(1, 1, 2, 2).requires_grad_()
    y = StochasticPool2d(2)(x)
    y.backward()
    assert torch.equal(x.grad, (x == y).float())


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_neither_overflows_nor_vanishes(dtype):
    """The squares of these are beyond what float16 holds at either end."""
    for value in (1e-4, 300.0):
        y = StochasticPool2d(2).eval()(torch.full((1, 1, 2, 2), value, dtype=dtype))
        assert y.item() == pytest.approx(value, rel=1e-2)


def test_a_generator_makes_draws_reproducible_and_leaves_the_global_one_alone():
    x = torch.rand(2, 3, 8, 8)
    before = torch.get_rng_state()
    first, second = (StochasticPool2d(2, generator=torch.Generator().manual_seed(7))(x) for _ in range(2))
    assert torch.equal(first, second)
    assert torch.equal(before, torch.get_rng_state())
    assert not torch.equal(first, StochasticPool2d(2, generator=torch.Generator().manual_seed(8))(x))


def test_without_a_generator_the_global_one_draws():
    x, layer = torch.rand(2, 3, 8, 8), StochasticPool2d(2)
    drawn = []
    for _ in range(2):
        torch.manual_seed(5)
        drawn.append(layer(x))
    assert torch.equal(*drawn)
    assert not torch.equal(drawn[0], layer(x))
