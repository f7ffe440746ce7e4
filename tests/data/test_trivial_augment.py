"""TrivialAugment in batches, against torchvision's of one image."""

import pytest
import torch
from torchvision.transforms import InterpolationMode, TrivialAugmentWide
from torchvision.transforms.autoaugment import _apply_op

from convwright.data.trivial_augment import CHANGES, LEVELS, trivial_augment

THEIR_NAMES = {"saturation": "Color", "autocontrast": "AutoContrast"}
NUMBER = 2 * LEVELS


def their_name(name):
    return THEIR_NAMES.get(name) or "".join(word.title() for word in name.split("_"))


def images(size=(32, 32)):
    return torch.randint(0, 256, (NUMBER, 3, *size), dtype=torch.uint8)


def test_changes_and_strengths_are_torchvisions():
    theirs = TrivialAugmentWide()._augmentation_space(LEVELS)
    assert {their_name(name) for name in CHANGES} == set(theirs)
    for name, (_, strengths, is_signed) in CHANGES.items():
        magnitudes, signed = theirs[their_name(name)]
        assert signed == is_signed
        torch.testing.assert_close(strengths, magnitudes.float().expand(LEVELS))


@pytest.mark.parametrize(
    "size", [(32, 32), (20, 34)], ids=str
)  # of one parity: turned by 90 degrees, pixels meet pixels
@pytest.mark.parametrize("name", CHANGES)
def test_each_change_at_each_strength(name, size):
    shown = images(size)
    _, strengths, is_signed = CHANGES[name]
    level, negative = torch.arange(NUMBER) % LEVELS, torch.arange(NUMBER) >= LEVELS
    made = trivial_augment(shown, torch.full((NUMBER,), list(CHANGES).index(name)), level, negative)
    for index in range(NUMBER):
        strength = strengths[level[index]].item() * (-1 if is_signed and negative[index] else 1)
        expected = _apply_op(shown[index], their_name(name), strength, InterpolationMode.NEAREST, None)
        # Sums of floats differ in their last bits, so a pixel may come from a neighbor, or be one darker.
        assert ((made[index].int() - expected.int()).abs() > 1).float().mean() < 0.01


def test_each_image_gets_its_own_change():
    shown = images()
    change, level = torch.arange(NUMBER) % len(CHANGES), torch.arange(NUMBER) % LEVELS
    negative = torch.arange(NUMBER) % 3 == 0
    made = trivial_augment(shown, change, level, negative)
    for index in range(NUMBER):
        alone = slice(index, index + 1)
        assert torch.equal(made[alone], trivial_augment(shown[alone], change[alone], level[alone], negative[alone]))
    assert torch.equal(made[change == 0], shown[change == 0])
