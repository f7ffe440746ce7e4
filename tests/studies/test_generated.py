"""That a generated task takes what it is said to take, by looking through every window."""

import pytest
import torch
import torch.nn.functional as F

from convwright.studies.generated import DISTANCE_PX, MARGIN_PX, paired_marks

BRIGHT, DARK, GRAY, BEYOND = 255, 1, 128, 77


@pytest.fixture(scope="module")
def data():
    return paired_marks()


def windows(images, size):
    """Every window of `size` px around every pixel: (N, size * size, places)."""
    around = F.pad(images.float(), (size // 2,) * 4, value=BEYOND)
    return F.unfold(around, size)


def test_it_is_always_the_same(data):
    assert paired_marks().fingerprint == data.fingerprint


@pytest.mark.parametrize("part", ["train", "validation", "test"])
def test_every_image_has_two_bright_and_two_dark_pixels_far_from_the_border(data, part):
    images = getattr(data, part)
    flat = images.images.flatten(1)
    assert ((flat == BRIGHT).sum(1) == 2).all()
    assert ((flat == DARK).sum(1) == 2).all()
    assert ((flat == GRAY).sum(1) == flat.shape[1] - 4).all()
    inside = images.images[..., MARGIN_PX:-MARGIN_PX, MARGIN_PX:-MARGIN_PX]
    assert ((inside != GRAY).sum((1, 2, 3)) == 4).all()
    assert images.labels.float().mean() == 0.5


@pytest.mark.parametrize("size", [1, 3, 5, 7, 9])
def test_all_images_consist_of_the_same_small_windows(data, size):
    assert size <= MARGIN_PX + 1
    names = torch.rand(size * size, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    bags = torch.einsum("nwp,w->np", windows(data.test.images[:50], size).double(), names).sort(1).values
    assert (bags - bags[0]).abs().max() < 1e-6
    assert not torch.equal(data.test.images[0], data.test.images[1])


def test_one_window_that_is_large_enough_has_the_answer(data):
    size = DISTANCE_PX + 1
    images, labels = data.test.images[:200], data.test.labels[:200]
    seen = windows(images, size).unflatten(1, (size, size))
    left, right = seen[:, size // 2, 0], seen[:, size // 2, -1]
    is_alike = ((left == right) & (left != GRAY) & (left != BEYOND)).any(1)
    assert torch.equal(is_alike, labels == 0)
