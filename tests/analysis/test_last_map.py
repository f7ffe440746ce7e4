"""The module that gives the last map, however the network is written."""

import pytest
import torch
import torchvision.models
from torch import nn
from torch.nn import functional as F

from convwright.analysis.last_map import as_map, hooked, last_map_module, undisturbed
from convwright.errors import ConvwrightError
from convwright.models import build


class Functional(nn.Module):
    """A block that ends in a functional activation, then one whose activation nobody returns."""

    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(4, 4, 3, padding=1)

        def forward(self, x):
            return F.relu(x + self.conv(x))

    def __init__(self, *, bare=False):
        super().__init__()
        self.stem, self.block, self.last = nn.Conv2d(3, 4, 3), self.Block(), nn.Conv2d(4, 4, 3)
        self.fc = nn.Linear(4, 2)
        self.bare = bare

    def forward(self, x):
        x = self.block(self.stem(x))
        if self.bare:
            x = F.relu(self.last(x))
        return self.fc(x.mean((2, 3)))


@pytest.mark.parametrize(
    ("model", "path"),
    [
        (torchvision.models.resnet18(), "layer4.1.relu"),
        (torchvision.models.mobilenet_v3_small(), "features.12.2"),
        (build("resnet20"), "stages.stage3.2.act.act"),
        (Functional(), "block"),
        (Functional(bare=True), "last"),
    ],
    ids=lambda each: type(each).__name__,
)
def test_the_last_map_has_a_module(model, path):
    assert last_map_module(model, (2, 3, 64, 64)) == path


def test_a_network_without_maps_is_told():
    with pytest.raises(ConvwrightError, match="no module gives a map; name one"):
        last_map_module(nn.Sequential(nn.Flatten(), nn.Linear(192, 2)), (1, 3, 8, 8))


def test_modes_and_random_state_come_back():
    net = nn.Sequential(nn.Dropout(), nn.BatchNorm2d(2)).train()
    net[1].eval()
    state = torch.get_rng_state()

    def ask_and_fail():
        with torch.no_grad(), undisturbed(net):
            assert not net.training
            assert torch.is_grad_enabled()
            torch.rand(1)
            raise KeyError

    with pytest.raises(KeyError):
        ask_and_fail()
    assert [net.training, *(layer.training for layer in net)] == [True, True, False]
    assert torch.equal(torch.get_rng_state(), state)


def test_a_hook_is_called_inside_the_block_only_also_when_it_fails():
    net, seen = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU()), []
    with pytest.raises(RuntimeError), hooked(net, "0", lambda *args: seen.append(args[2])):
        net(net(torch.zeros(1, 3, 8, 8)))  # the second call gets 4 channels
    net(torch.zeros(1, 3, 8, 8))
    assert [tuple(output.shape) for output in seen] == [(1, 4, 6, 6)]
    with pytest.raises(ConvwrightError, match="unknown layer '2'"), hooked(net, "2", print):
        pass


@pytest.mark.parametrize(("output", "got"), [(torch.zeros(2, 3), r"shape \(2, 3\)"), (None, "NoneType")])
def test_what_is_no_map(output, got):
    with pytest.raises(ConvwrightError, match=f"layer 'fc': expected a map .*, got {got}"):
        as_map(output, "fc")
