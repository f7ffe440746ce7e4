"""Parameter counts against the figures that the papers and torchvision publish."""

import pytest
from torchvision import models as torchvision_models

from convwright.models import build, config_of

CIFAR = {  # millions, rounded as their source rounds them
    "resnet20": (0.27, "He et al. 2016a, table 6"),
    "resnet32": (0.46, "He et al. 2016a, table 6"),
    "resnet44": (0.66, "He et al. 2016a, table 6"),
    "resnet56": (0.85, "He et al. 2016a, table 6"),
    "resnet110": (1.7, "He et al. 2016a, table 6"),
    "plain20": (0.27, "He et al. 2016a, section 4.2: as many as the residual net"),
    "plain56": (0.85, "He et al. 2016a, section 4.2: as many as the residual net"),
    "preact_resnet164": (1.7, "He et al. 2016b, table 4"),
    "wrn_16_4": (2.8, "Zagoruyko & Komodakis 2016, table 4, rounded up there from 2.75"),
    "wrn_40_2": (2.2, "Zagoruyko & Komodakis 2016, table 4"),
    "wrn_28_10": (36.5, "Zagoruyko & Komodakis 2016, table 4"),
    "resnext29_8x64d": (34.4, "Xie et al. 2017, table 7"),
    "resnext29_16x64d": (68.1, "Xie et al. 2017, table 7"),
    "densenet_bc_100_12": (0.8, "Huang et al. 2017, table 2"),
}
IMAGENET = {  # exact: the count that the published weights carry in torchvision's metadata
    "vgg16": torchvision_models.VGG16_Weights.IMAGENET1K_V1,
    "resnet18": torchvision_models.ResNet18_Weights.IMAGENET1K_V1,
    "resnet50": torchvision_models.ResNet50_Weights.IMAGENET1K_V2,
    "densenet121": torchvision_models.DenseNet121_Weights.IMAGENET1K_V1,
    "mobilenet_v3_large": torchvision_models.MobileNet_V3_Large_Weights.IMAGENET1K_V2,
    "efficientnet_b0": torchvision_models.EfficientNet_B0_Weights.IMAGENET1K_V1,
    "efficientnet_b7": torchvision_models.EfficientNet_B7_Weights.IMAGENET1K_V1,
}


def count(name, **options):
    return sum(p.numel() for p in build(name, device="meta", **options).parameters())


@pytest.mark.parametrize(("name", "published"), CIFAR.items())
def test_cifar_counts_are_the_papers(name, published):
    millions, source = published
    digits = len(str(millions).partition(".")[2])
    assert abs(count(name) / 1e6 - millions) < 10**-digits, source  # papers round, or cut


@pytest.mark.parametrize(("name", "weights"), IMAGENET.items())
def test_imagenet_counts_are_torchvisions(name, weights):
    assert count(name) == weights.meta["num_params"]


def test_a_shortcut_of_kind_a_costs_nothing():
    assert count("resnet56") == count("plain56")


def test_a_wide_resnet_is_its_table():
    assert config_of("wrn_28_10").blocks == (4, 4, 4)
    assert config_of("wrn_28_10").channels == (160, 320, 640)


def test_vgg_spends_most_parameters_in_its_head():
    head = count("vgg16") - count("vgg16", head="none")
    assert head == 123_642_856  # 25088*4096+4096 + 4096*4096+4096 + 4096*1000+1000
    assert head / count("vgg16") > 0.89
