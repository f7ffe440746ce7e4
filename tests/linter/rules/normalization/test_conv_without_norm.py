"""CW310 speaks of exceptions, not of habits."""

from torch import nn

from reference.linting import found


def normed(width, *, kernel=3):
    return nn.Conv2d(width, width, kernel, padding="same", bias=False), nn.BatchNorm2d(width), nn.ReLU()


def test_networks_mostly_without_norms_are_left_alone():
    bare = [layer for _ in range(3) for layer in (nn.Conv2d(3, 3, 3), nn.ReLU())]
    assert not found("CW310", nn.Sequential(*normed(3), *bare, *normed(3)))


def test_pointwise_depthwise_and_last_convolutions_are_left_alone():
    around = normed(3), normed(3)
    for conv in (nn.Conv2d(3, 3, 1), nn.Conv2d(3, 3, 3, groups=3)):
        assert not found("CW310", nn.Sequential(*around[0], conv, nn.ReLU(), *around[1]))
    assert not found("CW310", nn.Sequential(*around[0], *around[1], nn.Conv2d(3, 8, 3), nn.Sigmoid()))
