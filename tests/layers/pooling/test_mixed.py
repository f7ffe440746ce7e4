import math

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from convwright.errors import ConvwrightError
from convwright.layers import MixedPool2d
from reference.pooling import mixed_pool
from reference.strategies import pooled_maps, torch_arguments


@given(pooled_maps(), st.floats(0, 1))
def test_definition(case, mix):
    window, x = case
    ours = MixedPool2d(**torch_arguments(window), mix=mix)(torch.from_numpy(x))
    torch.testing.assert_close(ours, torch.from_numpy(mixed_pool(x, window, mix)))


def test_the_ends_are_average_and_max():
    x = torch.randn(2, 3, 7, 8)
    torch.testing.assert_close(MixedPool2d(3, 2, 1, mix=0)(x), F.avg_pool2d(x, 3, 2, 1))
    torch.testing.assert_close(MixedPool2d(3, 2, 1, mix=1)(x), F.max_pool2d(x, 3, 2, 1))


def test_a_fixed_mix_has_no_parameters():
    assert list(MixedPool2d(2).parameters()) == []


@pytest.mark.parametrize("learned", ["layer", "channel"])
def test_a_learned_mix_starts_where_it_is_told(learned):
    pool = MixedPool2d(2, mix=0.3, learned=learned, channels=5)
    assert pool.mix.shape == ((5, 1, 1) if learned == "channel" else ())
    torch.testing.assert_close(pool.mix, torch.full_like(pool.mix, 0.3))


def test_a_learned_mix_stays_between_0_and_1_and_comes_back():
    pool = MixedPool2d(2, mix=0.3, learned="layer")
    torch.nn.init.constant_(pool.logit, 4.0)
    assert pool.mix.item() == pytest.approx(1 / (1 + math.exp(-4)))
    pool.reset_parameters()
    assert pool.mix.item() == pytest.approx(0.3)


def test_each_channel_mixes_by_itself():
    pool = MixedPool2d(2, learned="channel", channels=2)
    with torch.no_grad():
        pool.logit.copy_(torch.tensor([0.0, math.log(3)])[:, None, None])  # mixes of 1/2 and 3/4
    x = torch.tensor([[0.0, 0.0], [0.0, 4.0]]).expand(1, 2, 2, 2)
    torch.testing.assert_close(pool(x).flatten(), torch.tensor([2.5, 3.25]))


def test_the_gradient_of_the_mix_is_the_gap_between_max_and_average():
    pool = MixedPool2d(2, learned="channel", channels=2)
    x = torch.randn(3, 2, 4, 4)
    pool(x).sum().backward()
    gap = (F.max_pool2d(x, 2) - F.avg_pool2d(x, 2)).sum((0, 2, 3))
    torch.testing.assert_close(pool.logit.grad.flatten(), gap / 4)  # the slope of a sigmoid at 1/2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"mix": 1.5}, r"^mix: expected 0\.\.1.*, got 1\.5$"),
        ({"mix": -0.1}, r"^mix: .* got -0\.1$"),
        ({"mix": float("nan")}, r"^mix: .* got nan$"),
        ({"mix": 1, "learned": "layer"}, "^mix: .* strictly inside where it is learned, got 1$"),
        ({"learned": "channel"}, "^learned='channel' without channels; say how many"),
        ({"learned": "channel", "channels": 0}, "^channels: expected at least 1, got 0$"),
        ({"learned": "pixel"}, "^unknown learned 'pixel': expected one of channel, layer"),
    ],
)
def test_bad_input(arguments, message):
    with pytest.raises(ConvwrightError, match=message):
        MixedPool2d(2, **arguments)


def test_another_number_of_channels_is_refused_not_broadcast():
    pool = MixedPool2d(2, learned="channel", channels=8)
    for channels in (1, 4):
        with pytest.raises(ConvwrightError, match=f"the input of MixedPool2d: expected 8 channels, got {channels}$"):
            pool(torch.zeros(1, channels, 4, 4))
