"""What the study of architectures claims of its arms."""

import pytest
import torch
from torch import nn

from convwright.layers import BasicBlock, DenseLayer, MBConv, VGGStage
from convwright.models import family_of
from convwright.studies import study_named
from convwright.studies.library.architectures import latency_seconds
from reference.tiny_training import tiny_data, tiny_net

STUDY = study_named("architectures")
BLOCKS = {
    "resnet": BasicBlock,
    "vgg": VGGStage,
    "densenet": DenseLayer,
    "efficientnet": MBConv,
    "mobilenet-v3": MBConv,
}


def built(name):
    return STUDY.arm(name).build(num_classes=10, in_channels=3, seed=0)


def test_there_is_one_arm_of_each_of_the_five_families():
    families = {name: family_of(STUDY.arm(name).model) for name in STUDY.arm_names}
    assert families == {name: name.replace("-", "_") for name in BLOCKS}


@pytest.mark.parametrize("name", BLOCKS)
def test_an_arm_is_made_of_the_blocks_of_its_family(name):
    assert sum(isinstance(each, BLOCKS[name]) for each in built(name).modules()) >= 3


@pytest.mark.parametrize("name", BLOCKS)
def test_no_stem_shrinks_the_image_and_every_head_averages(name):
    model = built(name)
    assert model.stem(torch.rand(2, 3, 32, 32)).shape[2:] == (32, 32)
    assert model.config.head == "gap"


@pytest.mark.parametrize("name", BLOCKS)
def test_arms_train_alike(name):
    model = built(name)
    assert not [each for each in model.modules() if isinstance(each, nn.Dropout)]
    assert {each.momentum for each in model.modules() if isinstance(each, nn.BatchNorm2d)} == {0.1}
    assert STUDY.arm(name).changes == ()


def test_latency_is_the_time_of_a_forward_pass():
    model = tiny_net().eval()
    assert 0 < latency_seconds(model, tiny_data()) < 1
