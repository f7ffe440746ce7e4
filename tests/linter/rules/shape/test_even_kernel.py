import pytest
from torch import nn

from convwright.linter import lint


def even(net):
    return [finding for finding in lint(net, (2, 3, 32, 32)).findings if finding.code == "CW108"]


@pytest.mark.parametrize(
    "conv",
    [
        nn.Conv2d(3, 8, 4, stride=4),  # patches
        nn.Conv2d(3, 8, 2, stride=2),
        nn.Conv2d(3, 8, 4, stride=2, padding=1),
        nn.Conv2d(3, 8, 2),  # no padding: nothing is moved to one side
        nn.Conv2d(3, 8, 3, padding=2, dilation=2),
    ],
)
def test_other_even_numbers_pass(conv):
    assert not even(conv)


def test_one_even_axis_is_enough():
    (finding,) = even(nn.Conv2d(3, 8, (1, 4), padding=(0, 2)))
    assert finding.fix.summary == "set kernel_size=(1, 3), padding=(0, 1)"


def test_uneven_padding_moves_the_map_too():
    (finding,) = even(nn.Conv2d(3, 8, 4, padding="same"))
    assert finding.message.endswith("by half a pixel")
