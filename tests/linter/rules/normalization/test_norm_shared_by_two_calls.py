"""CW308 tells a shared norm from a shared block."""

from torch import nn

from reference.linting import found


def test_a_block_called_twice_is_one_distribution_by_design():
    block = nn.Sequential(nn.Conv2d(3, 3, 3, bias=False), nn.BatchNorm2d(3), nn.ReLU())
    assert not found("CW308", nn.Sequential(block, block))


def test_norms_without_running_statistics_share_nothing_that_differs():
    norm = nn.BatchNorm2d(3, track_running_stats=False)
    assert not found("CW308", nn.Sequential(nn.Conv2d(3, 3, 3), norm, nn.Conv2d(3, 3, 3), norm))


def test_layers_are_counted():
    norm = nn.BatchNorm2d(3)
    layers = [layer for _ in range(3) for layer in (nn.Conv2d(3, 3, 3), norm)]
    assert "`0` and `2` and 1 more" in found("CW308", nn.Sequential(*layers))[0].message
