"""CW606 speaks of maps with neighbors, channels first."""

import torch
from torch import nn

from reference.linting import found


class ChannelsLast(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc, self.drop = nn.Linear(3, 8), nn.Dropout(0.2)

    def forward(self, x):
        return self.drop(self.fc(torch.permute(x, (0, 2, 3, 1))))


def test_single_positions_and_channels_last_are_left_alone():
    assert not found("CW606", nn.Sequential(nn.Conv2d(3, 8, 3), nn.AdaptiveAvgPool2d(1), nn.Dropout(0.2)))
    assert not found("CW606", ChannelsLast())


def test_inplace_is_kept():
    (finding,) = found("CW606", nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Dropout(0.3, inplace=True)))
    assert finding.fix.edits[0].code == "nn.Dropout2d({p}, {inplace})"
