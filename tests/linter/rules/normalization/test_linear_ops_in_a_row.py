"""CW302 leaves factorizations alone."""

import pytest
from torch import nn

from reference.linting import found


def conv(*args, **options):
    return nn.Conv2d(*args, padding="same", bias=False, **options)


@pytest.mark.parametrize(
    "pair",
    [
        pytest.param((conv(8, 8, 3, groups=8), conv(8, 16, 1)), id="depthwise and pointwise"),
        pytest.param((conv(64, 8, 3), conv(8, 64, 3)), id="bottleneck"),
        pytest.param((conv(8, 8, (1, 3)), conv(8, 8, (3, 1))), id="separable in space"),
        pytest.param((conv(8, 8, 3), nn.GroupNorm(2, 8), conv(8, 8, 3)), id="norm of one image"),
    ],
)
def test_factorizations_are_deliberate(pair):
    assert not found("CW302", nn.Sequential(*pair), (2, pair[0].in_channels, 16, 16))


def test_what_else_reads_the_first_needs_it():
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b = conv(3, 8, 3), conv(8, 8, 3)

        def forward(self, x):
            x = self.a(x)
            return x + self.b(x)

    assert not found("CW302", Net())


def test_size_of_the_one_convolution_counts_stride_and_dilation():
    net = nn.Sequential(nn.Conv2d(3, 8, 3, stride=2), nn.Conv2d(8, 8, 3, dilation=2))
    assert "one 11x11 convolution" in found("CW302", net)[0].message


def test_linear_layers_with_dropout_between():
    net = nn.Sequential(nn.Linear(64, 64), nn.Dropout(0.1), nn.Linear(64, 10))
    (finding,) = found("CW302", net, (2, 64))
    assert finding.fix.edits[0].path == "1"
    assert not found("CW302", nn.Sequential(nn.Linear(64, 8), nn.Linear(8, 10)), (2, 64))
