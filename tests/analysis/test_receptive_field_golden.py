"""Receptive fields of published networks: local, at the last spatial map."""

from itertools import pairwise

import pytest
import torch
import torchvision.models
from torch import Tensor, nn

from convwright.analysis.receptive_field import ReceptiveFields, receptive_fields
from convwright.graph import trace


def fields_of(model: nn.Module, size: int) -> ReceptiveFields:
    return receptive_fields(trace(model.eval(), (1, 3, size, size)))


def zoo(name: str, size: int) -> ReceptiveFields:
    extra = {"init_weights": False} if name in ("inception_v3", "googlenet") else {}
    with torch.device("meta"):
        return fields_of(torchvision.models.get_model(name, **extra), size)


# [google] google-research/receptive_field, table of the README. [closed] 1 + sum of (effective kernel - 1) * jump down
# the longest branch, worked out from torchvision's tables.
@pytest.mark.parametrize(
    ("name", "pixels"),
    [
        ("vgg16", 212),  # [google]
        ("alexnet", 195),  # [google] alexnet_v2, which is torchvision's
        ("resnet18", 435),  # [closed]
        ("resnet34", 899),  # [closed]
        ("resnet50", 427),  # [closed]
        ("resnet101", 971),  # [closed]
        ("resnet152", 1451),  # [closed]
        ("densenet121", 2071),  # [closed]
        ("efficientnet_b0", 851),  # [closed]
        ("efficientnet_b7", 3079),  # [closed]
        ("mobilenet_v2", 491),  # [closed]
        ("mobilenet_v3_large", 595),  # [closed]
        ("inception_v3", 1311),  # [closed]
    ],
)
def test_torchvision(name: str, pixels: int) -> None:
    fields = zoo(name, 299 if name == "inception_v3" else 224)
    assert fields.receptive_field_px == (pixels, pixels)
    assert fields.jump_px == (32, 32)
    assert not fields.unknown


# [google] resnet_v1_50, _101 and _152, which halve the map in the 1x1 convolution.
@pytest.mark.parametrize(("name", "pixels"), [("resnet50", 483), ("resnet101", 1027), ("resnet152", 1507)])
def test_stride_in_the_pointwise_convolution(name: str, pixels: int) -> None:
    with torch.device("meta"):
        model = torchvision.models.get_model(name)
    for block in model.modules():
        if isinstance(block, torchvision.models.resnet.Bottleneck):
            block.conv1.stride, block.conv2.stride = block.conv2.stride, block.conv1.stride
    assert fields_of(model, 224).receptive_field_px == (pixels, pixels)


class CifarBlock(nn.Module):
    """Two 3x3 convolutions around an identity or a strided pointwise shortcut."""

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        stride = out_channels // in_channels
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, stride, 1)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, 1, 1)
        self.shortcut = nn.Identity() if stride == 1 else nn.Conv2d(in_channels, out_channels, 1, stride)

    def forward(self, x: Tensor) -> Tensor:
        return (self.shortcut(x) + self.conv2(self.conv1(x).relu())).relu()


def cifar_resnet(depth: int) -> nn.Module:
    """He et al. 2016, section 4.2: 6n + 2 layers, three stages of 16, 32 and 64 channels."""
    widths = [16, *(width for width in (16, 32, 64) for _ in range((depth - 2) // 6))]
    blocks = [CifarBlock(before, after) for before, after in pairwise(widths)]
    return nn.Sequential(nn.Conv2d(3, 16, 3, padding=1), *blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten())


# [closed] 3 + 4n + 8n + 16n - (2 + 4), with n = 3 and 9.
@pytest.mark.parametrize(("depth", "pixels"), [(20, 81), (56, 249)])
def test_cifar_resnet_before_clipping(depth: int, pixels: int) -> None:
    fields = fields_of(cifar_resnet(depth), 32)
    assert fields.receptive_field_px == (pixels, pixels)
    assert fields.field_of(fields.last_map, (4, 4)).clipped == ((0, 31), (0, 31))


@pytest.mark.parametrize("size", [32, 97, 224, 320])
def test_the_size_of_the_image_does_not_matter(size: int) -> None:
    assert zoo("resnet50", size).receptive_field_px == (427, 427)
