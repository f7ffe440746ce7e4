from torch import nn

from convwright.linter import lint


def grids(*rates, between=()):
    layers = [part for d in rates for part in (nn.Conv2d(3, 3, 3, padding=d, dilation=d), nn.ReLU(), *between)]
    return [f.message for f in lint(nn.Sequential(*layers), (1, 3, 32, 32)).findings if f.code == "CW206"]


def test_rates_without_a_common_factor_pass():
    assert not grids(1, 2, 3)
    assert not grids(2, 3, 4)
    assert not grids(2, 1, 2)


def test_a_run_is_one_finding():
    (message,) = grids(2, 4, 8)
    assert message.startswith("ends a run of dilations 2, 4, 8, which read only every 2nd")
    assert len(grids(2, 2, between=[nn.Conv2d(3, 3, 1)])) == 1
