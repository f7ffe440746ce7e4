from torch import nn

from convwright.linter import Settings, lint


def pooled(*layers):
    settings = Settings(select=("CW207",))
    return lint(nn.Sequential(*layers), (1, 3, 32, 32), settings=settings).findings


def test_one_convolution_is_no_pattern():
    assert not pooled(nn.Conv2d(3, 8, 3), nn.MaxPool2d(2))


def test_pointwise_convolutions_do_not_count():
    assert pooled(nn.Conv2d(3, 8, 3), nn.MaxPool2d(2), nn.Conv2d(8, 8, 1), nn.Conv2d(8, 8, 3), nn.MaxPool2d(2))
    assert not pooled(nn.Conv2d(3, 8, 3), nn.MaxPool2d(2), nn.Conv2d(8, 8, 1), nn.Conv2d(8, 8, 3), nn.ReLU())
