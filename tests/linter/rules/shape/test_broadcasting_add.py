import torch
from torch import nn

from convwright.linter import lint


def adds(net, shape=(2, 8, 16, 16)):
    return [finding for finding in lint(net, shape).findings if finding.code == "CW105"]


class Sum(nn.Module):
    """One branch of the input plus another."""

    def __init__(self, first, second):
        super().__init__()
        self.first, self.second = first, second

    def forward(self, x):
        return self.first(x) + self.second(x)


def test_a_pooled_context_is_meant_to_be_spread():
    context = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(8, 8, 1))
    assert not adds(Sum(nn.Identity(), context))


def test_a_convolution_of_the_whole_map_is_a_pool():
    assert not adds(Sum(nn.Identity(), nn.Conv2d(8, 8, 16)))


def test_attention_of_channels_and_of_positions_may_be_added():
    assert not adds(Sum(nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Conv2d(8, 8, 1)), nn.Conv2d(8, 1, 3, padding=1)))


def test_scale_and_shift_from_one_context():
    class Modulated(nn.Module):
        def forward(self, x):
            context = x.mean((2, 3), keepdim=True)
            return x * context + context

    assert not adds(Modulated())


def test_a_parameter_is_spread():
    class Shifted(nn.Module):
        def __init__(self):
            super().__init__()
            self.shift = nn.Parameter(torch.zeros(1, 8, 1, 1))

        def forward(self, x):
            return x + self.shift

    assert not adds(Shifted())


def test_a_branch_that_was_strided_down_to_one_position():
    branch = nn.Sequential(nn.Conv2d(8, 8, 3, stride=2, padding=1), nn.Conv2d(8, 8, 3, stride=2, padding=1))
    (finding,) = adds(Sum(nn.Conv2d(8, 8, 1), branch), (2, 8, 4, 4))
    assert "(2, 8, 1, 1) to (2, 8, 4, 4)" in finding.message
