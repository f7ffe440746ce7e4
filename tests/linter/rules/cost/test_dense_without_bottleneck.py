import torch
from torch import nn

from reference.linting import found


class Dense(nn.Module):
    """Every layer reads a list of all earlier maps, as in torchvision."""

    def __init__(self, channels, growth, layers, kernel=3):
        super().__init__()
        widths = range(channels, channels + layers * growth, growth)
        self.convs = nn.ModuleList(nn.Conv2d(c, growth, kernel, padding=kernel // 2) for c in widths)

    def forward(self, x):
        maps = [x]
        for conv in self.convs:
            maps.append(conv(torch.cat(maps, 1).relu()))
        return torch.cat(maps, 1)


def test_lists_of_maps_count_as_chains():
    (finding,) = found("CW404", Dense(64, 8, 5), (2, 64, 8, 8))
    assert "5 dense layers that read up to 96" in finding.message
    saved = [9 * c * 8 - 32 * (c + 72) for c in range(64, 97, 8)]
    assert finding.gain.parameters == sum(saved)
    assert finding.gain.macs == sum(saved) * 64


def test_pointwise_layers_few_layers_and_thin_inputs_pass():
    assert not found("CW404", Dense(64, 8, 5, kernel=1), (1, 64, 8, 8))
    assert not found("CW404", Dense(64, 8, 1), (1, 64, 8, 8))
    assert not found("CW404", Dense(8, 32, 5), (1, 8, 8, 8))
