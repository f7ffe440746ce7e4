"""Grad-CAM, held to its definition, and to class activation maps where the two are the same thing."""

import pytest
import torch
import torchvision.models
from torch import nn
from torch.nn import functional as F

from convwright.analysis.grad_cam import grad_cam
from convwright.errors import ConvwrightError
from convwright.models import build


class Deep(nn.Module):
    """A head that is more than a linear layer, after an activation that works in place."""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(3, 6, 5, stride=2), nn.BatchNorm2d(6))
        self.act = nn.ReLU(inplace=True)
        self.head = nn.Sequential(nn.Flatten(), nn.Linear(6 * 6 * 6, 10), nn.Tanh(), nn.Dropout(), nn.Linear(10, 4))

    def forward(self, x):
        return self.head(self.act(self.body(x)))


def shown(raw, size):
    """A map as it is shown: resized, its largest value 1."""
    large = F.interpolate(raw[:, None], size, mode="bilinear", align_corners=False)[:, 0]
    return large / large.flatten(1).max(1).values[:, None, None]


@pytest.mark.parametrize(
    ("layer", "first", "rest"),
    [
        ("body.1", nn.Identity(), nn.ReLU()),  # changed in place after it was given
        ("act", nn.ReLU(), nn.Identity()),
        (None, nn.ReLU(), nn.Identity()),
    ],
)
def test_it_is_what_the_paper_defines(layer, first, rest):
    net, images, classes = Deep().eval(), torch.randn(3, 3, 16, 16), [2, 0, 3]
    expected = []
    for image, label in zip(images, classes, strict=True):
        features = first(net.body(image[None])).detach().requires_grad_()
        net.head(rest(features))[0, label].backward()
        importance = [features.grad[0, k].sum() / 36 for k in range(6)]  # equation 1, Z = 6 * 6
        expected.append(sum(a * features[0, k] for k, a in enumerate(importance)).relu().detach())  # equation 2
    got = grad_cam(net, images, layer=layer, classes=classes)
    torch.testing.assert_close(got, shown(torch.stack(expected), (16, 16)))


@pytest.mark.parametrize("name", ["resnet20", "mobilenet_v2", "densenet_bc_100_12"])
def test_with_global_pooling_and_one_linear_layer_it_is_cam(name):
    # Selvaraju et al. 2017, section 3.1: there Grad-CAM is CAM (Zhou et al. 2016, equation 2), up to a factor.
    net = build(name, num_classes=5, depth=0.1, seed=3).eval()
    images = torch.randn(4, 3, 48, 64)
    with torch.no_grad():
        features = net.forward_features(images)
        classes = net(images).argmax(1)
        weight = net.head.linear.weight[classes]
        cam = torch.einsum("nk,nkhw->nhw", weight, features).relu()
    torch.testing.assert_close(grad_cam(net, images), shown(cam, (48, 64)), rtol=1e-4, atol=1e-5)


def test_many_images_are_the_same_as_one_at_a_time_in_any_mode():
    net, images = Deep().train(), torch.randn(40, 3, 16, 16)
    net.requires_grad_(False)
    before = {name: value.clone() for name, value in net.state_dict().items()}
    together = grad_cam(net, images)
    torch.testing.assert_close(together, torch.cat([grad_cam(net, image[None]) for image in images]))
    assert net.training
    assert all(torch.equal(before[name], value) for name, value in net.state_dict().items())
    assert not net.act._forward_hooks
    assert (together.amin() >= 0) & (together.amax() <= 1)


def test_nothing_in_favor_is_zero_not_nan():
    net = nn.Sequential(nn.Conv2d(3, 2, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(2, 2))
    nn.init.constant_(net[4].weight, -1.0)
    assert not grad_cam(net, torch.randn(2, 3, 8, 8), classes=[0, 1]).any()


def test_a_network_of_another_library():
    cams = grad_cam(torchvision.models.resnet18(), torch.randn(2, 3, 64, 96))
    assert cams.shape == (2, 64, 96)
    assert cams.amax((1, 2)).tolist() == [1, 1]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"layer": "neck"}, "unknown layer 'neck'"),
        ({"layer": "head"}, "expected a map"),
        ({"layer": "spare"}, "one that is not called"),
        ({"classes": [0]}, "expected one for each of 2 images, got 1"),
        ({"classes": [0, 4]}, "expected from 0 to 3"),
        ({"images": torch.zeros(3, 16, 16)}, "expected shape"),
    ],
)
def test_what_cannot_be_asked_is_told(options, told):
    net = Deep()
    net.spare = nn.Conv2d(3, 3, 1)
    with pytest.raises(ConvwrightError, match=told):
        grad_cam(net, options.pop("images", torch.randn(2, 3, 16, 16)), **options)


@pytest.mark.parametrize(
    ("model", "told"),
    [
        (Deep().to("meta"), "a model with weights"),
        (nn.Conv2d(3, 4, 1), "expected logits"),
    ],
)
def test_models_that_do_not_classify_are_told(model, told):
    with pytest.raises(ConvwrightError, match=told):
        grad_cam(model, torch.randn(2, 3, 16, 16))
