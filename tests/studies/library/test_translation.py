"""What the study of translation claims of its arms, and its measure against shifting by hand."""

import numpy as np
import pytest
import torch
from torch import nn

from convwright.layers.pooling import BlurPool2d, MaxPool2d
from convwright.studies import study_named
from convwright.studies.library.translation import shift_consistency
from reference.tiny_training import tiny_data

STUDY = study_named("translation")


def built(name):
    return STUDY.arm(name).build(num_classes=10, in_channels=3, seed=0)


def classifier(seed=0):
    """Answers that depend on where in the image something is."""
    torch.manual_seed(seed)
    return nn.Sequential(nn.Flatten(), nn.Linear(3 * 8 * 8, 3)).eval()


def test_consistency_is_the_share_of_shifted_images_whose_class_stays():
    data, model, same, shifted = tiny_data(), classifier(), 0, 0
    mean, std = (np.array(values).reshape(-1, 1, 1) for values in (data.mean, data.std))
    for pixels in data.test.images.numpy():
        image = (pixels / 255 - mean) / std
        around = np.pad(image, ((0, 0), (4, 4), (4, 4)), mode="reflect")
        moved = [image]
        for pixel in (1, 2, 3, 4):
            moved += [around[:, 4 - pixel : 12 - pixel, 4:12], around[:, 4:12, 4 - pixel : 12 - pixel]]
        with torch.no_grad():
            first, *others = model(torch.tensor(np.stack(moved), dtype=torch.float32)).argmax(1).tolist()
        same, shifted = same + others.count(first), shifted + len(others)
    with torch.no_grad():
        assert shift_consistency(model, data) == same / shifted
    assert 0.1 < same / shifted < 0.95


def test_what_always_says_the_same_is_consistent():
    always_the_first = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, 3))
    nn.init.zeros_(always_the_first[2].weight)
    with torch.no_grad():
        assert shift_consistency(always_the_first.eval(), tiny_data()) == 1


@pytest.mark.parametrize("name", STUDY.arm_names)
def test_all_arms_halve_three_times_with_the_same_convolutions(name):
    model, maximum = built(name), built("max")
    maps = built(name).forward_stages(torch.rand(2, 3, 32, 32))
    assert [tuple(each.shape[2:]) for each in maps.values()] == [(16, 16), (8, 8), (4, 4)]
    assert model.state_dict().keys() == maximum.state_dict().keys()
    assert all(torch.equal(value, maximum.state_dict()[key]) for key, value in model.state_dict().items())


def test_pools_are_what_the_arms_are_named_for():
    assert [type(stage.pool) for stage in built("blur").stages] == [BlurPool2d] * 3
    for stage in built("max-blur").stages:
        assert [type(each) for each in stage.pool] == [MaxPool2d, BlurPool2d]
        assert stage.pool[0].stride == 1
    assert [stage.conv.stride for stage in built("strided").stages] == [(2, 2)] * 3


def test_shifts_are_not_learned():
    assert STUDY.recipe.augmentation.crop_padding == 0
