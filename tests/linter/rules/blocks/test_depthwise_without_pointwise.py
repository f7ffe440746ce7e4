import pytest
import torch
from torch import nn

from reference.linting import found


def depthwise(kernel=3):
    return nn.Conv2d(8, 8, kernel, groups=8, bias=False)


class Blurred(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = depthwise()
        self.register_buffer("kernel", torch.full((8, 1, 3, 3), 1 / 9))

    def forward(self, x):
        return nn.functional.conv2d(self.conv(x).relu(), self.kernel, groups=8)


@pytest.mark.parametrize(
    "layers",
    [
        (depthwise(), depthwise(5)),
        (depthwise((1, 3)), nn.ReLU(), depthwise((3, 1))),
        (depthwise(), nn.ReLU(), nn.Conv2d(8, 8, 1), nn.ReLU(), depthwise()),
        (depthwise(), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(8 * 49, 10)),
        (Blurred(),),
    ],
    ids=["one large window", "one square window", "separable", "head", "blur"],
)
def test_what_mixes_or_is_one_filter_passes(layers):
    assert not found("CW508", nn.Sequential(nn.Conv2d(3, 8, 1), *layers), (1, 3, 16, 16))


def test_a_norm_and_an_activation_do_not_mix():
    net = nn.Sequential(nn.Conv2d(3, 8, 1), depthwise(), nn.BatchNorm2d(8), nn.ReLU(), depthwise(5))
    (finding,) = found("CW508", net, (1, 3, 16, 16))
    assert finding.path == "1"
    assert finding.gain.parameters == -64
    assert "bias=False" in finding.fix.edits[0].code
