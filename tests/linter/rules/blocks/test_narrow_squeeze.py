import pytest
from torch import nn
from torch.nn import functional as F

from reference.linting import found


class Gated(nn.Module):
    def __init__(self, squeeze, gate, channels=64, *, linear=False):
        super().__init__()
        self.stem, self.gate, self.linear = nn.Conv2d(3, channels, 1), gate, linear
        kind, window = (nn.Linear, ()) if linear else (nn.Conv2d, (1,))
        self.squeeze, self.excite = kind(channels, squeeze, *window), kind(squeeze, channels, *window)

    def forward(self, x):
        x = self.stem(x)
        means = F.adaptive_avg_pool2d(x, 1)
        means = means.flatten(1) if self.linear else means
        gate = self.gate(self.excite(self.squeeze(means).relu()))
        return x * gate.view(*gate.shape[:2], 1, 1)


@pytest.mark.parametrize("gate", [F.sigmoid, F.hardsigmoid, lambda x: F.relu6(x + 3) / 6], ids=["1", "2", "3"])
@pytest.mark.parametrize("linear", [False, True])
def test_bounded_gates_pass(gate, linear):
    assert not found("CW509", Gated(8, gate, linear=linear), (1, 3, 8, 8))


def test_few_channels_need_no_more():
    assert not found("CW509", Gated(4, F.sigmoid, channels=12), (1, 3, 8, 8))


def test_an_unbounded_gate_is_found():
    for gate in (F.relu, nn.Identity()):
        (finding,) = found("CW509", Gated(8, gate), (1, 3, 8, 8))
        assert "have no bound" in finding.message


def test_a_product_of_maps_is_no_gate():
    class Product(nn.Module):
        def forward(self, x):
            return x * F.avg_pool2d(x, 3, 1, 1).sigmoid()

    assert not found("CW509", nn.Sequential(nn.Conv2d(3, 4, 1), Product()), (1, 3, 8, 8))
