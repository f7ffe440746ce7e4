"""The maps of a layer are what it gives, and asking changes nothing."""

import pytest
import torch
from torch import nn

from convwright.analysis.feature_maps import feature_maps, map_layers
from convwright.errors import ConvwrightError
from convwright.models import build


def test_the_maps_are_those_that_the_layers_before_give():
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 36, 2)).train()
    image = torch.randn(1, 3, 8, 8)
    before = {name: value.clone() for name, value in net.state_dict().items()}
    found = feature_maps(net, image, "2")
    with torch.no_grad():
        expected = net[:3].eval()(image)
    torch.testing.assert_close(found, expected)
    net.train()
    feature_maps(net, image, "2")
    assert all(each.training for each in net.modules())
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())
    with pytest.raises(ConvwrightError, match=r"expected a map \(N, C, H, W\) as its output, got shape \(1, 2\)"):
        feature_maps(net, image, "4")
    with pytest.raises(ConvwrightError, match="unknown layer '9'"):
        feature_maps(net, image, "9")


def test_the_layers_of_a_network_have_the_shapes_that_it_gives():
    net = build("resnet20", num_classes=10)
    layers = map_layers(net, (1, 3, 32, 32))
    assert layers["stages.stage1"] == (16, 32, 32)
    assert layers["stages.stage3"] == (64, 8, 8)
    assert "" not in layers
    assert list(layers).index("stem.conv") < list(layers).index("stem") < list(layers).index("stages.stage1")
    assert list(layers)[-2:] == ["stages.stage3", "stages"]
    image = torch.randn(1, 3, 32, 32)
    for name in ("stem", "stages.stage2", "stages.stage3"):
        assert tuple(feature_maps(net, image, name).shape[1:]) == layers[name]


def test_a_module_that_is_not_called_gives_none():
    net = nn.Sequential(nn.Conv2d(3, 4, 3))
    net.spare = nn.Identity()
    net.forward = lambda x: net[0](x)
    with pytest.raises(ConvwrightError, match="got NoneType"):
        feature_maps(net, torch.randn(1, 3, 8, 8), "spare")
