"""What the study of residual learning claims of its arms, and its measure against looking into every block."""

import pytest
import torch
from torch import nn

from convwright.layers.preactivation import PreActivationBlock
from convwright.layers.residual import PostActivationBlock
from convwright.studies import study_named
from convwright.studies.library.residual_learning import STAGES, residual_ratio
from reference.tiny_training import tiny_data

STUDY = study_named("residual-learning")


def built(name):
    return STUDY.arm(name).build(num_classes=3, in_channels=3, seed=0)


def ratio(model, stages=STAGES):
    with torch.no_grad():
        return residual_ratio(model, tiny_data(), stages)


def seen_from_outside(model, data, stages):
    """The same, image by image, from within the forward pass of the whole network."""
    ratios = []

    def look(block, inputs, _output):
        (x,), branch = inputs, block.residual
        start = block.norm_act(x) if isinstance(block, PreActivationBlock) else x
        kept = x if isinstance(block.shortcut, nn.Identity) else block.shortcut(start)
        added = branch(start)
        ratios.extend(
            (each.pow(2).sum() / other.pow(2).sum()).sqrt().item() for each, other in zip(added, kept, strict=True)
        )

    hooks = [
        block.register_forward_hook(look)
        for name in stages
        for block in getattr(model.stages, name).modules()
        if isinstance(block, PostActivationBlock | PreActivationBlock)
    ]
    mean, std = (torch.tensor(values).view(1, -1, 1, 1) for values in (data.mean, data.std))
    with torch.no_grad():
        model.train()((data.test.images / 255 - mean) / std)
    for hook in hooks:
        hook.remove()
    return sum(ratios) / len(ratios)


@pytest.mark.parametrize("name", ["depth-8", "depth-14", "pre-activation"])
@pytest.mark.parametrize("stages", [STAGES, ("stage2",)])
def test_the_ratio_is_that_of_norms_in_every_block(name, stages):
    assert ratio(built(name), stages) == pytest.approx(seen_from_outside(built(name), tiny_data(), stages), rel=1e-5)


def test_it_follows_the_size_of_what_is_added():
    model = built("depth-8")
    before = ratio(model, ("stage1",))
    (block,) = model.stages.stage1
    with torch.no_grad():
        block.residual.conv2.norm.weight.mul_(3)
    assert ratio(model, ("stage1",)) == pytest.approx(3 * before, rel=1e-5)


def test_measuring_leaves_the_network_as_it_was():
    model = built("depth-8").eval()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    ratio(model)
    assert not model.training
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


def test_blocks_that_begin_as_their_shortcuts_add_nothing():
    assert ratio(built("zero-init")) == 0
    assert ratio(built("depth-14")) > 0.5


@pytest.mark.parametrize(("name", "depth"), [("depth-8", 8), ("depth-14", 14), ("depth-20", 20), ("zero-init", 14)])
def test_an_arm_has_the_layers_it_is_named_for(name, depth):
    layers = [each for each in built(name).modules() if isinstance(each, nn.Conv2d | nn.Linear)]
    assert len(layers) == depth
