"""What a backbone sees, against the forward pass written out; what a new head changes, and what it leaves."""

from dataclasses import replace

import pytest
import torch
import torchvision
from torch import nn

from convwright.errors import ConvwrightError
from convwright.models import build
from convwright.transfer_learning import backbone_of


@pytest.fixture(scope="module")
def images():
    return torch.randn(3, 3, 32, 32, generator=torch.Generator().manual_seed(1))


def stage_features(backbone, x):
    return backbone.outputs(x, backbone.channels)


def net_of(name="resnet20", **options):
    return build(name, seed=3, **options)


@pytest.mark.parametrize("name", ["resnet20", "densenet_bc_100_12", "efficientnet_lite0", "preact_resnet110"])
def test_features_and_stages_are_those_of_the_zoo(images, name):
    net = net_of(name, depth=0.3).train()
    found = stage_features(backbone_of(net), images)
    features = backbone_of(net).features(images)
    with torch.no_grad():
        net.eval()
        for stage, pictures in net.forward_stages(images).items():
            torch.testing.assert_close(found[stage], pictures.mean((2, 3)))
        last = net.forward_features(images).mean((2, 3))
        torch.testing.assert_close(features, last)
        torch.testing.assert_close(net.head.linear(features), net(images))
    if "final" in found:
        torch.testing.assert_close(found["final"], last)


def test_features_of_another_librarys_network_written_out(images):
    net = torchvision.models.resnet18(num_classes=7).train()
    backbone = backbone_of(net, image_shape=(3, 32, 32))
    features, stages = backbone.features(images), stage_features(backbone, images)
    assert net.training
    assert net.bn1.num_batches_tracked == 0
    with torch.no_grad():
        net.eval()
        x = net.maxpool(net.bn1(net.conv1(images)).relu())
        torch.testing.assert_close(stages["conv1"], x.mean((2, 3)))
        for name in ("layer1", "layer2", "layer3", "layer4"):
            x = net.get_submodule(name)(x)
            torch.testing.assert_close(stages[name], x.mean((2, 3)))
        torch.testing.assert_close(features, x.mean((2, 3)))
    assert not [hook for layer in net.modules() for hook in layer._forward_pre_hooks]


def test_a_flattened_map_is_pooled_by_channel(images):
    body = nn.Sequential(nn.Conv2d(3, 4, 3, stride=2), nn.ReLU(), nn.Conv2d(4, 6, 3, stride=2), nn.ReLU())
    net = nn.Sequential(body, nn.AdaptiveAvgPool2d((3, 2)), nn.Flatten(), nn.Linear(36, 5), nn.ReLU(), nn.Linear(5, 2))
    found = stage_features(backbone_of(net, image_shape=(3, 32, 32)), images)
    with torch.no_grad():
        torch.testing.assert_close(found["0.2"], net[1](body(images)).mean((2, 3)))
        torch.testing.assert_close(found["3"], net[:5](images))


class WritesOverItsInput(nn.Module):
    def forward(self, x):
        return x.mul_(0)


def test_a_stage_is_read_before_it_is_written_over():
    first, second = nn.Conv2d(3, 4, 3), nn.Sequential(WritesOverItsInput(), nn.Conv2d(4, 5, 3, stride=3))
    net = nn.Sequential(first, second, nn.Flatten(), nn.Linear(20, 2))
    x = torch.randn(2, 3, 8, 8)
    with torch.no_grad():
        found = stage_features(backbone_of(net, image_shape=(3, 8, 8)), x)
        torch.testing.assert_close(found["0"], first(x).mean((2, 3)))


def test_only_stages_that_hand_on_a_map_can_be_asked_for(images):
    backbone = backbone_of(net_of())
    with pytest.raises(ConvwrightError, match=r"unknown stage 'stage4'.*did you mean stage3"):
        backbone.outputs(images, ["stage4"])


