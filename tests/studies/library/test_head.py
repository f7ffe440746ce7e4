"""What the study of heads claims of its arms."""

import torch
from torch import nn

from convwright.studies import study_named
from convwright.studies.library.head import POSITIONS

STUDY = study_named("head")


def built(name):
    return STUDY.arm(name).build(num_classes=10, in_channels=3, seed=0)


def num_parameters(module):
    return sum(each.numel() for each in module.parameters())


def test_the_fully_connected_head_holds_most_of_the_parameters():
    model = built("fc")
    assert num_parameters(model.head) > 0.85 * num_parameters(model)


def test_all_arms_have_the_same_convolutions():
    common = built("gap").stages.state_dict()
    for name in STUDY.arm_names:
        assert all(torch.equal(value, common[key]) for key, value in built(name).stages.state_dict().items())


def test_dropout_is_all_that_differs_between_the_fully_connected_heads():
    bare, dropped = built("fc").eval(), built("fc-dropout").eval()
    assert [each.p for each in dropped.modules() if isinstance(each, nn.Dropout)] == [0.5, 0.5]
    images = torch.rand(2, 3, 32, 32)
    assert torch.equal(bare(images), dropped(images))


def test_a_flat_head_could_do_what_global_average_pooling_does():
    pooled, flat, images = built("gap").eval(), built("flat").eval(), torch.rand(2, 3, 32, 32)
    with torch.no_grad():
        flat.head.linear.weight.copy_(pooled.head.linear.weight.repeat_interleave(POSITIONS, 1) / POSITIONS)
    assert torch.allclose(flat(images), pooled(images), atol=1e-6)


def test_there_is_no_augmentation():
    augmentation = STUDY.recipe.augmentation
    assert augmentation == type(augmentation)()
