"""CW309 leaves alone what keeps its scale in another way."""

import pytest
import torch
from torch import nn
from torch.nn.utils.parametrizations import weight_norm

from convwright.layers import BlurPool2d
from convwright.linter import Safety
from reference.linting import found


def stack(*, depth=11, conv=nn.Conv2d, activation=nn.ReLU):
    layers = [layer for n in range(depth) for layer in (conv(8 if n else 3, 8, 3, padding=1), activation())]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 10))


class Scaled(nn.Module):
    def __init__(self):
        super().__init__()
        self.body, self.scale = stack(), nn.Parameter(torch.ones(()))

    def forward(self, x):
        return self.body(x * self.scale)


@pytest.mark.parametrize(
    "net",
    [
        pytest.param(stack(depth=10), id="not deep"),
        pytest.param(stack(activation=nn.SELU), id="self-normalizing"),
        pytest.param(stack(conv=lambda *args, **options: weight_norm(nn.Conv2d(*args, **options))), id="weight norm"),
        pytest.param(Scaled(), id="scaled by a parameter"),
        pytest.param(stack().eval(), id="not to be trained: norms may be group"),
        pytest.param(stack()[:-3], id="no classifier"),
    ],
)
def test_left_alone(net):
    assert not found("CW309", net)


def test_every_convolution_gets_a_norm_and_loses_its_bias():
    (finding,) = found("CW309", stack())
    assert len(finding.fix.edits) == 22


def test_a_blur_is_no_norm_and_adds_no_depth():
    net = stack()
    net.insert(4, BlurPool2d(8))
    (finding,) = found("CW309", net)
    assert "stacks 11 convolutions" in finding.message
    assert len(finding.fix.edits) == 22


def test_a_convolution_called_twice_leaves_only_words():
    net = stack(depth=12)
    net[4] = net[2]
    assert found("CW309", net)[0].fix.safety is Safety.SUGGESTION