@pytest.mark.parametrize("name", ["resnet20", "efficientnet_lite0", "wrn_16_4"])
def test_a_new_head_of_the_zoo_is_the_one_that_it_would_make(name, images):
    net = net_of(name)
    before = {key: value.clone() for key, value in net.state_dict().items()}
    fresh = backbone_of(net).with_head(5)
    assert fresh.config == replace(net.config, num_classes=5)
    assert all(torch.equal(value, before[key]) for key, value in net.state_dict().items())
    head = set(net.head.linear.state_dict(prefix="head.linear."))
    assert all(torch.equal(value, before[key]) for key, value in fresh.state_dict().items() if key not in head)
    assert not any(fresh.state_dict()[key].any() for key in head)
    build(name, num_classes=5).load_state_dict(fresh.state_dict())
    ours = {value.untyped_storage().data_ptr() for value in net.state_dict().values()}
    assert not any(value.untyped_storage().data_ptr() in ours for value in fresh.state_dict().values())
    with torch.no_grad():
        assert fresh.eval()(images).shape == (3, 5)
        torch.testing.assert_close(backbone_of(fresh).features(images), backbone_of(net).features(images))


def test_layers_between_pooling_and_classifier_stay():
    net = net_of("mobilenet_v3_small")
    fresh = backbone_of(net).with_head(2)
    assert torch.equal(fresh.head.hidden1.weight, net.head.hidden1.weight)
    assert fresh.head.linear.out_features == 2


def test_any_network_gets_a_head():
    net = torchvision.models.mobilenet_v3_small().double()
    net.requires_grad_(False)
    generator = torch.get_rng_state()
    fresh = backbone_of(net).with_head(4)
    assert fresh.classifier[3].weight.dtype == torch.float64
    assert fresh.classifier[3].weight.requires_grad
    assert net.classifier[3].out_features == 1000
    assert not fresh.classifier[3].weight.any()
    assert torch.equal(torch.get_rng_state(), generator)


def test_weights_for_the_classifier_give_its_logits(images):
    backbone, linear = backbone_of(net_of()), nn.Linear(64, 3)
    model = backbone.with_linear(linear)
    with torch.no_grad():
        torch.testing.assert_close(model.eval()(images), linear(backbone.features(images)))
        model.head.linear.weight.zero_()
    assert linear.weight.abs().sum() > 0
    with pytest.raises(ConvwrightError, match="in_features: expected 64, got 32"):
        backbone.with_linear(nn.Linear(32, 3))


def test_what_came_with_the_weights_stays_with_them():
    net = net_of("efficientnet_lite0", weights="package")
    backbone = backbone_of(net)
    assert backbone.preprocessing is net.preprocessing
    fresh = backbone.with_head(2)
    assert (fresh.preprocessing, fresh.class_names) == (net.preprocessing, None)
    assert len(net.class_names) == 1000


class TwoOutputs(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 2)

    def forward(self, x):
        return self.fc(x.mean((2, 3))), x


class OfPositions(TwoOutputs):
    def forward(self, x):
        return self.fc(x.flatten(2).mT)


@pytest.mark.parametrize(
    ("make", "got"),
    [
        (TwoOutputs, "2 tensors"),
        (OfPositions, "that of linear in `fc`"),
        (nn.Identity, "its input"),
        (lambda: nn.Sequential(nn.Flatten(), nn.Linear(12, 2), nn.Softmax(1)), "that of softmax in `2`"),
        (lambda: build("resnet20", head="none"), "that of mean"),
    ],
)
def test_a_network_without_a_classifier_is_refused(make, got):
    with pytest.raises(ConvwrightError, match=r"expected that of one nn\.Linear") as caught:
        backbone_of(make(), image_shape=(3, 2, 2))
    assert got in str(caught.value)


def test_a_head_needs_a_class():
    with pytest.raises(ConvwrightError, match="num_classes: expected at least 1"):
        backbone_of(net_of()).with_head(0)
