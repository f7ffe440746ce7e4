"""CW303 knows which activations are idle after which."""

import pytest
from torch import nn

from convwright.linter import Safety
from reference.linting import found


@pytest.mark.parametrize(
    "pair",
    [
        pytest.param((nn.ReLU(), nn.ReLU6()), id="relu6 cuts what relu lets through"),
        pytest.param((nn.ReLU(), nn.Sigmoid()), id="gate"),
        pytest.param((nn.ReLU(), nn.BatchNorm2d(3), nn.ReLU()), id="norm between"),
        pytest.param((nn.LeakyReLU(), nn.ReLU()), id="leaky is negative"),
        pytest.param((nn.ReLU(), nn.AlphaDropout(0.5), nn.ReLU()), id="alpha dropout puts in negatives"),
    ],
)
def test_activations_with_an_effect(pair):
    assert not found("CW303", nn.Sequential(*pair))


def test_idle_ones_go_without_a_trace_smooth_ones_change_the_function():
    assert found("CW303", nn.Sequential(nn.Sigmoid(), nn.ReLU()))[0].fix.safety is Safety.SAME_OUTPUT
    assert found("CW303", nn.Sequential(nn.SiLU(), nn.SiLU()))[0].fix.safety is Safety.CHANGES_TRAINING


def test_memory_is_saved_only_without_inplace_and_next_to_each_other():
    def saved(*layers):
        return found("CW303", nn.Sequential(*layers))[0].gain.activation_bytes

    assert saved(nn.ReLU(), nn.ReLU()) == 3 * 32 * 32 * 4
    assert saved(nn.ReLU(), nn.ReLU(inplace=True)) == 0
    assert saved(nn.ReLU(), nn.MaxPool2d(2), nn.ReLU()) == 0


def test_a_shared_activation_cannot_be_replaced():
    relu = nn.ReLU()
    (finding,) = found("CW303", nn.Sequential(relu, relu))
    assert finding.fix.safety is Safety.SUGGESTION
