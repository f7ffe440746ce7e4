import pytest
from torch import nn

from convwright.models import build
from reference.linting import found


def stage(c_in, c_out, stride):
    return nn.Sequential(nn.Conv2d(c_in, c_out, 3, stride, 1), nn.ReLU(), nn.Conv2d(c_out, c_out, 3, 1, 1), nn.ReLU())


def net(*widths):
    stages = [stage(c_in, c_out, 2) for c_in, c_out in zip((3, *widths), widths, strict=False)]
    return nn.Sequential(*stages, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(widths[-1], 10))


def test_every_narrow_stage_is_found():
    assert len(found("CW510", net(32, 32, 16), (1, 3, 32, 32))) == 2


def test_wide_enough_stages_pass():
    assert not found("CW510", net(64, 256, 256), (1, 3, 32, 32))


@pytest.mark.parametrize("name", ["resnet18", "resnet50", "vgg16", "mobilenet_v2"])
def test_the_zoo_passes(name):
    assert not found("CW510", build(name), (1, 3, 64, 64))


def test_a_decoder_passes():
    up = nn.Sequential(nn.Upsample(scale_factor=2), stage(32, 32, 1))
    model = nn.Sequential(
        stage(3, 32, 1), stage(32, 32, 2), up, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(32, 9)
    )
    assert not found("CW510", model, (1, 3, 16, 16))
