from torch import nn

from convwright.linter import Safety, lint


def padded(net, shape=(2, 3, 16, 16)):
    return [finding for finding in lint(net, shape).findings if finding.code == "CW107"]


def test_dilation_widens_the_window():
    assert not padded(nn.Conv2d(3, 8, 3, padding=2, dilation=2))
    assert not padded(nn.Conv2d(3, 8, 3, padding=4, dilation=2))


def test_a_full_convolution_pads_by_less_than_its_kernel():
    assert not padded(nn.Conv2d(3, 8, 3, padding=2))
    assert not padded(nn.Conv2d(3, 8, 3, padding="same"))


def test_the_share_is_counted():
    (finding,) = padded(nn.Conv2d(3, 8, 1, padding=1))  # 18x18 outputs, 16x16 of them inside
    assert "21.0 %" in finding.message
    assert finding.gain.macs == 3 * 8 * (18 * 18 - 16 * 16)


def test_a_flattened_map_keeps_its_size():
    (finding,) = padded(nn.Sequential(nn.Conv2d(3, 8, 1, padding=1), nn.Flatten(), nn.Linear(8 * 18 * 18, 4)))
    assert finding.fix.safety is Safety.SUGGESTION
