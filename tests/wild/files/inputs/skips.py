# networks: Decoder
# left out:
# input: features.0=1x32x64x64, features.1=1x64x32x32, features.2=1x64x16x16
# assumed: features is a tuple of tensors, `blocks.1` takes 64 channels
import torch
import torch.nn.functional as F
from torch import nn


class Decoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.blocks = nn.ModuleList([nn.Conv2d(128, 32, 3, padding=1), nn.Conv2d(64, 16, 3, padding=1)])

    def forward(self, *features):
        x, *skips = features[::-1]
        for block, skip in zip(self.blocks, skips, strict=True):
            x = torch.relu(block(torch.cat([F.interpolate(x, scale_factor=2.0), skip], 1)))
        return x
