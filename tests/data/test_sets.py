"""Sets of images: statistics, fingerprints, subsets."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from convwright.data import sets
from convwright.data.sets import ImageData, ImageSet, channel_statistics, sampled_statistics
from reference.small_sets import encoded, encoded_set


def images(number=6, channels=3, size=4):
    return torch.randint(0, 256, (number, channels, size, size), dtype=torch.uint8)


def image_set(number=6):
    return ImageSet(images=images(number), labels=torch.arange(number) % 2)


@given(st.integers(1, 5), st.integers(1, 4), st.integers(1, 6))
def test_statistics_are_those_of_the_pixels(number, channels, size):
    shown = images(number, channels, size)
    pixels = shown.double() / 255
    mean, std = channel_statistics(shown)
    torch.testing.assert_close(torch.tensor(mean).double(), pixels.mean((0, 2, 3)), atol=1e-6, rtol=0)
    torch.testing.assert_close(torch.tensor(std).double(), pixels.std((0, 2, 3), correction=0), atol=1e-6, rtol=0)


def test_a_fingerprint_sees_pixels_labels_and_order():
    original = image_set()
    brighter, relabeled = original.images.clone(), original.labels.clone()
    brighter[0, 0, 0, 0] ^= 1
    relabeled[0] = 1
    others = [
        ImageSet(images=brighter, labels=original.labels),
        ImageSet(images=original.images, labels=relabeled),
        original.subset(torch.tensor([1, 0, 2, 3, 4, 5])),
    ]
    assert len({each.fingerprint for each in (original, *others)}) == 4
    assert original.subset(torch.arange(6)).fingerprint == original.fingerprint


def test_data_says_what_it_is():
    parts = {"train": image_set(), "validation": image_set(2), "test": image_set(4)}
    data = ImageData(name="made", class_names=("cat", "dog"), mean=(0.5,) * 3, std=(0.2,) * 3, **parts)
    assert data.num_classes == 2
    assert data.image_shape == (3, 4, 4)
    assert data.to_dict()["num_images"] == {"train": 6, "validation": 2, "test": 4}
    swapped = {**parts, "validation": parts["test"], "test": parts["validation"]}
    other = ImageData(name="made", class_names=("cat", "dog"), mean=(0.5,) * 3, std=(0.2,) * 3, **swapped)
    assert other.fingerprint != data.fingerprint
    with pytest.raises(AttributeError):
        data.name = "other"


def test_encoded_images_are_measured_as_decoded_ones_and_many_by_some_of_them(monkeypatch):
    shown = images(10)
    files = encoded_set([encoded(image.numpy()) for image in shown], size=4)
    assert sampled_statistics(files) == channel_statistics(shown)
    monkeypatch.setattr(sets, "_MOST_MEASURED", 5)
    assert sampled_statistics(files) == channel_statistics(shown[::2])
