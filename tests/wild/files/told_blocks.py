# networks: Net
# left out:
# arguments: num_classes=100, blocks=[Block, Block], widths=[8, 16] from told_blocks.py:41
"""Builders that do work, with rests of keywords, around a network that is told its blocks."""

import os

from torch import nn


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.squeeze = nn.Conv2d(width, width // 16 or 1, 1)
        self.expand = nn.Conv2d(width // 16 or 1, width, 1)

    def forward(self, x):
        return x * self.expand(self.squeeze(x).relu()).sigmoid()


class Net(nn.Module):
    def __init__(self, num_classes, blocks, widths, dropout=0.1, **rest):
        super().__init__()
        layers, before = [], 3
        for block, width in zip(blocks, widths, strict=True):
            layers += [nn.Conv2d(before, width, 3, 2, 1), block(width)]
            before = width
        self.layers = nn.Sequential(*layers)
        self.fc = nn.Linear(before, num_classes)

    def forward(self, x):
        return self.fc(self.layers(x).mean((2, 3)))


def fetch(net, name):
    os.makedirs(os.path.join("cache", name), exist_ok=True)
    net.load_state_dict(name)


def net_small(num_classes=100, pretrained=True, **kwargs):
    net = Net(
        num_classes, blocks=[Block, Block], widths=[8, 16], **kwargs
    )
    if pretrained:
        fetch(net, "net_small")
    return net
