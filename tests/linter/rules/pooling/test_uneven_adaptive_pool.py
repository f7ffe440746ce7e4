from torch import nn

from convwright.linter import lint


def uneven(net, px):
    return [finding for finding in lint(net, (2, 3, px, px)).findings if finding.code == "CW702"]


def test_whole_factors_and_global_pools_pass():
    assert not uneven(nn.AdaptiveAvgPool2d(7), 14)
    assert not uneven(nn.AdaptiveAvgPool2d(1), 13)
    assert not uneven(nn.AdaptiveAvgPool2d((None, 1)), 13)


def test_sizes_that_fit_are_named():
    (finding,) = uneven(nn.AdaptiveMaxPool2d(6), 16)
    assert finding.fix.summary == "pool to 4x4, or give images that make the map 18x18"
