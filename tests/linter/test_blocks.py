import pytest
from torch import nn

from convwright.analysis.analyze import analyze
from convwright.linter import Settings
from convwright.linter.blocks import computed_by, is_preactivation, sides, squeeze_excites
from convwright.linter.linted_network import LintedNetwork
from convwright.models import build


def subject(model, shape=(1, 3, 64, 64)):
    model.eval()
    return LintedNetwork(model=model, training={}, settings=Settings(), found=analyze(model, shape))


class Swapped(nn.Module):
    """A block that writes the shortcut first; pre-activation where asked."""

    def __init__(self, *, pre):
        super().__init__()
        self.stem, self.norm, self.conv = nn.Conv2d(3, 8, 1), nn.BatchNorm2d(8), nn.Conv2d(8, 8, 3, padding=1)
        self.pre = pre

    def forward(self, x):
        x = self.stem(x)
        return x + (self.conv(self.norm(x).relu()) if self.pre else self.norm(self.conv(x).relu()))


@pytest.mark.parametrize("pre", [False, True])
def test_the_side_that_more_ops_lead_to_is_the_branch(pre):
    net = subject(Swapped(pre=pre))
    (add,) = net.residual_adds
    branch, shortcut = sides(add, net)
    assert computed_by(branch, net).path == "conv"
    assert computed_by(shortcut, net).path == "stem"
    assert is_preactivation(add, net) is pre


def test_every_gate_of_a_network_is_found():
    net = subject(build("efficientnet_b0"))
    gates = tuple(squeeze_excites(net))
    assert len(gates) == 16
    assert {gate.last.kind for gate in gates} == {"sigmoid"}
    assert [gate.squeeze.output.shape[1] for gate in gates[:3]] == [8, 4, 6]
    assert not tuple(squeeze_excites(subject(build("resnet18"))))
