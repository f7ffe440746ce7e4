from torch import nn

from convwright.layers.pooling.stochastic import StochasticPool2d
from convwright.linter import lint


def signed(*layers):
    return [f for f in lint(nn.Sequential(*layers), (2, 3, 16, 16)).findings if f.code == "CW704"]


def test_rectified_values_pass_through_silent_ops():
    assert not signed(nn.ReLU(), nn.Dropout(), nn.MaxPool2d(2), StochasticPool2d(2))


def test_a_norm_behind_the_activation_gives_signed_values():
    (finding,) = signed(nn.ReLU(), nn.BatchNorm2d(3), StochasticPool2d(2))
    assert (finding.path, finding.message) == ("2", "draws from `1`, whose values may be negative")
