"""What training promises of every family of the zoo: frozen stages stand still to the last bit, the others learn."""

import pytest
import torch

from convwright.data.augment import Augmentation
from convwright.data.sets import ImageData, ImageSet
from convwright.models import build, families
from convwright.training import LayerGroup, train
from convwright.training.state import bytes_of
from reference.tiny_training import tiny_recipe


def small_data(size):
    images = torch.randint(0, 256, (8, 3, size, size), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    some = ImageSet(images=images, labels=torch.tensor([0, 0, 1, 0, 1, 0, 1, 0]))
    splits = {"train": some, "validation": some, "test": some}
    return ImageData(name="noise", class_names=("a", "b"), mean=(0.5,) * 3, std=(0.3,) * 3, **splits)


def layer_groups_of(model):
    """Stem and first half never learn, the second half begins in the middle, the head always does."""
    stages = [f"stages.{name}" for name, _ in model.stages.named_children()]
    half = len(stages) // 2
    return (
        LayerGroup(name="first", modules=("stem", *stages[:half]), starts=1.0),
        LayerGroup(name="second", modules=(*stages[half:], "final"), lr_factor=0.1, starts=0.5),
        LayerGroup(name="head", modules=("head",)),
    )


def bits(model):
    return {name: bytes(bytes_of(value)) for name, value in model.state_dict().items()}


@pytest.mark.parametrize("name", [next(iter(family.variants)) for family in families().values()])
@pytest.mark.parametrize("optimizer", ["sgd", "muon"])
def test_frozen_stages_are_the_same_to_the_last_bit_and_the_others_learn(name, optimizer):
    model = build(name, num_classes=2, width=0.25)
    groups, before, at_the_thaw = layer_groups_of(model), bits(model), {}
    recipe = tiny_recipe(optimizer, epochs=None, steps=2, augmentation=Augmentation(mixup=0.2))

    def watch(report):
        if getattr(report, "step", None) == 1:
            at_the_thaw.update(bits(model))

    train(model, small_data(32), recipe, device="cpu", layer_groups=groups, watch=watch)
    after = bits(model)
    moved = {name for name in before if after[name] != before[name]}
    moved_at_once = {name for name in before if at_the_thaw[name] != before[name]}
    assert not any(groups[0].holds(name) for name in moved)
    assert not any(groups[1].holds(name) for name in moved_at_once)
    assert {name for name, _ in model.named_parameters() if groups[2].holds(name)} <= moved_at_once
    assert any(groups[1].holds(name) for name in moved)
