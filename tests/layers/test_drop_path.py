import pytest
import torch
from torchvision.ops import StochasticDepth

from convwright.errors import ConvwrightError
from convwright.layers import DropPath


def drop(p, seed=0):
    return DropPath(p, generator=torch.Generator().manual_seed(seed))


def test_whole_samples_are_dropped_and_the_rest_scaled():
    y = drop(0.25)(torch.ones(64, 3, 2, 2)).flatten(1)
    assert torch.equal(y.amax(1), y.amin(1))
    torch.testing.assert_close(y[:, 0].unique(), torch.tensor([0.0, 4 / 3]))


@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
def test_the_expectation_is_the_input(p):
    times = 100_000
    mean = drop(p)(torch.ones(times, 1)).mean().item()
    deviation = (p / (1 - p) / times) ** 0.5  # of a scaled Bernoulli variable's mean
    assert abs(mean - 1) < 4 * deviation


def test_nothing_happens_in_eval_or_at_zero():
    x = torch.randn(8, 3)
    assert drop(0.5).eval()(x) is x
    assert drop(0.0)(x) is x


def test_torchvision_drops_with_the_same_values():
    x = torch.ones(1000, 2)
    ours, theirs = (layer(x).unique() for layer in (drop(0.2), StochasticDepth(0.2, "row")))
    torch.testing.assert_close(ours, theirs)
    assert ours.tolist() == [0.0, 1.25]


def test_a_generator_makes_draws_reproducible_and_leaves_the_global_one_alone():
    x = torch.ones(100, 1)
    before = torch.get_rng_state()
    assert torch.equal(drop(0.5, 1)(x), drop(0.5, 1)(x))
    assert not torch.equal(drop(0.5, 1)(x), drop(0.5, 2)(x))
    assert torch.equal(before, torch.get_rng_state())


def test_the_dtype_stays():
    assert drop(0.5)(torch.ones(4, 1, dtype=torch.bfloat16)).dtype is torch.bfloat16


@pytest.mark.parametrize("p", [1, -0.1, 2])
def test_bad_input(p):
    with pytest.raises(ConvwrightError, match=f"^drop_path: expected a fraction .*, got {p}$"):
        DropPath(p)


def test_repr_shows_the_probability():
    assert repr(DropPath(0.2)) == "DropPath(p=0.2)"
