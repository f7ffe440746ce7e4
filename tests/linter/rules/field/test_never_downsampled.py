from torch import nn

from convwright.linter import lint

HEAD = (nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, 10))


def full(net, px=32):
    return [finding for finding in lint(net, (2, 3, px, px)).findings if finding.code == "CW205"]


def convs(number):
    return [nn.Conv2d(3, 3, 3, padding=1) for _ in range(number)]


def test_small_images_and_shallow_networks_pass():
    assert not full(nn.Sequential(*convs(4), *HEAD), px=28)
    assert not full(nn.Sequential(*convs(2), *HEAD))


def test_a_network_that_makes_maps_passes():
    assert not full(nn.Sequential(*convs(4)))


def test_a_pool_right_before_the_head_is_a_stride():
    assert full(nn.Sequential(*convs(4), *HEAD))
    assert not full(nn.Sequential(*convs(4), nn.MaxPool2d(2), *HEAD))
