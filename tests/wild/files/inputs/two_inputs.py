# networks: Fusion
# left out:
# input: color=3x224x224, depth=1x224x224
# assumed: `depth_stem` takes 1 channel
import torch
from torch import nn


class Fusion(nn.Module):
    def __init__(self):
        super().__init__()
        self.color_stem = nn.Conv2d(3, 8, 3, padding=1)
        self.depth_stem = nn.Conv2d(1, 8, 3, padding=1)
        self.head = nn.Linear(16, 5)

    def forward(self, color, depth):
        both = [self.color_stem(color).relu().mean((2, 3)), self.depth_stem(depth).relu().mean((2, 3))]
        return self.head(torch.cat(both, 1))
