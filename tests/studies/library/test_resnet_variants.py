"""What the study of residual variants claims of its arms."""

import pytest
from torch import nn

from convwright.layers import BasicBlock, Bottleneck, PreActivationBasicBlock
from convwright.studies import study_named

STUDY = study_named("resnet-variants")
BLOCKS = {
    "post-activation": BasicBlock,
    "pre-activation": PreActivationBasicBlock,
    "wide": PreActivationBasicBlock,
    "bottleneck": Bottleneck,
    "resnext": Bottleneck,
    "wider": PreActivationBasicBlock,
}


def built(name):
    return STUDY.arm(name).build(num_classes=10, in_channels=3, seed=0)


def convolutions(name):
    """All but those of shortcuts."""
    layers = built(name).named_modules()
    return [each for path, each in layers if isinstance(each, nn.Conv2d) and "shortcut" not in path]


@pytest.mark.parametrize("name", STUDY.arm_names)
def test_an_arm_has_its_own_blocks_and_its_depth(name):
    blocks = [block for stage in built(name).stages for block in stage]
    assert {type(block) for block in blocks} == {BLOCKS[name]}
    assert len(convolutions(name)) + 1 == (8 if name == "wide" else 20)


def test_only_resnext_has_groups():
    for name in STUDY.arm_names:
        assert {conv.groups for conv in convolutions(name)} == ({1, 8} if name == "resnext" else {1})


def test_wider_is_pre_activation_at_twice_the_width():
    thin, wide = convolutions("pre-activation")[1:], convolutions("wider")[1:]
    assert [2 * conv.out_channels for conv in thin] == [conv.out_channels for conv in wide]
