"""A network in a file, with a bias before its norm."""

NET = """from torch import nn


def Net():
    return nn.Sequential(
        nn.Conv2d(3, 8, 3),  # first
        nn.BatchNorm2d(8),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(8, 10),
    )
"""
