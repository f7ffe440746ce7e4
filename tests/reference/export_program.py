"""A small program to export, and the card that belongs to it."""

import torch
from torch import nn
from torch.export import Dim

CARD = {"class_names": ["Ameise", "蜂"], "preprocessing": {"crop_px": 32}}


def small_program():
    """A convolution and a classifier of two classes, for batches of any size of images 3 x 32 x 32."""
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 2)).eval()
    return torch.export.export(net, (torch.zeros(2, 3, 32, 32),), dynamic_shapes=({0: Dim("batch")},))
