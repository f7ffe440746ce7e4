import pytest
from torch import nn

from convwright.linter import Safety
from convwright.linter.edits import Replace, RewriteCall, SetArguments
from convwright.models import build
from reference.linting import found


class Viewing(nn.Module):
    """LeNet-like, with a view, and a pool to 4x4 in front of it."""

    def __init__(self, size):
        super().__init__()
        self.conv, self.size = nn.Conv2d(3, 64, 3), size
        self.pool = nn.AdaptiveAvgPool2d(4)
        self.linear = nn.Linear(64 * 16, 200)

    def forward(self, x):
        return self.linear(self.pool(self.conv(x)).view(x.shape[0], self.size))


def test_a_large_head_after_global_pooling_passes():
    features = nn.Sequential(nn.Conv2d(3, 64, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    assert not found("CW401", nn.Sequential(features, nn.Linear(64, 10_000)), (1, 3, 16, 16))


def test_a_small_head_passes_whatever_its_share():
    assert not found("CW401", nn.Sequential(nn.Conv2d(3, 4, 3), nn.Flatten(), nn.Linear(4 * 36, 10)), (1, 3, 8, 8))


class Transformer(nn.Module):
    def __init__(self):
        super().__init__()
        self.patches = nn.Conv2d(3, 64, 4, 4)
        self.layers = nn.Sequential(*[nn.TransformerEncoderLayer(64, 4, 512, batch_first=True) for _ in range(2)])
        self.head = nn.Linear(64, 10)

    def forward(self, x):
        return self.head(self.layers(self.patches(x).flatten(2).mT).mean(1))


def test_a_network_without_convolutions_and_a_transformer_pass():
    assert not found("CW401", nn.Sequential(nn.Flatten(), nn.Linear(3072, 100)), (1, 3, 32, 32))
    assert not found("CW401", Transformer(), (1, 3, 32, 32))


def test_a_convolution_of_the_whole_map_is_a_linear_layer():
    net = nn.Sequential(nn.Conv2d(3, 64, 3, 2), nn.ReLU(), nn.Conv2d(64, 200, 7), nn.Flatten(), nn.Linear(200, 10))
    (finding,) = found("CW401", net, (1, 3, 16, 16))
    assert finding.path == "2"
    assert finding.fix.safety is Safety.SUGGESTION


@pytest.mark.parametrize(("size", "edit"), [(-1, SetArguments), (1024, RewriteCall)])
def test_an_adaptive_pool_is_set_to_one_unless_the_view_names_the_size(size, edit):
    (finding,) = found("CW401", Viewing(size), (2, 3, 16, 16))
    assert [type(each) for each in finding.fix.edits] == [edit, SetArguments]
    assert finding.gain.parameters == finding.gain.macs == 64 * 15 * 200


def test_vgg_has_one_finding():
    (finding,) = found("CW401", build("vgg11"), (1, 3, 224, 224))
    assert "124 M of 133 M" in finding.message
    assert not any(isinstance(edit, Replace) for edit in finding.fix.edits)
