"""Changes of images in batches, against torchvision's of one image."""

import pytest
import torch
import torchvision.transforms.functional as tv

from convwright.data import image_ops as ops

FACTORS = torch.tensor([0.0, 0.01, 0.4, 1.0, 1.5, 1.99])


def images(channels=3, size=(9, 12)):
    made = torch.randint(0, 256, (len(FACTORS), channels, *size), dtype=torch.uint8)
    made[1] = 77  # one color
    made[2] = made[2] // 4 + 50  # flat
    made[3, :, :, : size[1] // 2] = 0
    return made


def one_by_one(function, shown, *values):
    return torch.stack([function(image, *rest) for image, *rest in zip(shown, *values, strict=True)])


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (ops.brightness, tv.adjust_brightness),
        (ops.contrast, tv.adjust_contrast),
        (ops.saturation, tv.adjust_saturation),
        (ops.sharpness, tv.adjust_sharpness),
    ],
    ids=lambda function: function.__name__,
)
def test_factors(ours, theirs, channels):
    shown = images(channels)
    expected = one_by_one(theirs, shown, FACTORS.tolist())
    difference = (ours(shown, FACTORS).int() - expected.int()).abs()
    assert difference.max() <= 1  # where a sum of floats ends just above or below an integer
    assert (difference > 0).float().mean() < 0.01


@pytest.mark.parametrize("channels", [1, 3])
def test_whole_numbers_agree_exactly(channels):
    shown = images(channels)
    bits = torch.tensor([1, 2, 4, 6, 7, 8])
    assert torch.equal(ops.posterize(shown, bits), one_by_one(tv.posterize, shown, bits.tolist()))
    thresholds = torch.tensor([0.0, 8.5, 100.0, 127.5, 246.5, 255.0])
    assert torch.equal(ops.solarize(shown, thresholds), one_by_one(tv.solarize, shown, thresholds.tolist()))
    assert torch.equal(ops.equalize(shown), one_by_one(tv.equalize, shown))


def test_autocontrast():
    shown = images()
    difference = (ops.autocontrast(shown).int() - one_by_one(tv.autocontrast, shown).int()).abs()
    assert difference.max() <= 1
    assert (difference > 0).float().mean() < 0.01


def test_images_too_small_to_blur_stay():
    shown = images(size=(2, 9))
    assert torch.equal(ops.sharpness(shown, FACTORS), shown)


def test_a_matrix_says_where_a_pixel_comes_from():
    shown = images()
    same = torch.tensor([[1.0, 0, 0], [0, 1, 0]]).expand(len(shown), 2, 3)
    assert torch.equal(ops.affine(shown, same), shown)
    left = ops.affine(shown, same + torch.tensor([[0, 0, 2.0], [0, 0, 0]]))
    assert torch.equal(left[..., :-2], shown[..., 2:])
    assert (left[..., -2:] == 0).all()
    mirrored = ops.affine(shown, same * torch.tensor([[-1.0], [1.0]]))
    assert torch.equal(mirrored, shown.flip(3))


def test_picking_takes_pixels_by_number():
    shown = images(size=(2, 3))
    places = torch.tensor([[5, 4, 3], [2, 1, 0]]).expand(len(shown), 2, 3)
    assert torch.equal(ops.picked(shown, places), shown.flip(2, 3))


def test_nothing_is_changed_in_place():
    shown = images()
    before = shown.clone()
    for function in (ops.brightness, ops.contrast, ops.saturation, ops.sharpness):
        function(shown, FACTORS)
    ops.autocontrast(shown), ops.equalize(shown), ops.posterize(shown, FACTORS + 1), ops.solarize(shown, FACTORS)
    assert torch.equal(shown, before)
