"""Augmentation of batches, against what it does to one image at a time."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from convwright.data.augment import Augmentation, changed, cut_out, draw, mixed, mixed_targets, normalized
from convwright.errors import ConvwrightError


def random(seed=0):
    return torch.Generator().manual_seed(seed)


def images(number=40, channels=3, size=(8, 10)):
    return torch.randint(0, 256, (number, channels, *size), dtype=torch.uint8)


@given(st.integers(0, 7), st.booleans(), st.integers(1, 3), st.integers(0, 99))
def test_crops_and_flips_are_those_of_the_padded_image(padding, flip, channels, seed):
    shown = images(8, channels)
    augmentation = Augmentation(crop_padding=padding, flip=flip)
    draws = draw(augmentation, len(shown), random(seed))
    made = changed(shown, augmentation, draws)
    for index, image in enumerate(shown.numpy()):
        padded = np.pad(image, ((0, 0), (padding, padding), (padding, padding)), mode="reflect")
        y, x = (draws.uniform[index, :2] * (2 * padding + 1)).long().tolist()
        crop = padded[:, y : y + 8, x : x + 10]
        expected = crop[:, :, ::-1] if flip and draws.uniform[index, 2] < 0.5 else crop
        assert np.array_equal(made[index], expected)


def test_every_crop_and_both_flips_are_equally_likely():
    draws = draw(Augmentation(), 9000, random())
    position = Augmentation(crop_padding=1, flip=True)
    marked = torch.zeros(9000, 1, 7, 7, dtype=torch.uint8)
    marked[:, :, 3, 2] = 1
    places = changed(marked, position, draws).flatten(1).argmax(1)
    assert torch.bincount(places // 7).tolist() == pytest.approx([0, 0, 3000, 3000, 3000], rel=0.1)
    # Mirrored, column 2 is 4; each is moved by -1, 0 or 1.
    assert torch.bincount(places % 7).tolist() == pytest.approx([0, 1500, 1500, 3000, 1500, 1500], rel=0.1)


def test_more_padding_than_image_is_refused():
    with pytest.raises(ConvwrightError, match="crop_padding: expected below the size of the images, 8, got 8"):
        changed(images(), Augmentation(crop_padding=8), draw(Augmentation(), 40, random()))


@given(st.integers(1, 30), st.integers(0, 99))
def test_cutout_is_a_square_around_a_pixel(side, seed):
    augmentation = Augmentation(cutout=side)
    draws = draw(augmentation, 6, random(seed))
    made = cut_out(torch.ones(6, 2, 8, 10), augmentation, draws)
    for index in range(6):
        y, x = int(draws.uniform[index, 9] * 8), int(draws.uniform[index, 10] * 10)
        expected = torch.ones(8, 10)
        expected[max(y - side // 2, 0) : max(y - side // 2 + side, 0), max(x - side // 2, 0) : x - side // 2 + side] = 0
        assert torch.equal(made[index], expected.expand(2, 8, 10))


def test_color_jitter_is_torchvisions_three_in_a_row():
    import torchvision.transforms.functional as tv

    shown, augmentation = images(), Augmentation(color_jitter=0.4)
    draws = draw(augmentation, len(shown), random())
    made = changed(shown, augmentation, draws)
    for index, image in enumerate(shown):
        expected = image
        for column, function in enumerate((tv.adjust_brightness, tv.adjust_contrast, tv.adjust_saturation)):
            expected = function(expected, 0.6 + 0.8 * draws.uniform[index, 6 + column].item())
        assert (made[index].int() - expected.int()).abs().max() <= 2


def test_trivial_augment_draws_all_changes():
    shown, augmentation = images(400), Augmentation(trivial_augment=True)
    made = changed(shown, augmentation, draw(augmentation, 400, random()))
    assert made.shape == shown.shape
    assert 0.02 < (made == shown).flatten(1).all(1).float().mean() < 0.3  # one of 14, and the weakest of others


def test_normalizing_takes_mean_and_deviation_off():
    shown = images(4)
    mean, std = torch.tensor([0.1, 0.2, 0.3]), torch.tensor([0.5, 0.25, 2.0])
    expected = (shown.double() / 255 - mean[:, None, None]) / std[:, None, None]
    made = normalized(shown, mean.tolist(), std.tolist())
    torch.testing.assert_close(made.double(), expected, atol=1e-5, rtol=1e-5)
    last = normalized(shown, mean.tolist(), std.tolist(), dtype=torch.bfloat16, channels_last=True)
    assert last.is_contiguous(memory_format=torch.channels_last)
    assert torch.equal(last, made.bfloat16())


def test_mixup_mixes_images_and_targets_alike():
    augmentation = Augmentation(mixup=0.4)
    draws = draw(augmentation, 6, random())
    own, labels = torch.randn(6, 3, 8, 10), torch.arange(6)
    made, share = mixed(own, own[draws.partner], draws)
    assert 0 < share < 1
    torch.testing.assert_close(made, share * own + (1 - share) * own[draws.partner])
    targets = mixed_targets(labels, labels[draws.partner], share, 7)
    torch.testing.assert_close(targets.sum(1), torch.ones(6))
    for index in range(6):
        expected = torch.zeros(7)
        expected[index] += share
        expected[draws.partner[index]] += 1 - share
        torch.testing.assert_close(targets[index], expected)


@given(st.integers(0, 200))
def test_cutmix_pastes_a_box_and_counts_its_pixels(seed):
    draws = draw(Augmentation(cutmix=1.0), 4, random(seed))
    made, share = mixed(torch.zeros(4, 3, 8, 10), torch.ones(4, 3, 8, 10), draws)
    assert share == pytest.approx(1 - made[0, 0].mean().item())
    rows, columns = made[0, 0].amax(1), made[0, 0].amax(0)
    assert torch.equal(made, (rows[:, None] * columns).expand_as(made))
    assert (rows.diff() != 0).sum() <= 2
    assert 1 - share <= 1 - draws.share + 1e-6  # the border may cut the box off


def test_the_share_has_the_beta_distribution():
    shares = torch.tensor([draw(Augmentation(mixup=0.5), 1, random(seed)).share for seed in range(2000)])
    assert shares.mean().item() == pytest.approx(0.5, abs=0.03)
    assert shares.var().item() == pytest.approx(1 / 8, rel=0.1)  # ab / ((a + b)^2 (a + b + 1))


def test_with_both_each_batch_has_one():
    both = [draw(Augmentation(mixup=0.2, cutmix=1.0), 2, random(seed)).box is None for seed in range(400)]
    assert 0.4 < sum(both) / 400 < 0.6


def test_switching_one_on_leaves_the_numbers_of_the_others():
    first, second = (draw(Augmentation(**each), 5, random()) for each in ({}, {"mixup": 0.3, "flip": True}))
    assert torch.equal(first.uniform, second.uniform)
    assert torch.equal(first.partner, second.partner)
    assert first.share == 1.0
    rows = torch.tensor([3, 1])
    assert torch.equal(second.take(rows).uniform, second.uniform[[3, 1]])


def test_nothing_by_default():
    shown = images()
    draws = draw(Augmentation(), len(shown), random())
    assert changed(shown, Augmentation(), draws) is shown
    assert not Augmentation().mixes


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("crop_padding", -1),
        ("cutout", -2),
        ("mixup", -0.1),
        ("cutmix", -1.0),
        ("color_jitter", 1.1),
        ("random_resized_crop", 1.1),
    ],
)
def test_impossible_values_are_refused(field, value):
    with pytest.raises(ConvwrightError, match=field):
        replace(Augmentation(), **{field: value})
